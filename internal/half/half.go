// Package half turns the 16-bit floating-point formats that weights are stored in into float32. It is a leaf: it imports
// nothing of the project.
package half

import "math"

// Float16 gives the value of an IEEE 754 binary16 bit pattern: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits.
// Every binary16 value, subnormals and infinities included, is a float32; a NaN keeps its sign and payload.
func Float16(bits uint16) float32 {
	sign := uint32(bits>>15) << 31
	exponent := uint32(bits>>10) & 0x1f
	fraction := uint32(bits & 0x3ff)
	switch exponent {
	case 0:
		// Zero or subnormal: fraction × 2^-24, exact in float32. The sign is set on the bits so that -0 stays -0.
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)*0x1p-24))
	case 0x1f:
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// BFloat16 gives the value of a bfloat16 bit pattern: the upper half of a float32.
func BFloat16(bits uint16) float32 {
	return math.Float32frombits(uint32(bits) << 16)
}
