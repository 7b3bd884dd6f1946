package kernel

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/internal/fixed"
)

// TestRowsEqualWideSums holds the products equal to 64-bit sums, at the ends of the ranges too.
func TestRowsEqualWideSums(t *testing.T) {
	value := rapid.OneOf(rapid.Int16(), rapid.SampledFrom([]int16{-32768, 32767, 0, 1, -1}))
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.IntRange(1, 70).Draw(t, "rows")
		columns := rapid.OneOf(rapid.Just(32), rapid.IntRange(1, 160)).Draw(t, "columns")
		shift := rapid.IntRange(-3, 40).Draw(t, "shift")
		fill := func(n int, label string) []int16 {
			some := rapid.SliceOfN(value, 1, 40).Draw(t, label)
			all := make([]int16, n)
			for i := range all {
				all[i] = some[i*i%len(some)]
			}
			return all
		}
		weights, x := fill(rows*columns, "weights"), fill(columns, "x")
		got := make([]int16, rows)
		NewRows(weights, rows, columns, shift).Apply(got, x)
		for r := range rows {
			var sum int64
			for k := range columns {
				sum += int64(weights[r*columns+k]) * int64(x[k])
			}
			want, _ := fixed.Saturate(fixed.ShiftRight(sum, shift), 16)
			require.Equal(t, int16(want), got[r], "row %d", r)
		}
	})
}
