package golden

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/internal/fixed"
)

func requireProducts(t require.TestingT, r *matmul, x, weights []int16) {
	for row := 0; row*len(x) < len(weights); row++ {
		want := new(big.Int)
		for i, v := range x {
			want.Add(want, new(big.Int).Mul(big.NewInt(int64(v)), big.NewInt(int64(weights[row*len(x)+i]))))
		}
		got := r.productsFor(x)(x, row/rowsAtOnce*rowsAtOnce)[row%rowsAtOnce]
		require.Equal(t, want.Int64(), got, "row %d", row)
	}
}

func TestProductsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns, rows := rapid.IntRange(1, 40).Draw(t, "columns"), rapid.IntRange(1, 10).Draw(t, "rows")
		f := fixed.Format{Bits: rapid.SampledFrom([]int{1, 8, 12, 16}).Draw(t, "bits")}
		weights := drawValues(t, "weights", rows*columns, f)
		x := drawValues(t, "x", columns, fixed.Format{Bits: rapid.SampledFrom([]int{4, 9, 13, 16}).Draw(t, "bits of x")})
		requireProducts(t, newMatmul(quantizer{}, weights, columns, nil), x, weights)
	})
}

// The largest sums that pairs can hold, and the smallest that they cannot.
func TestProductsAtTheLimitOfPairs(t *testing.T) {
	lowest, highest := int16(math.MinInt16), int16(math.MaxInt16)
	x := []int16{lowest, lowest, lowest}
	for _, c := range []struct {
		weights []int16
		paired  bool
	}{
		{[]int16{highest, highest, 1, lowest, -highest, 0, highest, -highest, 1, 0, 0, 0}, true},
		{[]int16{highest, highest, 1, highest, highest, 1, -highest, -highest, -1, -highest, -highest, -1}, true},
		{[]int16{highest, highest, 2, 0, 0, 0}, false},
		{[]int16{0, 0, 0, lowest, lowest, 0}, false},
	} {
		r := newMatmul(quantizer{}, c.weights, len(x), nil)
		assert.Equal(t, c.paired, r.paired(x))
		assert.True(t, r.paired([]int16{1 << 12, -1 << 12, 0}))
		for _, v := range [][]int16{x, {highest, highest, highest}, {lowest, highest, -1}} {
			requireProducts(t, r, v, c.weights)
		}
	}
}
