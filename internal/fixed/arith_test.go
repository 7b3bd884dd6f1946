package fixed

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// anyInt64 draws integers of every magnitude, with the ends of each power of two among them.
func anyInt64() *rapid.Generator[int64] {
	return rapid.Custom(func(t *rapid.T) int64 {
		v := rapid.Int64().Draw(t, "v") >> rapid.IntRange(0, 63).Draw(t, "narrower")
		edge := int64(1) << rapid.IntRange(0, 63).Draw(t, "edge")
		return rapid.SampledFrom([]int64{v, edge, edge - 1, -edge, -edge - 1, 0, math.MinInt64, math.MaxInt64}).Draw(t, "which")
	})
}

func TestShiftRightIsFloorDivision(t *testing.T) {
	lo, hi := big.NewInt(math.MinInt64), big.NewInt(math.MaxInt64)
	rapid.Check(t, func(t *rapid.T) {
		v := anyInt64().Draw(t, "value")
		n := rapid.IntRange(-130, 130).Draw(t, "shift")
		want := bigClamp(bigFloorShift(big.NewInt(v), n), lo, hi)
		require.Equal(t, want.Int64(), ShiftRight(v, n), "%d >> %d", v, n)
	})
}

func TestSaturateIsClamping(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyInt64().Draw(t, "value")
		bits := rapid.IntRange(MinBits, MaxBits).Draw(t, "bits")
		lo, hi := bigRange(bits)
		want := bigClamp(big.NewInt(v), lo, hi).Int64()
		got, saturated := Saturate(v, bits)
		require.Equal(t, want, got, "saturate %d to %d bits", v, bits)
		require.Equal(t, want != v, saturated)
	})
}

func TestSaturateAtEveryEnd(t *testing.T) {
	for bits := MinBits; bits <= MaxBits; bits++ {
		f := Format{Bits: bits}
		for _, c := range []struct {
			v, want   int64
			saturated bool
		}{
			{f.Min(), f.Min(), false}, {f.Min() - 1, f.Min(), true}, {math.MinInt64, f.Min(), true},
			{f.Max(), f.Max(), false}, {f.Max() + 1, f.Max(), true}, {math.MaxInt64, f.Max(), true},
		} {
			got, saturated := Saturate(c.v, bits)
			assert.Equal(t, c.want, got, "%d bits, %d", bits, c.v)
			assert.Equal(t, c.saturated, saturated, "%d bits, %d", bits, c.v)
		}
	}
}

func TestFormatLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Format{Bits: rapid.IntRange(-3, 40).Draw(t, "bits"), Position: rapid.IntRange(-40, 40).Draw(t, "position")}
		good := f.Bits >= 1 && f.Bits <= 32 && f.Position >= -32 && f.Position <= 31
		if err := f.Validate(); good {
			require.NoError(t, err)
			lo, hi := bigRange(f.Bits)
			require.Equal(t, lo.Int64(), f.Min())
			require.Equal(t, hi.Int64(), f.Max())
		} else {
			require.ErrorContains(t, err, "is outside")
		}
	})
	assert.Equal(t, "[16,12]", Format{Bits: 16, Position: 12}.String())
	assert.EqualError(t, Format{Bits: 33}.Validate(), "bit width 33 is outside 1 to 32")
	assert.EqualError(t, Format{Bits: 8, Position: -33}.Validate(), "fix position -33 is outside -32 to 31")
}
