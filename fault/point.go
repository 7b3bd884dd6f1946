package fault

import (
	"math"
	"math/big"

	"rnnsim/internal/fixed"
)

// rounding is what a quantization point does with the bits that it drops.
type rounding int

const (
	floor rounding = iota
	halfUp
	halfAway
	halfEven
	halfMixed // a negative tie upwards, any other to the even neighbour: what the quantizer did before it floored
	towardsZero
	ceiling
)

// overflow is what a quantization point does with a value beyond its range.
type overflow int

const (
	saturates overflow = iota
	wrapsAround
	highOneShort   // stops one below the largest value
	lowOneShort    // stops one above the smallest value: a symmetric range
	stopsInBetween // as an unsigned number of the same width would: negative values become 0
)

// point is a quantization point: shift right, then saturate. The zero values of its modes are the right ones.
type point struct {
	position   int
	bits       int
	rounding   rounding
	overflow   overflow
	shiftError int // bits that it shifts too far to the right
	// casts is a fault of the original's kernels that Vitis AI 2.0 semantics include: what is 2^31 or more becomes the lowest
	// value, because it is cast to int32 before it is clamped.
	casts bool
}

// take quantizes the integer v that stands at a position.
func (p *point) take(v int64, position int) int16 {
	return p.clamp(round(v, position-p.position+p.shiftError, p.rounding))
}

func (p *point) clamp(v int64) int16 {
	low, high := int64(-1)<<(p.bits-1), int64(1)<<(p.bits-1)-1
	switch p.overflow {
	case wrapsAround:
		return int16(v << (64 - p.bits) >> (64 - p.bits))
	case highOneShort:
		high--
	case lowOneShort:
		low++
	case stopsInBetween:
		low = 0
	}
	switch {
	case v < low:
		return int16(low)
	case v <= high:
		return int16(v)
	case p.casts && v > math.MaxInt32:
		return int16(low)
	}
	return int16(high)
}

// takeSum quantizes a + b, each at its own position.
func (p *point) takeSum(a int64, positionA int, b int64, positionB int) int16 {
	finest := max(positionA, positionB)
	if finest-min(positionA, positionB) < 40 {
		return p.take(a<<(finest-positionA)+b<<(finest-positionB), finest)
	}
	// The aligned sum does not fit in 64 bits. Its bits below the result's grid but three matter to no rounding, except that
	// they are there.
	sum := new(big.Int).Lsh(big.NewInt(a), uint(finest-positionA))
	sum.Add(sum, new(big.Int).Lsh(big.NewInt(b), uint(finest-positionB)))
	const spare = 3
	drop := max(0, finest-p.position+p.shiftError-spare)
	rest := new(big.Int)
	quotient, _ := new(big.Int).DivMod(sum, new(big.Int).Lsh(big.NewInt(1), uint(drop)), rest)
	position := finest - drop
	if rest.Sign() != 0 {
		quotient.Or(quotient, big.NewInt(1))
	}
	if !quotient.IsInt64() {
		return p.clamp(int64(quotient.Sign()) * (1 << 62))
	}
	return p.take(quotient.Int64(), position)
}

// takeReal quantizes a finite real number.
func (p *point) takeReal(v float64) int16 {
	scaled := math.Ldexp(v, p.position-p.shiftError)
	whole := math.Floor(scaled)
	up := 0.0
	switch rest, negative, odd := scaled-whole, scaled < 0, math.Mod(whole, 2) != 0; p.rounding {
	case halfUp:
		up = one(rest >= 0.5)
	case halfAway:
		up = one(rest > 0.5 || rest == 0.5 && !negative)
	case halfEven:
		up = one(rest > 0.5 || rest == 0.5 && odd)
	case halfMixed:
		up = one(rest > 0.5 || rest == 0.5 && (negative || odd))
	case towardsZero:
		up = one(negative && rest > 0)
	case ceiling:
		up = one(rest > 0)
	}
	return p.clamp(int64(math.Max(-1<<62, math.Min(1<<62, whole+up))))
}

func one(condition bool) float64 {
	if condition {
		return 1
	}
	return 0
}

// round shifts v right by n bits with a rounding; a negative n shifts left.
func round(v int64, n int, r rounding) int64 {
	if n <= 0 || r == floor {
		return fixed.ShiftRight(v, n)
	}
	n = min(n, 62)
	whole := v >> n
	rest, half := v-whole<<n, int64(1)<<(n-1)
	up := false
	switch r {
	case halfUp:
		up = rest >= half
	case halfAway:
		up = rest > half || rest == half && v >= 0
	case halfEven:
		up = rest > half || rest == half && whole&1 != 0
	case halfMixed:
		up = rest > half || rest == half && (v < 0 || whole&1 != 0)
	case towardsZero:
		up = v < 0 && rest != 0
	case ceiling:
		up = rest != 0
	}
	if up {
		whole++
	}
	return whole
}
