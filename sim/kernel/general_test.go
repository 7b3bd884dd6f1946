package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func scatteredLSTM(r *rand.Rand, weights fill, bits int) LSTMParams {
	p := alignedLSTM(r, weights, 1+r.IntN(9), 1+r.IntN(11), bits, 12)
	for g := range 4 {
		scatterLinear(r, &p.InputLinear[g])
		scatterLinear(r, &p.StateLinear[g])
		scatter(r, &p.Y[g])
	}
	scatter(r, &p.Input0, &p.Input1, &p.Input2, &p.ItCct, &p.FtC, &p.CNext, &p.HNext)
	p.CutInPlace = r.IntN(2) == 0
	return p
}

func TestLSTMOfAnyPositionsMatchesTheReference(t *testing.T) {
	for _, weights := range fills {
		for _, bits := range []int{8, 16} {
			for n := range 12 {
				r := seeded(t, weights.name, bits, n)
				p := scatteredLSTM(r, weights.fill, bits)
				cell, err := NewLSTM(p)
				require.NoError(t, err)
				require.Equal(t, "general", cell.Plan().Kernel)
				got := randomSequence(r, fills[r.IntN(len(fills))].fill, fills[r.IntN(len(fills))].fill, p.Inputs, p.Hidden, 4, cell.Trace())
				want := clone(got)
				trace := refLSTM(&p, &want)
				sequences := []Sequence{got}
				require.NoError(t, cell.Run(sequences, 1))
				requireTrace(t, cell.Trace(), trace, want, sequences[0], p.Hidden)
			}
		}
	}
}

func TestGRUOfAnyPositionsMatchesTheReference(t *testing.T) {
	for _, weights := range fills {
		for _, bits := range []int{8, 16} {
			for n := range 12 {
				r := seeded(t, weights.name, bits, n)
				p := alignedGRU(r, weights.fill, 1+r.IntN(9), 1+r.IntN(11), bits, 12)
				for g := range 3 {
					scatterLinear(r, &p.InputLinear[g])
					scatterLinear(r, &p.StateLinear[g])
					scatter(r, &p.Y[g])
				}
				scatter(r, &p.Input0, &p.Input1, &p.ItH, &p.FtCct, &p.CctSub, &p.FtH, &p.HNext)
				cell, err := NewGRU(p)
				require.NoError(t, err)
				require.Equal(t, "general", cell.Plan().Kernel)
				got := randomSequence(r, fills[r.IntN(len(fills))].fill, fills[r.IntN(len(fills))].fill, p.Inputs, p.Hidden, 4, cell.Trace())
				got.C = nil
				want := clone(got)
				trace := refGRU(&p, &want)
				sequences := []Sequence{got}
				require.NoError(t, cell.Run(sequences, 1))
				requireTrace(t, cell.Trace(), trace, want, sequences[0], p.Hidden)
			}
		}
	}
}

func TestCellsThatAreIllegal(t *testing.T) {
	for _, c := range []struct {
		name, message string
		change        func(*LSTMParams)
	}{
		{"no units", "at least one input and one unit", func(p *LSTMParams) { p.Hidden = 0 }},
		{"weights missing", "do not make a [5, 3] matrix", func(p *LSTMParams) { p.InputLinear[1].Weights = make([]int16, 14) }},
		{"biases missing", "2 biases for 5 units", func(p *LSTMParams) { p.StateLinear[2].Bias = make([]int16, 2) }},
		{"weight too wide", "linear w_ho: weight [1, 2] is 128, outside 8 bits", func(p *LSTMParams) {
			p.StateLinear[3].Weights = slices.Clone(p.StateLinear[3].Weights)
			p.StateLinear[3].Weights[7] = 128
		}},
		{"position out of range", "node c_next: fix position 40", func(p *LSTMParams) { p.CNext = 40 }},
		{"positions far apart", "run as a whole", func(p *LSTMParams) { p.ItCct, p.FtC = -20, 25 }},
		{"bits out of range", "bit width 17 is over 16", func(p *LSTMParams) { p.InputLinear[0].Input.Bits = 17 }},
	} {
		p := alignedLSTM(seeded(t), fills[1].fill, 3, 5, 8, 12)
		c.change(&p)
		_, err := NewLSTM(p)
		require.ErrorContains(t, err, c.message, c.name)
		require.Equal(t, c.name == "positions far apart", isNotFused(err), c.name)
	}
}

func TestSequencesThatDoNotFit(t *testing.T) {
	p := alignedLSTM(seeded(t), fills[1].fill, 3, 5, 16, 12)
	cell, err := NewLSTM(p)
	require.NoError(t, err)
	good := func() Sequence {
		return randomSequence(seeded(t), fills[1].fill, fills[1].fill, 3, 5, 2, cell.Trace())
	}
	for _, c := range []struct {
		message string
		change  func(*Sequence)
	}{
		{"7 values of x are no whole number of steps", func(s *Sequence) { s.X = s.X[:6:6]; s.X = append(s.X, 1) }},
		{"the state has 4 values of h and 5 of c", func(s *Sequence) { s.H = s.H[:4] }},
		{"the output has room for 9 values", func(s *Sequence) { s.Output = s.Output[:9] }},
		{"the trace has room for 1 values", func(s *Sequence) { s.Trace = s.Trace[:1] }},
	} {
		bad := good()
		c.change(&bad)
		require.ErrorContains(t, cell.Run([]Sequence{good(), bad}, 1), "run sequence 1: "+c.message)
	}
}
