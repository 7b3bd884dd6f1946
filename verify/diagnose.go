package verify

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"rnnsim/dump"
	"rnnsim/fault"
	"rnnsim/xmodel"
)

// DiagnoseOptions says what is known about the run that is diagnosed.
type DiagnoseOptions struct {
	Compat xmodel.Compat
	// Stimulus holds the sequences that the device was given, by the trace's sequence numbers. Without it, what becomes of x on entry
	// cannot be judged, and the states before a sequence are taken to be zero.
	Stimulus []dump.Sequence
	// Threads is how many faults are tried at a time; 0 is one a processor.
	Threads int
	// Progress is called now and then with the number of faults tried.
	Progress func(done, total int)
}

// Diagnosis says what is wrong with a device, as far as its trace tells.
type Diagnosis struct {
	Outcome Outcome `json:"outcome"`
	// Judged counts the values that could be computed from recorded ones, and Wrong those that are not what follows.
	Judged    int64 `json:"judged"`
	Wrong     int64 `json:"wrong"`
	Frames    int64 `json:"frames"`
	Sequences int   `json:"sequences"`
	// Nodes are those with wrong values, in the order of execution, and First is the first wrong value.
	Nodes []WrongNode `json:"nodes,omitempty"`
	First *Address    `json:"first,omitempty"`
	// Cause is the fault, or the pair of faults, under which all values agree; the plainest where there are several. Same are the
	// others, which these stimuli cannot tell from it.
	Cause *Cause  `json:"cause,omitempty"`
	Same  []Cause `json:"same,omitempty"`
	// Partial are the faults that explain the most where none explains all.
	Partial []Cause  `json:"partial,omitempty"`
	Tried   int      `json:"tried"` // faults and pairs of faults
	Notes   []string `json:"notes,omitempty"`
}

// Outcome is what a diagnosis came to.
type Outcome string

// The outcomes.
const (
	NothingWrong  Outcome = "nothing wrong"
	Explained     Outcome = "explained"
	NotExplained  Outcome = "not explained"
	NothingJudged Outcome = "nothing judged"
)

// Verdict is Pass where nothing is wrong, Fail where something is, explained or not, and Nothing where no value could be judged.
func (d *Diagnosis) Verdict() Verdict {
	switch d.Outcome {
	case NothingWrong:
		return Pass
	case NothingJudged:
		return Nothing
	}
	return Fail
}

// WrongNode is a node with values that do not follow from what was recorded for the nodes that it reads.
type WrongNode struct {
	Graph  string `json:"graph"`
	Layer  int    `json:"layer"`
	Back   bool   `json:"backward"`
	Node   string `json:"node"`
	Label  string `json:"label"`
	Judged int64  `json:"judged"`
	Wrong  int64  `json:"wrong"`
	Units  int    `json:"units"` // how many of its places are ever wrong
	Width  int    `json:"width"`

	cell, place int
	wrongUnits  []bool
}

// Cause is a fault, or a pair of them.
type Cause struct {
	Faults []string `json:"faults"` // ids of the catalogue
	Text   string   `json:"text"`   // a sentence
	// Explains is how many of the wrong values agree under it; Leaves how many values differ under it, be they wrong without it
	// or not.
	Explains int64 `json:"explains"`
	Leaves   int64 `json:"leaves"`
	// Touches is the number of nodes that it alters.
	Touches int `json:"touches"`

	order  []int // places in the catalogue
	faults []*fault.Fault
}

// Diagnose finds out which fault of the catalogue a device has, from its trace. Each node is computed from what the trace recorded
// for the nodes that it reads, also those of earlier steps, so that an error shows where it arises; the faults that touch the wrong
// nodes are tried, alone and then in pairs. open is called a few times. Memory is that of a sample of the sequences, and of
// the outputs of each layer that another one reads.
func Diagnose(ctx context.Context, open func() (dump.Source, error), model *xmodel.Model, options DiagnoseOptions) (*Diagnosis, error) {
	d, err := newDiagnoser(open, model, options)
	if err != nil {
		return nil, fmt.Errorf("diagnose a trace: %w", err)
	}
	if err := d.run(ctx); err != nil {
		return nil, fmt.Errorf("diagnose a trace: %w", err)
	}
	return &d.result, nil
}

// diagnoser is the state of one Diagnose.
type diagnoser struct {
	options DiagnoseOptions
	base    *fault.Base
	record  *record
	result  Diagnosis
	// nodes counts, a cell and a node, over the whole trace and without a fault.
	nodes  [][]WrongNode
	sample []*excerpt
	tried  int
}

func newDiagnoser(open func() (dump.Source, error), model *xmodel.Model, options DiagnoseOptions) (*diagnoser, error) {
	base, err := fault.New(model, options.Compat)
	if err != nil {
		return nil, err
	}
	d := &diagnoser{options: options, base: base, record: &record{open: open, base: base, header: base.Header(), stimulus: options.Stimulus}}
	for i, cell := range d.record.header.Cells {
		nodes := make([]WrongNode, len(cell.Nodes))
		for j, n := range cell.Nodes {
			nodes[j] = WrongNode{
				Graph: cell.Graph, Layer: cell.Layer, Back: cell.Backward, Node: n.Name, Label: n.Label, Width: n.Width,
				cell: i, place: j, wrongUnits: make([]bool, n.Width),
			}
		}
		d.nodes = append(d.nodes, nodes)
	}
	return d, nil
}

func (d *diagnoser) run(ctx context.Context) error {
	if err := d.record.survey(ctx); err != nil {
		return err
	}
	if err := d.localize(ctx); err != nil {
		return err
	}
	r := &d.result
	r.Notes = append(r.Notes, d.record.notes...)
	switch {
	case r.Judged == 0:
		r.Outcome = NothingJudged
		return nil
	case r.Wrong == 0:
		r.Outcome = NothingWrong
		return nil
	}
	found, err := d.search(ctx)
	if err != nil {
		return err
	}
	r.Tried = d.tried
	var partial []Cause
	for _, c := range found {
		if c.Leaves == 0 {
			r.Same = append(r.Same, c)
		} else if c.Explains > 0 && c.Explains*worthTelling >= r.Wrong && !idle(c, found) {
			partial = append(partial, c)
		}
	}
	slices.SortStableFunc(r.Same, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(len(a.Faults), len(b.Faults)), cmp.Compare(a.Touches, b.Touches), slices.Compare(a.order, b.order))
	})
	if len(r.Same) > 0 {
		r.Outcome, r.Cause, r.Same = Explained, &r.Same[0], r.Same[1:]
		return nil
	}
	slices.SortStableFunc(partial, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(a.Leaves, b.Leaves), cmp.Compare(len(a.Faults), len(b.Faults)), cmp.Compare(a.Touches, b.Touches), slices.Compare(a.order, b.order))
	})
	r.Outcome, r.Partial = NotExplained, partial[:min(len(partial), maxPartial)]
	return nil
}

// idle says that one of a pair explains by itself as much as the two.
func idle(pair Cause, found []Cause) bool {
	return len(pair.Faults) > 1 && slices.ContainsFunc(found, func(c Cause) bool {
		return len(c.Faults) == 1 && c.Leaves <= pair.Leaves && slices.Contains(pair.Faults, c.Faults[0])
	})
}

// worthTelling is the part of the wrong values, one in so many, that a fault must explain to be told of.
const worthTelling = 50

// maxPartial is how many faults are told that explain a part.
const maxPartial = 8
