package kernel

// prepareArgs fills in what does not change from step to step.
func (w *worker) prepareArgs() {
	w.lstm = lstmArgs{traceStride: w.layout.Stride, at: w.at}
	if w.isLSTM {
		for g := range 4 {
			w.lstm.shift[g] = count{uint64(w.state.shift[g])}
		}
	}
	w.gru = gruArgs{traceStride: w.layout.Stride, at: w.at}
}

// dotState forms the sums of all panels for one column. Where a good part of the weights stays in the L1 or L2 cache from step
// to step, steps take them by parts, forwards and backwards in turn: what one read last, the next reads first.
func (w *worker) dotState(t int, h operand) {
	const parts, largest = 4, 4 << 20
	if len(w.state.w8)+2*len(w.state.w16) > largest {
		w.state.dot(w.r, w.sums, h, w.from, w.to)
		return
	}
	n := w.to - w.from
	for k := range parts {
		if t%2 > 0 {
			k = parts - 1 - k
		}
		from, to := n*k/parts, n*(k+1)/parts
		w.state.dot(w.r, w.sums[from*panelRows:], h, w.from+from, w.from+to)
	}
}

// stepLSTM forms the sums of a step and does the elementwise part: all panels at once for one column, panel by panel for
// several.
func (w *worker) stepLSTM(t, begin, active int, h operand, after []int16) {
	rows, a := w.state.panels*panelRows, &w.lstm
	wx := w.wx[(t-begin)*rows:]
	if active == 1 {
		w.dotState(t, h)
		at := w.from * blockUnits
		a.sums, a.wx, a.c, a.h = w.sums, wx[w.from*panelRows:], w.c[at:], after[at:]
		a.wxStride, a.cStride, a.hStride, a.n = panelRows, blockUnits, blockUnits, w.to-w.from
		if trace := w.columns[0].s.Trace; trace != nil {
			a.trace = trace[t*w.layout.Row+at:]
		}
		w.r.lstm(a)
		return
	}
	a.wxStride, a.cStride, a.hStride, a.n = w.chunk*rows, w.stride, w.stride, active
	for panel := w.from; panel < w.to; panel++ {
		w.state.product(w.r, w.sums, h, active, panel)
		at := panel * blockUnits
		a.sums, a.wx, a.c, a.h = w.sums, wx[panel*panelRows:], w.c[at:], after[at:]
		w.r.lstm(a)
	}
}

// stepGRU does the same for a GRU, whose products with h are quantized on their own.
func (w *worker) stepGRU(t, begin, active int, h operand, after []int16) {
	rows, m := w.state.panels*panelRows, w.state
	if active == 1 {
		w.dotState(t, h)
		w.r.finish(w.wh[w.from*panelRows:], panelRows, w.sums, m.shift[w.from*panelVectors:], m.bias[w.from*panelRows:], w.to-w.from, 1)
	} else {
		for panel := w.from; panel < w.to; panel++ {
			m.product(w.r, w.sums, h, active, panel)
			w.r.finish(w.wh[panel*panelRows:], rows, w.sums, m.shift[panel*panelVectors:], m.bias[panel*panelRows:], active, 0)
		}
	}
	a := &w.gru
	from, to := w.units()
	for n := range active {
		old := h.x16[n*w.stride+from : n*w.stride+to]
		if w.readsCut {
			old = w.old[from:to]
			for u := range old {
				cut := h.x8[n*w.stride+from+u]
				if w.r.offsetInputs {
					cut ^= -128
				}
				old[u] = int16(cut) << w.stateCut
			}
		}
		at := from * len(gruInputNode)
		a.wx, a.wh = w.wx[(n*w.chunk+t-begin)*rows+at:], w.wh[n*rows+at:]
		a.old, a.h, a.n = old, after[n*w.stride+from:], (to-from)/blockUnits
		if trace := w.columns[n].s.Trace; trace != nil {
			a.trace = trace[t*w.layout.Row+from:]
		}
		w.r.gru(a)
	}
}

// Magnitude gives the routine that finds the largest |value| of a row, 0 of an empty one.
func Magnitude() func(row []int16) int { return best().magnitude }
