package kernel

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFinishAndCutsMatchTheirTwins(t *testing.T) {
	for _, set := range available() {
		for n := range 200 {
			r := seeded(t, n)
			panels, step, stride := 1+r.IntN(5), r.IntN(2), panelRows*(1+r.IntN(2))
			sums, shift := make([]int32, panels*panelRows), make([]int32, panels*panelVectors)
			for k := range sums {
				sums[k] = [4]int32{r.Int32(), -r.Int32(), -1 << 31, r.Int32N(1<<20) - 1<<19}[r.IntN(4)]
			}
			for k := range shift {
				shift[k] = r.Int32N(17)
			}
			bias := fillSlice(r, fills[r.IntN(len(fills))].fill, panels*panelRows, 16)
			want, got := make([]int16, panels*stride), make([]int16, panels*stride)
			finishGeneric(want, stride, sums, shift, bias, panels, step)
			set.finish(got, stride, sums, shift, bias, panels, step)
			require.Equal(t, want, got, set.name)

			x := fillSlice(r, fills[r.IntN(len(fills))].fill, 8*r.IntN(9), 16)
			cutWant, cutGot := make([]int8, len(x)), make([]int8, len(x))
			cut := r.IntN(16)
			cut8Generic(cutWant, x, cut)
			set.cut8(cutGot, x, cut)
			require.Equal(t, asTaken(set, cutWant), cutGot, set.name)
			require.Equal(t, magnitudeGeneric(x), set.magnitude(x), set.name)
		}
	}
}

// sweep gives 16-bit values that between them take every value, scattered so that neighbours differ.
func sweep(n, of int) []int16 {
	out := make([]int16, of)
	for k := range out {
		out[k] = int16(uint32(n*of+k) * 40503)
	}
	return out
}

func TestElementsMatchTheirTwinsForEveryValue(t *testing.T) {
	const blocks = 64
	for _, set := range available() {
		for position := minFusedPosition; position <= maxFusedPosition; position++ {
			for n := range 65536 / (blocks * blockUnits) {
				if testing.Short() && n%32 != position%32 {
					continue
				}
				r := seeded(t, position, n)
				requireLSTMElements(t, set, r, n, blocks, position)
				requireGRUElements(t, set, r, n, blocks, position)
			}
		}
	}
}

func requireLSTMElements(t *testing.T, set *routines, r *rand.Rand, n, blocks, position int) {
	t.Helper()
	layout := newLayout(lstmNodes, blocks*blockUnits)
	run := func(lstm func(*lstmArgs), sums []int32, wx []int16, c []int32, traced bool) lstmArgs {
		a := lstmArgs{
			sums: sums, wx: wx, c: append([]int32(nil), c...), h: make([]int16, layout.Stride), wxStride: panelRows,
			cStride: blockUnits, hStride: blockUnits, traceStride: layout.Stride, n: blocks, at: newPositionArgs(position),
		}
		for g := range a.shift {
			a.shift[g] = count{uint64(4 * g)}
		}
		if traced {
			a.trace = make([]int16, layout.Row)
		}
		lstm(&a)
		return a
	}
	// Every value goes once through each gate's sum and once through c.
	sums, wx, c := make([]int32, blocks*panelRows), make([]int16, blocks*panelRows), make([]int32, blocks*blockUnits)
	for k, v := range sweep(n, blocks*blockUnits) {
		for g := range 4 {
			at := k/blockUnits*panelRows + g*blockUnits + k%blockUnits
			sums[at] = int32(v)<<(4*g) + r.Int32N(1<<(4*g))
			if r.IntN(4) == 0 {
				sums[at], wx[at] = [3]int32{-1 << 31, 1<<31 - 1, sums[at]}[r.IntN(3)], fills[3].fill(r, 16)
			}
		}
		c[k] = int32(v ^ int16(r.IntN(2)-1))
	}
	for _, traced := range []bool{false, true} {
		want, got := run(lstmGeneric, sums, wx, c, traced), run(set.lstm, sums, wx, c, traced)
		require.Equal(t, want.trace, got.trace, "%s at position %d", set.name, position)
		require.Equal(t, want.c, got.c, "%s at position %d", set.name, position)
		require.Equal(t, want.h, got.h, "%s at position %d", set.name, position)
	}
}

func requireGRUElements(t *testing.T, set *routines, r *rand.Rand, n, blocks, position int) {
	t.Helper()
	layout := newLayout(gruNodes, blocks*blockUnits)
	run := func(gru func(*gruArgs), wx, wh, old []int16, traced bool) gruArgs {
		a := gruArgs{
			wx: wx, wh: wh, old: old, h: make([]int16, layout.Stride), traceStride: layout.Stride, n: blocks, at: newPositionArgs(position),
		}
		if traced {
			a.trace = make([]int16, layout.Row)
		}
		gru(&a)
		return a
	}
	wx, wh := make([]int16, blocks*3*blockUnits), make([]int16, blocks*3*blockUnits)
	values := sweep(n, blocks*blockUnits)
	for k, v := range values {
		for g := range 3 {
			at := k/blockUnits*3*blockUnits + g*blockUnits + k%blockUnits
			wx[at], wh[at] = v, fills[r.IntN(len(fills))].fill(r, 16)
			if r.IntN(2) == 0 {
				wx[at], wh[at] = wh[at], wx[at]
			}
		}
	}
	old := fillSlice(r, fills[r.IntN(len(fills))].fill, len(values), 16)
	for _, traced := range []bool{false, true} {
		want, got := run(gruGeneric, wx, wh, old, traced), run(set.gru, wx, wh, old, traced)
		require.Equal(t, want.trace, got.trace, "%s at position %d", set.name, position)
		require.Equal(t, want.h, got.h, "%s at position %d", set.name, position)
	}
}
