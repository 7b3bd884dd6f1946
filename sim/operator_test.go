package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/internal/fixed"
)

// A row that is quantized as a whole is what its values are one by one.
func TestARowIsQuantizedLikeItsValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.Int16(), 1, 50).Draw(t, "x")
		position := rapid.IntRange(-20, 40).Draw(t, "position of x")
		to := fixed.Format{Bits: rapid.SampledFrom([]int{1, 4, 8, 16}).Draw(t, "bits"), Position: rapid.IntRange(-20, 40).Draw(t, "position")}
		cut := &rescaleOperator{x: row{stride: 1}, rescale: newRescale(position, to, rapid.Bool().Draw(t, "casts"))}
		out := make([]int16, len(x))
		clamped := compute(cut, x, out)
		for i := range x {
			want, over := cut.at(x, i)
			require.Equal(t, want, out[i], "value %d", x[i])
			clamped -= over
		}
		require.Zero(t, clamped)
	})
}
