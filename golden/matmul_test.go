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
	got, plain := make([]int64, len(weights)/len(x)), make([]int64, len(weights)/len(x))
	r.products(x, 0, plain)
	if p := r.packingFor(x); p != nil {
		p.products(x, 0, got)
	} else {
		copy(got, plain)
	}
	for row := range got {
		want := new(big.Int)
		for i, v := range x {
			want.Add(want, new(big.Int).Mul(big.NewInt(int64(v)), big.NewInt(int64(weights[row*len(x)+i]))))
		}
		require.Equal(t, want.Int64(), got[row], "row %d", row)
		require.Equal(t, want.Int64(), plain[row], "row %d", row)
	}
}

func TestProductsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns, rows := rapid.IntRange(1, 40).Draw(t, "columns"), rapid.IntRange(1, 30).Draw(t, "rows")
		f := fixed.Format{Bits: rapid.SampledFrom([]int{1, 8, 12, 16}).Draw(t, "bits")}
		weights := drawValues(t, "weights", rows*columns, f)
		x := drawValues(t, "x", columns, fixed.Format{Bits: rapid.SampledFrom([]int{4, 9, 13, 16}).Draw(t, "bits of x")})
		requireProducts(t, newMatmul(quantizer{}, weights, columns, nil), x, weights)
	})
}

// The largest sums that a packing can hold, and the smallest that it cannot.
func TestProductsAtTheLimitsOfPackings(t *testing.T) {
	lowest, highest := int16(math.MinInt16), int16(math.MaxInt16)
	x := []int16{lowest, lowest, lowest}
	x8 := []int16{-128, -128, -128}
	for _, c := range []struct {
		weights, x []int16
		rows       int // of a number; 0 where it is not packed
	}{
		{[]int16{highest, highest, 1, lowest, -highest, 0, highest, -highest, 1, 0, 0, 0}, x, 2},
		{[]int16{highest, highest, 1, highest, highest, 1, -highest, -highest, -1, -highest, -highest, -1}, x, 2},
		{[]int16{highest, highest, 2, 0, 0, 0}, x, 0},
		{[]int16{0, 0, 0, lowest, lowest, 0}, x, 0},
		{[]int16{8000, 191, 0, 8191, 0, 0, -8191, 0, 0, -8000, 0, -191}, x8, 3},
		{[]int16{8191, 0, 0, -8191, 0, 0, 8191, 0, 0, -8191, 0, 0}, x8, 3},
		{[]int16{0, 0, 0, 0, 0, 0, 0, -8192, 0}, x8, 2},
		{[]int16{8192, 0, 0}, x8, 2},
	} {
		r := newMatmul(quantizer{}, c.weights, len(c.x), nil)
		rows := 0
		if p := r.packingFor(c.x); p != nil {
			rows = p.rows
		}
		assert.Equal(t, c.rows, rows, "%v", c.weights)
		for _, v := range [][]int16{x, {highest, highest, highest}, {lowest, highest, -1}, x8, {127, 127, 127}, {127, -128, -128}, {0, 0, 0}} {
			requireProducts(t, r, v, c.weights)
		}
	}
}

func TestBatchesAreWholeBlocks(t *testing.T) {
	for _, p := range packings {
		assert.Zero(t, batch%(numbersAtOnce*p.rows))
	}
}
