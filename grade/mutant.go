package grade

import (
	"context"
	"errors"
	"slices"

	"rnnsim/dump"
	"rnnsim/fault"
)

// place is where a fault shows first.
type place struct{ sequence, cell, step, node, index int }

// mutant is the datapath with a fault on its way through stimuli.
type mutant struct {
	fault   *fault.Fault
	path    *fault.Datapath
	carries bool
	// locals compute, a cell, the nodes that the fault alters from what the sound datapath has for their operands. Where none of them
	// differs in a sequence nothing does, and no run is needed.
	locals []*fault.Follower
	// runner runs freely, as the device would.
	runner *fault.Runner
	// atNode and atOutput are where the fault was noticed first; nil is not yet.
	atNode, atOutput *place
}

func newMutant(base *fault.Base, f *fault.Fault) *mutant {
	m := &mutant{fault: f, path: base.With(f)}
	m.carries = m.path.Carries()
	for cell := range base.Cells() {
		var local *fault.Follower
		if slices.Contains(m.path.Touches(cell), true) {
			local = m.path.Follow(cell, false)
		}
		m.locals = append(m.locals, local)
	}
	return m
}

// noticed says that nothing is left to be seen of the fault.
func (m *mutant) noticed() bool { return m.atNode != nil && m.atOutput != nil }

// errNoticed ends a run that has nothing more to show.
var errNoticed = errors.New("noticed")

// take runs the mutant on the next sequence.
func (m *mutant) take(ctx context.Context, r *recorded, header *dump.Header) error {
	if m.noticed() || !m.carries && !m.shows(r, header) {
		return nil
	}
	if m.runner == nil {
		m.runner = m.path.Runner()
	}
	last := header.Cells[len(header.Cells)-1].Layer
	err := m.runner.Sequence(ctx, r.number, r.sequence, func(f *dump.Frame) error {
		sound := r.values[f.Cell][f.Step]
		if m.atNode == nil {
			for node, values := range f.Fixed {
				if i := firstDifference(values, sound[node]); i >= 0 {
					m.atNode = &place{r.number, f.Cell, f.Step, node, i}
					break
				}
			}
		}
		if h := m.path.Output(f.Cell); header.Cells[f.Cell].Layer == last {
			if i := firstDifference(f.Fixed[h], sound[h]); i >= 0 {
				m.atOutput = &place{r.number, f.Cell, f.Step, h, i}
				return errNoticed
			}
		}
		return nil
	})
	if errors.Is(err, errNoticed) {
		return nil
	}
	return err
}

// shows says whether a node that the fault alters differs from the sound one's, given the sound one's operands.
func (m *mutant) shows(r *recorded, header *dump.Header) bool {
	for cell, local := range m.locals {
		if local == nil {
			continue
		}
		found := false
		local.Begin(fault.Initial{})
		for step, sound := range r.values[cell] {
			time := fault.TimeOf(step, len(r.values[cell]), header.Cells[cell].Backward)
			local.Frame(r.entries[cell][time], sound, func(node int, computed []int16) {
				found = found || !slices.Equal(computed, sound[node])
			})
			if found {
				return true
			}
		}
	}
	return false
}

func firstDifference(a, b []int16) int {
	for i, v := range a {
		if v != b[i] {
			return i
		}
	}
	return -1
}
