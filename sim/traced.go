package sim

import (
	"math"

	"rnnsim/sim/kernel"
)

// tracedRunner shows the nodes of a cell that the kernels run. The kernels give the nodes that they compute; what they do not
// show (the inputs, the 8-bit matmul inputs, how many values were clamped) is found from those.
//
// A value that was clamped is near an end of the range, and most rows of a trace have none there. So one look at the largest
// magnitude of many nodes at once tells that nothing was clamped; only where it does not are values looked at one by one.
type tracedRunner struct {
	nodeRunner
	fused  *fusedCell
	layout kernel.Layout
	nodes  []tracedNode
	groups []tracedGroup
	shown  []int // the nodes that lie in a row of the trace
	// magnitude is the largest |value| of a row.
	magnitude func([]int16) int
}

// tracedNode is a node of a traced cell.
type tracedNode struct {
	place int // where it lies in a row of the trace; -1 where it does not
	ends  ends
	least int  // the smallest magnitude of a clamped value; math.MaxInt where none can be clamped
	twin  int  // an earlier node that is the same, or -1: the linears of all gates cut one input alike
	near  bool // values of its group are so large that some may have been clamped in this step
}

// tracedGroup is nodes that lie side by side in a row of the trace, and of which a value can be clamped.
type tracedGroup struct {
	from, to int // in the row
	nodes    []int
	least    int
}

func newTracedRunner(p *program) *tracedRunner {
	r := &tracedRunner{nodeRunner: *newNodeRunner(p), fused: p.fused, layout: p.fused.cell.Trace(), magnitude: kernel.Magnitude()}
	next := 0
	for i, n := range p.cell.nodes {
		t := tracedNode{place: -1, twin: -1, least: math.MaxInt}
		if n.kind != kindData && n.kind != kindFix {
			t.place = next * r.layout.Stride
			next++
		}
		if o := p.operators[i]; o != nil {
			t.ends, t.twin = o.ends(), p.twin(i)
			if table, isTable := o.(*tableOperator); !isTable || !table.keeps() {
				t.least = t.ends.least()
			}
		}
		r.nodes = append(r.nodes, t)
		if t.place >= 0 {
			r.shown = append(r.shown, i)
		}
		if t.place >= 0 && t.least < math.MaxInt {
			r.join(i)
		}
	}
	return r
}

// join puts a node into the last group, or, where it does not lie beside that, into a new one.
func (r *tracedRunner) join(i int) {
	n := r.nodes[i]
	if len(r.groups) == 0 || r.groups[len(r.groups)-1].to != n.place {
		r.groups = append(r.groups, tracedGroup{from: n.place, least: math.MaxInt})
	}
	g := &r.groups[len(r.groups)-1]
	g.to, g.nodes, g.least = n.place+r.layout.Stride, append(g.nodes, i), min(g.least, n.least)
}

// twin finds an earlier node that cuts the same values to the same grid; -1 for none.
func (p *program) twin(i int) int {
	cut, isCut := p.operators[i].(*rescaleOperator)
	for j := range i {
		if earlier, same := p.operators[j].(*rescaleOperator); isCut && same && *earlier == *cut && p.widthOf(i) == p.widthOf(j) {
			return j
		}
	}
	return -1
}

func (p *program) widthOf(node int) int { return p.spans[node].to - p.spans[node].from }

func (r *tracedRunner) record(s stretch, x, states []int32, b *block) error {
	r.load(s)
	r.countStates(states)
	steps := r.stepsOf(s)
	trace := b.traced(r.placesOf(b.recorded), r.layout.Row, steps)
	b.room(r.program.spans, steps)
	if err := r.fused.trace(s, trace); err != nil {
		return err
	}
	for step := range steps {
		r.enter(s, step)
		r.clamped[r.program.input] = x[step]
		r.take(trace[step*r.layout.Row:][:r.layout.Row])
		b.add(&r.nodeRunner)
		r.carry()
	}
	r.tellStates(states)
	return nil
}

// placesOf gives the places of recorded nodes in a row of the trace.
func (r *tracedRunner) placesOf(recorded []int) []int {
	places := make([]int, len(recorded))
	for i, node := range recorded {
		places[i] = r.nodes[node].place
	}
	return places
}

// take makes what a row of the trace does not show. Most of the row stays where it lies.
func (r *tracedRunner) take(row []int16) {
	anyNear := false
	for _, g := range r.groups {
		near := r.magnitude(row[g.from:g.to]) >= g.least
		anyNear = anyNear || near
		for _, i := range g.nodes {
			r.nodes[i].near = near
		}
	}
	read := r.program.nextStates
	if anyNear { // a value is judged by what it was computed from
		read = r.shown
	}
	for _, i := range read {
		if place := r.nodes[i].place; place >= 0 {
			copy(r.valuesOf(i), row[place:])
		}
	}
	for i, o := range r.program.operators {
		if o == nil {
			continue
		}
		n := &r.nodes[i]
		switch {
		case n.twin >= 0:
			copy(r.valuesOf(i), r.valuesOf(n.twin))
			r.clamped[i] = r.clamped[n.twin]
		case n.place < 0:
			r.clamped[i] = compute(o, r.values, r.valuesOf(i))
		default:
			r.clamped[i] = 0
			// The routine takes whole registers, so the padding is looked at too: at worst for nothing.
			if n.near && r.magnitude(row[n.place:][:r.layout.Stride]) >= n.least {
				r.clamped[i] = recount(o, &n.ends, r.values, r.valuesOf(i))
			}
		}
	}
}
