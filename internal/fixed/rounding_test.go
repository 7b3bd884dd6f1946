package fixed

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var roundings = []Rounding{HalfUp, HalfAway, Floor, HalfMixed}

// anyReal draws finite numbers: any bit pattern, values on and beside the grid of a position, and ties.
func anyReal(position int) *rapid.Generator[float64] {
	return rapid.Custom(func(t *rapid.T) float64 {
		whole := float64(rapid.Int64Range(-1<<33, 1<<33).Draw(t, "whole") >> rapid.IntRange(0, 33).Draw(t, "narrower"))
		tie := math.Ldexp(whole+0.5, -position)
		return rapid.SampledFrom([]float64{
			rapid.Float64().Draw(t, "any"),
			math.Ldexp(whole, -position),
			math.Nextafter(math.Ldexp(whole, -position), math.Inf(-1)),
			tie, math.Nextafter(tie, math.Inf(1)), math.Nextafter(tie, math.Inf(-1)),
			float64(math.Float32frombits(rapid.Uint32Range(0, 0x7f7fffff).Draw(t, "float32"))),
			math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64, math.MaxFloat64, -math.MaxFloat64,
		}).Draw(t, "which")
	})
}

func TestQuantizeEqualsBigArithmetic(t *testing.T) {
	for _, method := range roundings {
		t.Run(method.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				f := Format{
					Bits:     rapid.IntRange(MinBits, MaxBits).Draw(t, "bits"),
					Position: rapid.IntRange(MinPosition, MaxPosition).Draw(t, "position"),
				}
				v := anyReal(f.Position).Draw(t, "real")
				lo, hi := bigRange(f.Bits)
				want := bigClamp(bigRound(method, bigScale(v, f.Position)), lo, hi)
				require.Equal(t, want.Int64(), method.Quantize(v, f), "%v of %v in %v", method, v, f)
			})
		})
	}
}

func TestTies(t *testing.T) {
	values := []float64{-2.5, -1.5, -0.5, 0.5, 1.5, 2.5}
	for method, want := range map[Rounding][]float64{
		HalfUp:    {-2, -1, 0, 1, 2, 3},
		HalfAway:  {-3, -2, -1, 1, 2, 3},
		Floor:     {-3, -2, -1, 0, 1, 2},
		HalfMixed: {-2, -1, 0, 0, 2, 2},
	} {
		for i, v := range values {
			assert.InDelta(t, want[i], method.Round(v), 0, "%v of %v", method, v)
		}
	}
}

func TestRoundIsExactBesideATie(t *testing.T) {
	// 0.5 - 2^-54 plus 0.5 rounds to 1 in float64: adding a half and flooring would be wrong.
	below := math.Nextafter(0.5, 0)
	for _, method := range []Rounding{HalfUp, HalfAway, HalfMixed} {
		assert.Zero(t, method.Round(below), "%v", method)
	}
}

func TestQuantizeInfinities(t *testing.T) {
	f := Format{Bits: 16, Position: 12}
	for _, method := range roundings {
		assert.Equal(t, f.Max(), method.Quantize(math.Inf(1), f))
		assert.Equal(t, f.Min(), method.Quantize(math.Inf(-1), f))
	}
}

func TestUnknownRounding(t *testing.T) {
	assert.Equal(t, "rounding(7)", Rounding(7).String())
	assert.PanicsWithValue(t, "fixed: rounding method 7 does not exist", func() { Rounding(7).Round(1) })
}

func TestRealIsTheInverseOfQuantize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Format{
			Bits:     rapid.IntRange(MinBits, MaxBits).Draw(t, "bits"),
			Position: rapid.IntRange(MinPosition, MaxPosition).Draw(t, "position"),
		}
		q := rapid.Int64Range(f.Min(), f.Max()).Draw(t, "integer")
		for _, method := range roundings {
			require.Equal(t, q, method.Quantize(Real(q, f.Position), f))
		}
	})
}
