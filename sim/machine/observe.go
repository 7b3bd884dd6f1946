package machine

import (
	"context"

	"rnnsim/sim/isa"
)

// WordResult is what one instruction wrote, on one lane.
type WordResult struct {
	Segment     string // "init", "loop", "end"; with the cell's index where there are several
	Cell        int
	Word        int // in the segment
	Step        int // in execution order; the number of steps for end, which belongs to none
	Sequence    int // -1 for a lane that is idle
	Lane        int
	Instruction isa.Instruction
	// Computes is the node that the word computes, as listings have it: "y_g [0:100]"; empty where it is none.
	Computes string
	// Place and First are the bank and the first value's index in it. Values is what was written there; for MMUL with two rows a
	// bank, the first bank's values, then the second's. SAVE, which writes to memory, gives what it read.
	Place  isa.Place
	First  int
	Values []int16
}

// observed is body with somebody looking on.
func (r *round) observed(ctx context.Context, ops []operation, segment *isa.Segment, cell, step int) error {
	r.recorder.begin(cell, segment)
	labels := r.labels(cell, segment)
	for n, op := range ops {
		if n%wordsBetweenLooks == wordsBetweenLooks-1 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if op == nil {
			continue
		}
		r.recorder.take(n, true, r.state)
		op.execute(r.state)
		r.recorder.take(n, false, r.state)
		if r.options.Results == nil || r.again {
			continue
		}
		for lane := range r.Lanes() {
			result := &WordResult{Segment: segment.Name, Cell: cell, Word: n, Step: step, Sequence: -1, Lane: lane, Instruction: segment.Words[n], Computes: labels[n]}
			if lane < len(r.sequences) {
				result.Sequence = r.first + lane
			}
			if !r.written(op, result) {
				continue
			}
			if err := r.options.Results(result); err != nil {
				return err
			}
		}
	}
	return r.recorder.complete(cell, step)
}

// labels say what the words of a segment compute.
func (m *Machine) labels(cell int, segment *isa.Segment) map[int]string {
	switch segment {
	case &m.program.cells[cell].init:
		return m.probes[cell].labels[0]
	case &m.program.cells[cell].loop:
		return m.probes[cell].labels[1]
	}
	return nil
}

// written fills in what an operation wrote on a lane. It is false where it wrote nothing there.
func (r *round) written(op operation, w *WordResult) bool {
	elementwise := func(at, n int) bool {
		w.Place, w.First = isa.Place{Kind: isa.ElementwiseBank, Lane: w.Lane, Index: at / r.chip.elementwise}, at%r.chip.elementwise
		w.Values = append(w.Values, r.chip.lanes[w.Lane].elementwise[at:at+n]...)
		return true
	}
	moved := func(p isa.Place, from, to int) bool {
		w.Place, w.First = p, from
		// What goes to the weight banks belongs to all lanes; it is told once.
		if p.Lane != w.Lane {
			return false
		}
		w.Values = append(w.Values, r.chip.bank(p)[from:to]...)
		return true
	}
	switch op := op.(type) {
	case *load:
		return moved(op.place, op.from, op.to)
	case *save:
		return moved(op.place, op.from, op.to)
	case *product:
		for _, at := range op.results {
			elementwise(at, isa.WeightBanks)
		}
		w.Place.Index -= len(op.results) - 1
		return true
	case *sum:
		return elementwise(op.result, op.n)
	case *lookup:
		return elementwise(op.result, op.n)
	case *multiplication:
		return elementwise(op.result, op.n)
	}
	return false
}
