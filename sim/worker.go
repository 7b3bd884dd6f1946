package sim

import "context"

// worker runs lanes through all layers.
type worker struct {
	plan    *Plan
	threads int // for the cells that can use more than one
	// recorder takes the frames; nil where nobody wants them. Then runners run the cells, and else shown.
	recorder *recorder
	runners  []cellRunner
	shown    []frameRunner
	tally    *tally // nil where nobody asks
}

// recorder is where frames go: full blocks out, empty blocks in.
type recorder struct {
	empty func() *block
	full  func(*block) error
}

// newWorker makes what runs the cells: the kernels, where they take the cell.
func (p *Plan) newWorker(r *recorder, threads int) *worker {
	w := &worker{plan: p, recorder: r, threads: threads}
	for _, prog := range p.programs {
		switch {
		case r == nil && prog.fused != nil:
			w.runners = append(w.runners, prog.fused)
		case r == nil:
			w.runners = append(w.runners, newNodeRunner(prog))
		case prog.fused != nil:
			w.shown = append(w.shown, newTracedRunner(prog))
		default:
			w.shown = append(w.shown, newNodeRunner(prog))
		}
	}
	return w
}

// advance runs the steps that the lanes hold, layer by layer. Each lane's output is then the last layer's, in the order of
// time: [steps, directions × hidden]; nil where it is not wanted.
func (w *worker) advance(ctx context.Context, lanes []*lane) error {
	for i := range w.plan.layers {
		l := &w.plan.layers[i]
		wanted := i < len(w.plan.layers)-1 || !w.plan.options.NoOutput
		for _, lane := range lanes {
			lane.output = nil
			if wanted {
				lane.output = make([]int16, lane.x.steps*l.outputs)
			}
		}
		column := 0
		for nth, cell := range l.cells {
			if err := w.runCell(ctx, l, nth, column, lanes); err != nil {
				return err
			}
			column += w.plan.programs[cell].cell.output().width
		}
		for _, lane := range lanes {
			lane.x = signal{steps: lane.x.steps, fixed: lane.output}
		}
	}
	return nil
}

// runCell runs a layer's nth cell over all steps, stretch by stretch, and writes its output into the columns from the given
// one on.
func (w *worker) runCell(ctx context.Context, l *layer, nth, column int, lanes []*lane) error {
	cell := l.cells[nth]
	prog := w.plan.programs[cell]
	longest := 0
	for _, lane := range lanes {
		longest = max(longest, lane.x.steps)
	}
	most := stepsOfStretch(prog, len(lanes))
	if w.recorder != nil {
		most = stepsOfBlock(prog)
	}
	for from := 0; from < longest; from += most {
		if err := ctx.Err(); err != nil {
			return err
		}
		var going []*lane
		var stretches []stretch
		for _, lane := range lanes {
			if count := min(lane.x.steps-from, most); count > 0 {
				s := lane.enter(l.entries[nth], prog, from, count, l.outputs)
				s.state = lane.states[cell].values
				going, stretches = append(going, lane), append(stretches, s)
			}
		}
		if err := w.runStretches(cell, from, going, stretches); err != nil {
			return err
		}
		for _, s := range stretches {
			w.tally.add(len(s.x) / prog.cell.input.width)
		}
		for _, lane := range going {
			if lane.output == nil {
				continue
			}
			lane.leave(prog, from, column, l.outputs)
		}
	}
	return nil
}

func (w *worker) runStretches(cell, from int, lanes []*lane, stretches []stretch) error {
	if w.recorder == nil {
		return w.runners[cell].run(stretches, w.threads)
	}
	for i, lane := range lanes {
		b := w.recorder.empty()
		b.start(cell, lane.sequence, lane.first+from, w.plan.recorded[cell])
		if err := w.shown[cell].record(stretches[i], lane.clamped, lane.states[cell].clamped, b); err != nil {
			return err
		}
		if err := w.recorder.full(b); err != nil {
			return err
		}
	}
	return nil
}
