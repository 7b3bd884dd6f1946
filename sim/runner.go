package sim

// cellRunner runs one cell over consecutive steps of some sequences. It is the place of a faster implementation: whatever
// stands here gives the same integers as the nodes one by one.
type cellRunner interface {
	run(stretches []stretch, threads int) error
}

// frameRunner runs one cell over consecutive steps of one sequence and gives each frame to a block. The counts of values that
// were clamped on their way into the cell come from outside: of x a step, and of the states before the first step. The latter
// are replaced by those after the last.
type frameRunner interface {
	record(s stretch, x, states []int32, b *block) error
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
		r.load(s)
		for step := range r.stepsOf(s) {
			r.enter(s, step)
			r.compute()
			r.leave(s, step)
			r.carry()
		}
		r.store(s)
	}
	return nil
}

func (r *nodeRunner) record(s stretch, x, states []int32, b *block) error {
	r.load(s)
	r.countStates(states)
	b.room(r.program.spans, r.stepsOf(s))
	for step := range r.stepsOf(s) {
		r.enter(s, step)
		r.clamped[r.program.input] = x[step]
		r.compute()
		r.leave(s, step)
		b.add(r)
		r.carry()
	}
	r.store(s)
	r.tellStates(states)
	return nil
}

func (r *nodeRunner) stepsOf(s stretch) int { return len(s.x) / r.program.cell.input.width }

func (r *nodeRunner) enter(s stretch, step int) {
	input := r.valuesOf(r.program.input)
	copy(input, s.x[step*len(input):])
}

func (r *nodeRunner) leave(s stretch, step int) {
	hidden := r.valuesOf(r.program.output)
	copy(s.output[step*len(hidden):], hidden)
}

func (r *nodeRunner) compute() {
	for i, o := range r.program.operators {
		if o != nil {
			r.clamped[i] = compute(o, r.values, r.valuesOf(i))
		}
	}
}

func (r *nodeRunner) load(s stretch) {
	for i, state := range r.program.states {
		copy(r.valuesOf(state), s.state[i])
	}
}

func (r *nodeRunner) store(s stretch) {
	for i, state := range r.program.states {
		copy(s.state[i], r.valuesOf(state))
	}
}

func (r *nodeRunner) countStates(counts []int32) {
	for i, state := range r.program.states {
		r.clamped[state] = counts[i]
	}
}

func (r *nodeRunner) tellStates(counts []int32) {
	for i, state := range r.program.states {
		counts[i] = r.clamped[state]
	}
}

// carry moves the next states to the inputs of the following step. A state may become another's next one, so none is
// overwritten before all are read.
func (r *nodeRunner) carry() {
	for i, state := range r.program.states {
		if r.program.carry[i].keeps() {
			copy(r.carried[i], r.valuesOf(r.program.nextStates[i]))
			r.clamped[state] = 0
			continue
		}
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
