package sim

import "rnnsim/dump"

// lane is one sequence on its way through the cells.
type lane struct {
	sequence int
	first    int // number in the whole sequence of the first step of x
	x        signal
	output   []int16
	states   []laneState // a cell
	// What a cell's stretch needs, kept from one to the next.
	entered []int16
	clamped []int32 // values of x that were clamped, a step
	hidden  []int16
}

// signal is what a layer reads: steps in the order of time, as real numbers or as integers.
type signal struct {
	steps int
	float []float32
	fixed []int16
}

// laneState is the state of a cell between two stretches.
type laneState struct {
	values  [][]int16
	clamped []int32 // how many values were clamped when the last step's state was carried over
}

// newLane begins a sequence in its initial states.
func (p *Plan) newLane(sequence int, initial []dump.State) *lane {
	l := &lane{sequence: sequence, states: make([]laneState, len(p.programs))}
	for i, prog := range p.programs {
		var given dump.State
		if len(initial) > 0 {
			given = initial[i]
		}
		s := laneState{clamped: make([]int32, len(prog.states))}
		for j, values := range [][]int16{given.H, given.C}[:len(prog.states)] {
			s.values = append(s.values, make([]int16, prog.cell.states[j].width))
			copy(s.values[j], values)
		}
		l.states[i] = s
	}
	return l
}

// load sets the steps that the lane is to run, the first of which has the given number in the whole.
func (l *lane) load(s dump.Sequence, features, first int) {
	l.first = first
	l.x = signal{steps: (len(s.Float) + len(s.Fixed)) / features, float: s.Float, fixed: s.Fixed}
}

// final gives a copy of the states.
func (l *lane) final() []dump.State {
	states := make([]dump.State, len(l.states))
	for i, s := range l.states {
		for j, to := range []*[]int16{&states[i].H, &states[i].C}[:len(s.values)] {
			*to = append([]int16(nil), s.values[j]...)
		}
	}
	return states
}

// enter quantizes count steps from a step of execution on, and gives the stretch that they are for a cell. The layer's output is
// width wide. What needs neither other values nor another order is read and written where it lies.
func (l *lane) enter(e *entry, cell *program, from, count, width int) stretch {
	hidden := cell.cell.output().width
	l.clamped = grow(l.clamped, count)
	s := stretch{}
	switch {
	case l.x.float == nil && !cell.cell.backward && e.keeps():
		clear(l.clamped)
		s.x = l.x.fixed[from*e.width : (from+count)*e.width]
	default:
		l.entered = grow(l.entered, count*e.width)
		s.x = l.entered
		for step := range count {
			row, at := l.entered[step*e.width:(step+1)*e.width], l.at(cell, from+step)*e.width
			if l.x.float != nil {
				l.clamped[step] = e.fromReal(row, l.x.float[at:at+e.width])
			} else {
				l.clamped[step] = e.fromFixed(row, l.x.fixed[at:at+e.width])
			}
		}
	}
	if l.output != nil && !cell.cell.backward && hidden == width {
		l.hidden, s.output = nil, l.output[from*width:(from+count)*width]
		return s
	}
	l.hidden = grow(l.hidden, count*hidden)
	s.output = l.hidden
	return s
}

// leave writes the stretch's output into the layer's, where it is not there yet.
func (l *lane) leave(cell *program, from, column, width int) {
	hidden := cell.cell.output().width
	for step := range len(l.hidden) / hidden {
		copy(l.output[l.at(cell, from+step)*width+column:], l.hidden[step*hidden:(step+1)*hidden])
	}
}

// at is the place in time of a step of execution.
func (l *lane) at(cell *program, step int) int {
	if cell.cell.backward {
		return l.x.steps - 1 - step
	}
	return step
}

// grow gives a slice of n elements, in the old one's place where it has room.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
