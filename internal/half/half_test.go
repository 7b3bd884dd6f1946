package half

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// slowFloat16 is binary16 as the standard words it, in float64 arithmetic.
func slowFloat16(bits uint16) float64 {
	sign := 1.0
	if bits&0x8000 != 0 {
		sign = -1
	}
	exponent, fraction := int(bits>>10&0x1f), float64(bits&0x3ff)
	switch {
	case exponent == 31 && fraction == 0:
		return math.Inf(int(sign))
	case exponent == 31:
		return math.NaN()
	case exponent == 0:
		return sign * math.Pow(2, -14) * (fraction / 1024)
	}
	return sign * math.Pow(2, float64(exponent-15)) * (1 + fraction/1024)
}

func TestFloat16Exhaustively(t *testing.T) {
	for i := 0; i <= math.MaxUint16; i++ {
		got, want := Float16(uint16(i)), slowFloat16(uint16(i))
		if math.IsNaN(want) {
			require.True(t, math.IsNaN(float64(got)), "%#04x", i)
			continue
		}
		require.Equal(t, want, float64(got), "%#04x", i)
		require.Equal(t, i >= 0x8000, math.Signbit(float64(got)), "sign of %#04x", i)
	}
}

func TestBFloat16(t *testing.T) {
	for bits, want := range map[uint16]float32{0x3f80: 1, 0xc040: -3, 0x0001: 0x1p-133, 0x7f80: float32(math.Inf(1))} {
		assert.Equal(t, want, BFloat16(bits), "%#04x", bits)
	}
	assert.True(t, math.Signbit(float64(BFloat16(0x8000))))
	assert.True(t, math.IsNaN(float64(BFloat16(0x7fc0))))
}
