package kernel

// worker runs panels from…to of all columns of a group; which those are depends on how many workers share a job.
type worker struct {
	*fused
	*workspace
	columns  []column
	index    int // in its team
	barrier  *barrier
	sums     []int32
	from, to int // panels
	lstm     lstmArgs
	gru      gruArgs
}

func newWorker(f *fused, w *workspace, columns []column, index int, t *team) *worker {
	k := &worker{
		fused: f, workspace: w, columns: columns, index: index, barrier: &t.barrier, sums: w.sums[index],
	}
	k.prepareArgs()
	return k
}

// units is the range of units whose elementwise part the worker does.
func (w *worker) units() (from, to int) {
	return w.from * panelVectors / w.gates * blockUnits, min(w.to*panelVectors/w.gates*blockUnits, w.stride)
}

// do is the worker's part of a job.
func (w *worker) do(j job) {
	unit := w.splitUnit()
	places := (w.state.panels + unit - 1) / unit
	w.from, w.to = places*w.index/j.workers*unit, min(places*(w.index+1)/j.workers*unit, w.state.panels)
	switch {
	case j.stop:
	case !j.steps:
		w.multiplyInputs(j.begin)
	default:
		for t := j.from; t < j.to; t++ {
			active := len(w.columns)
			for w.columns[active-1].steps <= t {
				active--
			}
			w.step(t, j.begin, active)
			w.deliver(t, active)
			if j.workers > 1 && t+1 < j.to {
				w.barrier.wait()
			}
		}
	}
}

// step runs step t of the first columns, of a chunk that began at the given step.
func (w *worker) step(t, begin, active int) {
	before, after := t%2, (t+1)%2
	h := operand{x16: w.h[before], x8: w.h8[before], stride: w.stride, magnitude: w.stateMagnitude(t, w.h[before][:active*w.stride])}
	if h.magnitude > w.state.narrow && w.state.mayBeWide(w.r) {
		h.halves = w.states[w.index]
		n := active * w.stride
		w.r.takeApart(h.halves.hi[:n], h.halves.lo[:n], h.x16[:n])
	}
	if w.isLSTM {
		w.stepLSTM(t, begin, active, h, w.h[after])
	} else {
		w.stepGRU(t, begin, active, h, w.h[after])
	}
	if !w.state.eight {
		return
	}
	from, to := w.units()
	for n := range active {
		w.r.cut8(w.h8[after][n*w.stride+from:n*w.stride+to], w.h[after][n*w.stride+from:n*w.stride+to], w.stateCut)
	}
}

// stateMagnitude is a bound of |h|: the proven one where it is enough for every panel, else the measured one.
func (w *worker) stateMagnitude(t int, h []int16) int {
	enough := w.state.narrow
	if w.state.eight || enough >= 1<<15 || t > 0 && w.stateBound <= enough {
		return enough
	}
	return w.r.magnitude(h)
}

// deliver writes what the caller wants of step t, for the worker's units.
func (w *worker) deliver(t, active int) {
	from, to := w.units()
	to = min(to, w.hidden)
	h := w.h[(t+1)%2]
	for n := range active {
		c := &w.columns[n]
		if c.s.Output != nil {
			copy(c.s.Output[t*w.hidden+from:t*w.hidden+to], h[n*w.stride+from:])
		}
		if t+1 < c.steps {
			continue
		}
		copy(c.s.H[from:to], h[n*w.stride+from:])
		if w.isLSTM {
			for u := from; u < to; u++ {
				c.s.C[u] = int16(w.c[n*w.stride+u])
			}
		}
	}
}

// multiplyInputs forms the quantized products with x of the chunk that begins at a step.
func (w *worker) multiplyInputs(begin int) {
	rows := w.input.panels * panelRows
	for panel := w.from; panel < w.to; panel++ {
		for n := range w.columns {
			steps := min(w.chunk, w.columns[n].steps-begin)
			if steps <= 0 {
				break
			}
			x := w.operands[n] // which all workers read, and form sums of in rooms of their own
			x.halves.room = w.states[w.index].room
			w.input.product(w.r, w.sums, x, steps, panel)
			out := w.wx[n*w.chunk*rows+panel*panelRows:]
			w.r.finish(out, rows, w.sums, w.input.shift[panel*panelVectors:], w.input.bias[panel*panelRows:], steps, 0)
		}
	}
}

// readInputs cuts, pads or points at the inputs of a chunk.
func (w *worker) readInputs(begin int) {
	width := w.inputWidth()
	for n, c := range w.columns {
		steps := min(w.chunk, c.steps-begin)
		if steps <= 0 {
			return
		}
		x := c.s.X[begin*w.inputs : (begin+steps)*w.inputs]
		if w.x16 != nil {
			padded := w.x16[n*w.chunk*width:][:steps*width]
			for t := range steps {
				copy(padded[t*width:(t+1)*width], x[t*w.inputs:(t+1)*w.inputs])
			}
			x = padded
		}
		w.operands[n] = operand{x16: x, stride: width}
		if w.input.eight {
			cut := w.x8[n*w.chunk*width:][:steps*width]
			w.r.cut8(cut, x, w.inputCut)
			w.operands[n].x8 = cut
			continue
		}
		whole := len(x) &^ (blockUnits - 1)
		o := &w.operands[n]
		o.magnitude = max(w.r.magnitude(x[:whole]), magnitudeGeneric(x[whole:]))
		if o.magnitude > w.input.narrow && w.input.mayBeWide(w.r) {
			at := n * w.chunk * width
			o.halves = halves{hi: w.chunkHi[at:][:len(x)], lo: w.chunkLo[at:][:len(x)]}
			w.r.takeApart(o.halves.hi, o.halves.lo, x)
		}
	}
}
