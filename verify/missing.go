package verify

import (
	"cmp"
	"fmt"
	"slices"
)

const maxRanges = 32

// missingFrames collects the frames that only one side has, in whatever order they come: it counts all of them, and keeps the first by
// cell, sequence and step.
type missingFrames struct {
	frames int64
	kept   []missingSequence // at most maxRanges, ascending
}

type missingSequence struct {
	pair, sequence int
	steps          []stepRange // ascending, with gaps between them
}

type stepRange struct{ first, last int }

// add notes a frame. One that is known already is an error: the trace has it twice.
func (m *missingFrames) add(key frameKey) error {
	place := missingSequence{pair: key.pair, sequence: key.sequence}
	at, found := slices.BinarySearchFunc(m.kept, place, func(a, b missingSequence) int {
		return cmp.Or(cmp.Compare(a.pair, b.pair), cmp.Compare(a.sequence, b.sequence))
	})
	m.frames++
	switch {
	case found:
		if !m.kept[at].add(key.step) {
			return fmt.Errorf("sequence %d, step %d comes twice in one trace", key.sequence, key.step)
		}
	case at < maxRanges:
		place.add(key.step)
		m.kept = slices.Insert(m.kept, at, place)
		m.kept = m.kept[:min(len(m.kept), maxRanges)]
	}
	return nil
}

// add notes a step, and says whether it was new.
func (s *missingSequence) add(step int) bool {
	at, _ := slices.BinarySearchFunc(s.steps, step, func(r stepRange, step int) int { return cmp.Compare(r.last, step) })
	if at < len(s.steps) && s.steps[at].first <= step {
		return false
	}
	before, after := at > 0 && s.steps[at-1].last == step-1, at < len(s.steps) && s.steps[at].first == step+1
	switch {
	case before && after:
		s.steps[at-1].last = s.steps[at].last
		s.steps = slices.Delete(s.steps, at, at+1)
	case before:
		s.steps[at-1].last = step
	case after:
		s.steps[at].first = step
	case at < 2*maxRanges: // more are kept than are told, so that gaps can still close
		s.steps = slices.Insert(s.steps, at, stepRange{step, step})
		s.steps = s.steps[:min(len(s.steps), 2*maxRanges)]
	}
	return true
}

// tell adds what was collected to what is missing.
func (m *missingFrames) tell(p *pairing, into *Missing) {
	into.Frames = m.frames
	for _, s := range m.kept {
		for _, r := range s.steps {
			if len(into.Ranges) < maxRanges {
				into.Ranges = append(into.Ranges, FrameRange{Graph: p.cells[s.pair].cell.Graph, Sequence: s.sequence, First: r.first, Last: r.last})
			}
		}
	}
}
