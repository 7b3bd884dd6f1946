package sim

// cellRunner runs one cell over consecutive steps of some sequences. It is the place of a faster implementation: whatever
// stands here gives the same integers as the nodes one by one.
type cellRunner interface {
	run(stretches []stretch, threads int) error
}

// stretch is consecutive steps of one sequence in one cell.
type stretch struct {
	x      []int16   // [steps, input], on the grid of input_0, in the order of execution
	output []int16   // takes [steps, hidden], on the grid of the cell's output
	state  [][]int16 // h, and c where the cell has one, on the grids of input_1 and input_2; replaced by those after the steps
}

// nodeRunner runs a cell node by node. It runs any graph, and it is the one that can show every node.
type nodeRunner struct {
	program *program
	values  []int16
	clamped []int32   // a node, in the step that was run last
	carried [][]int16 // the next states, until all of them are known
}

func newNodeRunner(p *program) *nodeRunner {
	r := &nodeRunner{program: p, values: append([]int16(nil), p.frame...), clamped: make([]int32, len(p.cell.nodes))}
	for _, state := range p.cell.states {
		r.carried = append(r.carried, make([]int16, state.width))
	}
	return r
}

// run runs one stretch after another: what is worth sharing among threads is not run here.
func (r *nodeRunner) run(stretches []stretch, _ int) error {
	for _, s := range stretches {
		r.steps(s, func(int) {}, func() {})
	}
	return nil
}

// record is run for one stretch, and gives each frame to a block. The counts of values that were clamped on their way into
// the cell come from outside: of x a step, and of the states before the first step. The latter are replaced by those after
// the last.
func (r *nodeRunner) record(s stretch, x, states []int32, b *block) {
	for i, state := range r.program.states {
		r.clamped[state] = states[i]
	}
	r.steps(s, func(step int) { r.clamped[r.program.input] = x[step] }, func() { b.add(r) })
	for i, state := range r.program.states {
		states[i] = r.clamped[state]
	}
}

func (r *nodeRunner) steps(s stretch, before func(step int), after func()) {
	p := r.program
	input, hidden := r.valuesOf(p.input), r.valuesOf(p.output)
	for i, state := range p.states {
		copy(r.valuesOf(state), s.state[i])
	}
	for step := 0; step*len(input) < len(s.x); step++ {
		copy(input, s.x[step*len(input):])
		before(step)
		for i, o := range p.operators {
			if o != nil {
				r.clamped[i] = o.compute(r.values)
			}
		}
		copy(s.output[step*len(hidden):], hidden)
		after()
		r.carry()
	}
	for i, state := range p.states {
		copy(s.state[i], r.valuesOf(state))
	}
}

// carry moves the next states to the inputs of the following step. A state may become another's next one, so none is
// overwritten before all are read.
func (r *nodeRunner) carry() {
	for i, state := range r.program.states {
		clamped := int32(0)
		for j, v := range r.valuesOf(r.program.nextStates[i]) {
			q, over := r.program.carry[i].apply(int64(v))
			r.carried[i][j] = q
			clamped += over
		}
		r.clamped[state] = clamped
	}
	for i, state := range r.program.states {
		copy(r.valuesOf(state), r.carried[i])
	}
}

// valuesOf gives the values of the node at an index.
func (r *nodeRunner) valuesOf(node int) []int16 { return r.program.spans[node].of(r.values) }
