package kernel

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/fixed"
)

// fill is how a test draws integers of a width.
type fill func(r *rand.Rand, bits int) int16

func lowest(bits int) int16  { return int16(-1 << (bits - 1)) }
func highest(bits int) int16 { return int16(1<<(bits-1) - 1) }

// fills are the kinds of data that every cell is tried on.
var fills = []struct {
	name string
	fill fill
}{
	{"zero", func(*rand.Rand, int) int16 { return 0 }},
	{"small", func(r *rand.Rand, bits int) int16 { return int16(r.IntN(1<<(bits-4)) - 1<<(bits-5)) }},
	{"uniform", func(r *rand.Rand, bits int) int16 { return int16(r.IntN(1<<bits) - 1<<(bits-1)) }},
	{"extremes", func(r *rand.Rand, bits int) int16 {
		return [5]int16{lowest(bits), lowest(bits) + 1, highest(bits), 0, -1}[r.IntN(5)]
	}},
	{"lowest", func(_ *rand.Rand, bits int) int16 { return lowest(bits) }},
	{"highest", func(_ *rand.Rand, bits int) int16 { return highest(bits) }},
}

func fillSlice(r *rand.Rand, f fill, n, bits int) []int16 {
	out := make([]int16, n)
	for k := range out {
		out[k] = f(r, bits)
	}
	return out
}

// alignedLinear is a linear as the quantizer's export leaves it, with the output at position p.
func alignedLinear(r *rand.Rand, weights fill, inputs, hidden, bits, inputPosition, p int, bias bool) Linear {
	l := Linear{
		Weights:      fillSlice(r, weights, hidden*inputs, bits),
		WeightFormat: fixed.Format{Bits: bits, Position: bits - 4},
		Input:        fixed.Format{Bits: bits, Position: inputPosition},
		Output:       p,
	}
	l.WeightFormat.Position = max(l.WeightFormat.Position, p-inputPosition)
	l.WeightFormat.Position = min(l.WeightFormat.Position, p-inputPosition+16)
	if bias {
		l.Bias, l.BiasPosition = fillSlice(r, fills[r.IntN(4)].fill, hidden, 16), p
	}
	return l
}

// alignedLSTM is an LSTM whose positions are as the export leaves them: all at p, the input at its own.
func alignedLSTM(r *rand.Rand, weights fill, inputs, hidden, bits, p int) LSTMParams {
	c := LSTMParams{
		Inputs: inputs, Hidden: hidden, Input0: r.IntN(4) + 9, Input1: p, Input2: p,
		Y: [4]int{p, p, p, p}, ItCct: p, FtC: p, CNext: p, HNext: p,
	}
	bias := r.IntN(4) > 0
	in, state := c.Input0, p
	if bits == 8 {
		in, state = c.Input0-r.IntN(9), p-r.IntN(9)
	}
	for g := range 4 {
		c.InputLinear[g] = alignedLinear(r, weights, inputs, hidden, bits, in, p, bias)
		c.StateLinear[g] = alignedLinear(r, weights, hidden, hidden, bits, state, p, false)
	}
	return c
}

// alignedGRU is the same for a GRU.
func alignedGRU(r *rand.Rand, weights fill, inputs, hidden, bits, p int) GRUParams {
	c := GRUParams{
		Inputs: inputs, Hidden: hidden, Input0: r.IntN(4) + 9, Input1: p,
		Y: [3]int{p, p, p}, ItH: p, FtCct: p, CctSub: p, FtH: p, HNext: p, CutInPlace: r.IntN(2) > 0,
	}
	bias := r.IntN(4) > 0
	in, state := c.Input0, p
	if bits == 8 {
		in, state = c.Input0-r.IntN(9), p-r.IntN(9)
	}
	for g := range 3 {
		c.InputLinear[g] = alignedLinear(r, weights, inputs, hidden, bits, in, p, bias)
		c.StateLinear[g] = alignedLinear(r, weights, hidden, hidden, bits, state, p, bias)
	}
	return c
}

// scatter moves a position a little, as alignment failures and hand-made graphs do.
func scatter(r *rand.Rand, positions ...*int) {
	for _, p := range positions {
		*p += r.IntN(9) - 4
	}
}

func scatterLinear(r *rand.Rand, l *Linear) {
	scatter(r, &l.WeightFormat.Position, &l.Input.Position, &l.Output, &l.BiasPosition)
}

// randomSequence has its state and the room for its results.
func randomSequence(r *rand.Rand, x, state fill, inputs, hidden, steps int, layout Layout) Sequence {
	return Sequence{
		X: fillSlice(r, x, steps*inputs, 16), H: fillSlice(r, state, hidden, 16), C: fillSlice(r, state, hidden, 16),
		Output: make([]int16, steps*hidden), Trace: make([]int16, steps*layout.Row),
	}
}

func clone(s Sequence) Sequence {
	s.H, s.C = slices.Clone(s.H), slices.Clone(s.C)
	s.Output, s.Trace = slices.Clone(s.Output), slices.Clone(s.Trace)
	return s
}

// requireTrace holds what a run left behind equal to the reference.
func requireTrace(t *testing.T, layout Layout, want [][][]int16, reference, got Sequence, hidden int) {
	t.Helper()
	for step := range want {
		for n, node := range want[step] {
			values := got.Trace[step*layout.Row+n*layout.Stride:][:hidden]
			require.Equal(t, node, values, "step %d node %s", step, layout.Nodes[n])
		}
		require.Equal(t, want[step][len(want[step])-1], got.Output[step*hidden:][:hidden], "output of step %d", step)
	}
	require.Equal(t, reference.H, got.H, "h after the last step")
	require.Equal(t, reference.C, got.C, "c after the last step")
}

func seeded(t *testing.T, values ...any) *rand.Rand {
	t.Helper()
	var seed uint64 = 14695981039346656037
	for _, b := range []byte(fmt.Sprint(t.Name(), values)) {
		seed = (seed ^ uint64(b)) * 1099511628211
	}
	return rand.New(rand.NewPCG(seed, 1))
}

func isNotFused(err error) bool { return errors.Is(err, ErrNotFused) }
