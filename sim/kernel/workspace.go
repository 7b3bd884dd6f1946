package kernel

// workspace is the memory of a run of several sequences in step: columns.
type workspace struct {
	columns  int
	chunk    int
	operands []operand // by column
	x16      []int16   // [column][chunk step][padded input], inputs that cannot be read in place
	x8       []int8
	wx       []int16 // [column][chunk step][panel][32]
	wh       []int16 // [column][panel][32] of a GRU
	old      []int16 // [unit], the state as a GRU's cut left it
	c        []int32 // [column][unit]
	// The state before and after a step take turns, as another thread may still read the one before.
	h  [2][]int16 // [column][unit]
	h8 [2][]int8  // the same cut to 8 bits
	// sums is one region a worker: [column or chunk step][32], or [panel][32].
	sums [][]int32
	// Inputs taken apart, where sums may need 64 bits: of a chunk, [column][chunk step][padded input], and of the state, [column][unit] a worker.
	chunkHi, chunkLo []int16
	states           []halves
}

// A chunk is the timesteps of one matrix product with x: its results stay in the L2 cache, and it is long enough for the
// weights to be read once for many rows.
const (
	chunkBytes    = 256 << 10
	shortestChunk = 8
	longestChunk  = 64
)

// workspace takes memory for the given number of columns and workers from the pool, or makes it.
func (f *fused) workspace(columns, workers int) *workspace {
	w, _ := f.workspaces.Get().(*workspace)
	if w == nil || w.columns != columns {
		w = f.newWorkspace(columns)
	}
	rows := f.state.panels * panelRows
	for len(w.sums) < workers {
		w.sums = append(w.sums, aligned[int32](max(rows, max(columns, w.chunk)*panelRows)))
		w.states = append(w.states, f.newState(columns, w.chunk))
	}
	// Padding must be zero: a panel's rows beyond the last unit read it, and give zero again.
	for n := range w.h {
		clear(w.h[n])
		clear(w.h8[n])
	}
	clear(w.c)
	return w
}

func (f *fused) newWorkspace(columns int) *workspace {
	rows := f.input.panels * panelRows
	w := &workspace{columns: columns, operands: make([]operand, columns), chunk: min(max(chunkBytes/(2*rows*columns), shortestChunk), longestChunk)}
	w.wx, w.c = aligned[int16](columns*w.chunk*rows), aligned[int32](columns*f.stride)
	for n := range w.h {
		w.h[n] = aligned[int16](columns * f.stride)
		if f.state.eight {
			w.h8[n] = aligned[int8](columns * f.stride)
		}
	}
	if !f.isLSTM {
		w.wh, w.old = aligned[int16](columns*rows), aligned[int16](f.stride)
	}
	if f.input.mayBeWide(f.r) {
		n := columns * w.chunk * f.inputWidth()
		w.chunkHi, w.chunkLo = aligned[int16](n), aligned[int16](n)
	}
	if width := f.inputWidth(); width != f.inputs || f.input.eight {
		w.x16 = aligned[int16](columns * w.chunk * width)
		if f.input.eight {
			w.x8 = aligned[int8](columns * w.chunk * width)
		}
	}
	return w
}

// newState makes what a worker takes the state apart into, and the room for sums of halves; no more than is needed.
func (f *fused) newState(columns, chunk int) halves {
	var h halves
	if f.input.mayBeWide(f.r) || f.state.mayBeWide(f.r) {
		h.room = newHalvesRoom(max(columns, chunk))
	}
	if f.state.mayBeWide(f.r) {
		h.hi, h.lo = aligned[int16](columns*f.stride), aligned[int16](columns*f.stride)
	}
	return h
}

// inputWidth is the length of a row of inputs as the product reads it.
func (f *fused) inputWidth() int {
	if f.input.eight {
		return roundUp(f.inputs, blockUnits)
	}
	return roundUp(f.inputs, 2)
}
