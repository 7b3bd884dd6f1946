package sim

import "rnnsim/dump"

// cellRunner runs one cell over consecutive steps of one sequence. It is the place of a faster implementation: whatever
// stands here gives the same integers as the nodes one by one.
type cellRunner interface {
	// reset puts the cell into a state, on the grids of its input_1 and input_2; nil is zero.
	reset(initial dump.State)
	// run advances the cell over the rows of x, [steps, input] on the grid of input_0 and in the order in which they are
	// executed, and writes the rows of the cell's output, [steps, hidden].
	run(x, output []int16)
	// state is the state after the last step, on the grids of input_1 and input_2. It is a copy.
	state() dump.State
}

// nodeRunner runs a cell node by node. It runs any graph, and it is the one that can show every node.
type nodeRunner struct {
	program *program
	values  []int16   // of the step that was run last, but for the states, which are the next step's
	clamped []int32   // a node
	carried [][]int16 // the next states, until all of them are known
}

func newNodeRunner(p *program) *nodeRunner {
	r := &nodeRunner{program: p, values: append([]int16(nil), p.frame...), clamped: make([]int32, len(p.cell.nodes))}
	for _, state := range p.cell.states {
		r.carried = append(r.carried, make([]int16, state.width))
	}
	return r
}

func (r *nodeRunner) reset(initial dump.State) {
	given := [][]int16{initial.H, initial.C}
	for i, state := range r.program.states {
		values := r.valuesOf(state)
		clear(values)
		copy(values, given[i])
		r.clamped[state] = 0
	}
}

func (r *nodeRunner) run(x, output []int16) { r.record(x, nil, output, nil) }

// record is run with a block that takes the frame of each step, or nil. entered counts, a step, the values of x that were
// clamped on their way in; it may be nil.
func (r *nodeRunner) record(x []int16, entered []int32, output []int16, b *block) {
	input, hidden := r.valuesOf(r.program.input), r.valuesOf(r.program.output)
	for step := 0; step*len(input) < len(x); step++ {
		copy(input, x[step*len(input):])
		if entered != nil {
			r.clamped[r.program.input] = entered[step]
		}
		for i, o := range r.program.operators {
			if o != nil {
				r.clamped[i] = o.compute(r.values)
			}
		}
		copy(output[step*len(hidden):], hidden)
		if b != nil {
			b.add(r)
		}
		r.carry()
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

func (r *nodeRunner) state() dump.State {
	var s dump.State
	for i, to := range []*[]int16{&s.H, &s.C}[:len(r.program.states)] {
		*to = append([]int16(nil), r.valuesOf(r.program.states[i])...)
	}
	return s
}

// valuesOf gives the values of the node at an index.
func (r *nodeRunner) valuesOf(node int) []int16 { return r.program.spans[node].of(r.values) }
