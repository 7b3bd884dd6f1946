package sim

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/internal/fixed"
)

func drawFormat(t *rapid.T, label string) fixed.Format {
	return fixed.Format{Bits: 16, Position: rapid.IntRange(fixed.MinPosition, fixed.MaxPosition).Draw(t, label)}
}

// reaches gives floor(v · 2^(to - from)) where v = Σ term·2^-position, whether that is over 2^31 - 1.
func reaches(to int, terms map[int]int64) bool {
	sum := new(big.Int)
	for position, term := range terms {
		sum.Add(sum, new(big.Int).Lsh(big.NewInt(term), uint(100-position)))
	}
	return sum.Rsh(sum, uint(100-to)).Cmp(big.NewInt(math.MaxInt32)) > 0
}

func TestFitsInt32IsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, out := drawFormat(t, "a"), drawFormat(t, "b"), drawFormat(t, "out")
		both := map[int]int64{a.Position: most, b.Position: most}
		if a.Position == b.Position {
			both[a.Position] = 2 * most
		}
		sum := newAlignedSum(a.Position, b.Position, out, true)
		require.Equal(t, !reaches(out.Position, both), (&sumOperator{alignedSum: sum}).fitsInt32(), "sum")
		product := newRescale(a.Position+b.Position, out, true)
		square := map[int]int64{a.Position + b.Position: most * most}
		require.Equal(t, !reaches(out.Position, square), (&productOperator{rescale: product}).fitsInt32(), "product")
		one := map[int]int64{a.Position: most}
		require.Equal(t, !reaches(out.Position, one), (&rescaleOperator{rescale: newRescale(a.Position, out, true)}).fitsInt32(), "fix")
		table := map[int]int64{fixed.TablePosition: most}
		scale := newRescale(fixed.TablePosition, out, true)
		require.Equal(t, !reaches(out.Position, table), (&tableOperator{rescale: scale}).fitsInt32(), "table")

		weights := []int16{1, -2, 3, math.MinInt16, 5, 6}
		l := newLinearOperator(span{from: 0, to: 3}, weights, product)
		heaviest := map[int]int64{a.Position + b.Position: most * (most + 11)}
		fits := !reaches(out.Position, heaviest)
		require.Equal(t, fits, l.fitsInt32(), "linear")
		bias := drawFormat(t, "bias")
		l.addBias([]int16{1, 2}, newAlignedSum(out.Position, bias.Position, out, true))
		biased := map[int]int64{out.Position: most, bias.Position: most}
		if out.Position == bias.Position {
			biased[out.Position] = 2 * most
		}
		require.Equal(t, fits && !reaches(out.Position, biased), l.fitsInt32(), "linear with bias")
	})
}

// Whatever an output is, its recount finds what its computation counted.
func TestRecountFindsEveryClampedValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		near := func(label string) int { return rapid.IntRange(4, 12).Draw(t, label) }
		values := rapid.SliceOfN(rapid.Int16(), 4, 4).Draw(t, "x")
		weights := rapid.SliceOfN(rapid.Int16(), 32, 32).Draw(t, "w")
		out := fixed.Format{Bits: rapid.IntRange(3, 16).Draw(t, "bits"), Position: near("out")}
		l := newLinearOperator(span{from: 0, to: 4}, weights, newRescale(near("x")+near("w"), out, false))
		result := make([]int16, 8)
		plain := compute(l, values, result)
		require.Equal(t, plain, count(l, values, result), "linear without bias")
		l.addBias(rapid.SliceOfN(rapid.Int16(), 8, 8).Draw(t, "bias"), newAlignedSum(out.Position, near("bias"), out, false))
		clamped := compute(l, values, result)
		require.Equal(t, clamped, count(l, values, result), "linear")
		x := row{stride: 1}
		sum := newAlignedSum(near("a"), near("b"), out, false)
		for _, o := range []operator{
			&sumOperator{a: x, b: x, alignedSum: sum},
			&sumOperator{a: x, b: row{}, subtract: true, alignedSum: sum},
			&productOperator{a: x, b: row{}, rescale: newRescale(near("product"), out, false)},
			&rescaleOperator{x: x, rescale: newRescale(near("fix"), out, false)},
			&tableOperator{table: fixed.Tanh, position: 12, x: x, rescale: newRescale(fixed.TablePosition, out, false)},
		} {
			clamped := compute(o, values, result[:4])
			require.Equal(t, clamped, count(o, values, result[:4]), "%T", o)
		}
	})
}

func count(o operator, values, out []int16) int32 {
	e := o.ends()
	return recount(o, &e, values, out)
}
