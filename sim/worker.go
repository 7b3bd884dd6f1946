package sim

import (
	"context"

	"rnnsim/dump"
)

// worker runs sequences, one after another, through all layers.
type worker struct {
	plan    *Plan
	runners []cellRunner // a cell
	// recorder takes the frames; nil where nobody wants them.
	recorder *recorder
	x        []int16 // rows on the grid of input_0
	clamped  []int32
	output   []int16 // rows of a cell's output, in the order of execution
}

// recorder is where the frames of one sequence go: full blocks out, empty blocks in.
type recorder struct {
	sequence int
	empty    func() *block
	full     func(*block) error
}

func (p *Plan) newWorker(r *recorder) *worker {
	w := &worker{plan: p, recorder: r}
	for _, prog := range p.programs {
		w.runners = append(w.runners, newNodeRunner(prog))
	}
	return w
}

// reset begins a sequence.
func (w *worker) reset(initial []dump.State) {
	for i, r := range w.runners {
		if len(initial) == 0 {
			r.reset(dump.State{})
		} else {
			r.reset(initial[i])
		}
	}
}

// states are the states of all cells as they are now.
func (w *worker) states() []dump.State {
	states := make([]dump.State, len(w.runners))
	for i, r := range w.runners {
		states[i] = r.state()
	}
	return states
}

// signal is what a layer reads: steps in the order of time, as real numbers or as integers.
type signal struct {
	steps int
	float []float32
	fixed []int16
}

// advance runs the steps of a piece of a sequence, the first of which has the given number in the whole, and gives the last
// layer's output in the order of time, [steps, directions × hidden].
func (w *worker) advance(ctx context.Context, piece dump.Sequence, first int) ([]int16, error) {
	features, _ := w.plan.Input()
	x := signal{steps: (len(piece.Float) + len(piece.Fixed)) / features, float: piece.Float, fixed: piece.Fixed}
	for l := range w.plan.layers {
		current := &w.plan.layers[l]
		out := make([]int16, x.steps*current.outputs)
		column := 0
		for nth, cell := range current.cells {
			if err := w.runCell(ctx, current, nth, x, first, out[column:]); err != nil {
				return nil, err
			}
			column += w.plan.programs[cell].cell.output().width
		}
		x = signal{steps: x.steps, fixed: out}
	}
	return x.fixed, nil
}

// runCell runs a layer's nth cell over all steps, block by block, and writes its output into the columns that begin at out.
func (w *worker) runCell(ctx context.Context, l *layer, nth int, x signal, first int, out []int16) error {
	cell := l.cells[nth]
	prog := w.plan.programs[cell]
	hidden := prog.cell.output().width
	// at is the place in time of a step in the order of execution.
	at := func(step int) int {
		if prog.cell.backward {
			return x.steps - 1 - step
		}
		return step
	}
	for from := 0; from < x.steps; {
		if err := ctx.Err(); err != nil {
			return err
		}
		count := min(x.steps-from, stepsOfBlock(len(prog.frame)))
		w.enter(l.entries[nth], x, count, func(step int) int { return at(from + step) })
		w.output = grow(w.output, count*hidden)
		if err := w.runBlock(cell, first+from); err != nil {
			return err
		}
		for step := range count {
			copy(out[at(from+step)*l.outputs:], w.output[step*hidden:(step+1)*hidden])
		}
		from += count
	}
	return nil
}

// enter quantizes count rows of x for a cell, the nth of which lies at at(n).
func (w *worker) enter(e *entry, x signal, count int, at func(int) int) {
	w.x, w.clamped = grow(w.x, count*e.width), grow(w.clamped, count)
	for step := range count {
		row, from := w.x[step*e.width:(step+1)*e.width], at(step)*e.width
		if x.float != nil {
			w.clamped[step] = e.fromReal(row, x.float[from:from+e.width])
		} else {
			w.clamped[step] = e.fromFixed(row, x.fixed[from:from+e.width])
		}
	}
}

// runBlock runs the rows that have entered, and hands on their frames where somebody wants them.
func (w *worker) runBlock(cell, first int) error {
	runner := w.runners[cell]
	nodes, shows := runner.(*nodeRunner)
	if w.recorder == nil || !shows {
		runner.run(w.x, w.output)
		return nil
	}
	b := w.recorder.empty()
	b.start(cell, w.recorder.sequence, first, w.plan.recorded[cell])
	nodes.record(w.x, w.clamped, w.output, b)
	return w.recorder.full(b)
}

// grow gives a slice of n elements, in the old one's place where it has room.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
