package verify

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/dump"
)

// Where nothing is tolerated, errors are added up another way than where something is. A NaN is an infinite error on both.
func TestExactErrorsAreAddedUpLikeToleratedOnes(t *testing.T) {
	special := []float32{0, float32(math.Copysign(0, -1)), 1, -1, math.MaxFloat32, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))}
	value := rapid.OneOf(rapid.Float32(), rapid.SampledFrom(special))
	pair := newNodePair(dump.Node{Bits: 16, Position: 12}, dump.Node{Float: true})
	rapid.Check(t, func(t *rapid.T) {
		got := rapid.SliceOfN(rapid.Int16(), 1, 40).Draw(t, "got")
		want := rapid.SliceOfN(value, len(got), len(got)).Draw(t, "want")
		for _, i := range rapid.SliceOf(rapid.IntRange(0, len(got)-1)).Draw(t, "equal") {
			want[i] = float32(got[i]) / 4096
		}
		const unit = 1. / 4096
		slow := compareTolerantly(got, unit, want, 1, 0)
		var result outcome
		compareAs(&pair, got, unit, want, 1, &result)
		require.Equal(t, slow.first, result.first)
		require.Equal(t, slow.different, result.different)
		require.Zero(t, result.Tolerated)
		for _, sums := range [][2]float64{
			{slow.maxError, result.MaxError}, {slow.sumError, result.sumError.value()},
			{slow.signal, result.signal.value()}, {slow.noise, result.noise.value()}, {slow.maxError * 4096, result.MaxDelta},
		} {
			require.Equal(t, math.Float64bits(sums[0]), math.Float64bits(sums[1]))
		}
	})
}
