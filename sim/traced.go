package sim

import "rnnsim/sim/kernel"

// tracedRunner shows the nodes of a cell that the kernels run. The kernels give the nodes that they compute; what they do not
// show (the inputs, the 8-bit matmul inputs, how many values were clamped) is found from those.
type tracedRunner struct {
	nodeRunner
	fused  *fusedCell
	layout kernel.Layout
	// places are where the nodes lie in a row of the trace; -1 for those that it does not have.
	places []int
	ends   []ends // a node
	trace  []int16
}

func newTracedRunner(p *program) *tracedRunner {
	r := &tracedRunner{nodeRunner: *newNodeRunner(p), fused: p.fused, layout: p.fused.cell.Trace()}
	next := 0
	for i, n := range p.cell.nodes {
		place := -1
		if n.kind != kindData && n.kind != kindFix {
			place = next * r.layout.Stride
			next++
		}
		r.places, r.ends = append(r.places, place), append(r.ends, ends{})
		if o := p.operators[i]; o != nil {
			r.ends[i] = o.ends()
		}
	}
	return r
}

func (r *tracedRunner) record(s stretch, x, states []int32, b *block) error {
	r.load(s)
	r.countStates(states)
	steps := r.stepsOf(s)
	r.trace = grow(r.trace, steps*r.layout.Row)
	if err := r.fused.trace(s, r.trace); err != nil {
		return err
	}
	for step := range steps {
		r.enter(s, step)
		r.clamped[r.program.input] = x[step]
		r.take(r.trace[step*r.layout.Row:][:r.layout.Row])
		b.add(&r.nodeRunner)
		r.carry()
	}
	r.tellStates(states)
	return nil
}

// take fills the frame from a row of the trace.
func (r *tracedRunner) take(row []int16) {
	for i, o := range r.program.operators {
		values := r.valuesOf(i)
		switch place := r.places[i]; {
		case o == nil:
		case place < 0:
			r.clamped[i] = compute(o, r.values, values)
		default:
			copy(values, row[place:])
			r.clamped[i] = recount(o, &r.ends[i], r.values, values)
		}
	}
}
