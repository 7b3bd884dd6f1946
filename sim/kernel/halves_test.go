package kernel

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Every 16-bit number is its halves, by every set, whatever the length.
func TestHalvesOfInputs(t *testing.T) {
	var x []int16
	for v := math.MinInt16; v <= math.MaxInt16; v++ {
		x = append(x, int16(v))
	}
	for _, set := range append(available(), &routines{name: "generic", split: splitGeneric}) {
		if set.split == nil {
			continue
		}
		for _, n := range []int{0, 1, 7, 8, 9, len(x)} {
			hi, lo := make([]int16, n), make([]int16, n)
			set.takeApart(hi, lo, x[len(x)-n:])
			for k, v := range x[len(x)-n:] {
				require.Equal(t, int(v), 256*int(hi[k])+int(lo[k]), "%s", set.name)
				require.True(t, lo[k] >= -128 && lo[k] <= 127 && hi[k] >= -128 && hi[k] <= 128, "%s: %d is %d and %d", set.name, v, hi[k], lo[k])
			}
		}
	}
}

// Halves of sums, folded one after another, settle to the true sum clamped to 32 bits.
func TestHalvesOfSumsSettle(t *testing.T) {
	most := int32(halvesLimit * 128)
	part := rapid.OneOf(rapid.Int32Range(-most, most), rapid.Int32Range(-300, 300), rapid.SampledFrom([]int32{-most, most, 0, -1, 1, 255, 256, -256}))
	rapid.Check(t, func(t *rapid.T) {
		n, folds := 8*rapid.IntRange(0, 5).Draw(t, "vectors"), rapid.IntRange(1, 9).Draw(t, "folds")
		want := make([]int64, n)
		var his, los [][]int32
		for range folds {
			hi, lo := rapid.SliceOfN(part, n, n).Draw(t, "hi"), rapid.SliceOfN(part, n, n).Draw(t, "lo")
			his, los = append(his, hi), append(los, lo)
			for k := range want {
				want[k] += 256*int64(hi[k]) + int64(lo[k])
			}
		}
		for _, set := range append(available(), &routines{name: "generic", split: splitGeneric, fold: foldGeneric, settle: settleGeneric}) {
			if set.split == nil {
				continue
			}
			total, sums := make([]int32, 2*n), make([]int32, n)
			for k := range his {
				set.fold(total, his[k], los[k])
			}
			set.settle(sums, total)
			require.Equal(t, clamped(want), sums, set.name)
		}
	})
}
