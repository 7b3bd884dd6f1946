package sim

import (
	"math"

	"rnnsim/internal/fixed"
)

// beyond is a magnitude that every format here, and the int32 cast of the original, sees as out of range. Values that a left
// shift carries past it stop there.
const beyond = 1 << 62

// clamp is a quantization point's saturation.
type clamp struct {
	low, high int64
	// castsToInt32 reproduces the original, which casts the floored value to int32 before it clamps: 2^31 and more become
	// the most negative integer.
	castsToInt32 bool
}

func newClamp(f fixed.Format, castsToInt32 bool) clamp {
	return clamp{low: f.Min(), high: f.Max(), castsToInt32: castsToInt32}
}

// apply saturates v and says with 1 that it had to, with 0 that it had not.
func (c clamp) apply(v int64) (int16, int32) {
	switch {
	case v > c.high:
		if c.castsToInt32 && v > math.MaxInt32 {
			return int16(c.low), 1
		}
		return int16(c.high), 1
	case v < c.low:
		return int16(c.low), 1
	}
	return int16(v), 0
}

func (c clamp) ends() ends { return ends{low: int16(c.low), high: int16(c.high)} }

// rescale brings a wide integer from one fix position to a format: arithmetic shift (floor), then saturation.
type rescale struct {
	shift int // right by shift, left where negative
	clamp
}

func newRescale(position int, to fixed.Format, castsToInt32 bool) rescale {
	return rescale{shift: position - to.Position, clamp: newClamp(to, castsToInt32)}
}

func (r rescale) apply(v int64) (int16, int32) { return r.clamp.apply(shiftRight(v, r.shift)) }

// keeps says that every 16-bit value stays as it is.
func (r rescale) keeps() bool {
	return r.shift == 0 && r.low <= math.MinInt16 && r.high >= math.MaxInt16
}

// fits says that a value of at most the given magnitude has at most 32 bits when it is clamped.
func (r rescale) fits(magnitude int64) bool { return shiftRight(magnitude, r.shift) <= math.MaxInt32 }

// shiftRight is floor(v / 2^n); a negative n multiplies. The product stops at ±beyond.
func shiftRight(v int64, n int) int64 {
	if n >= 0 {
		return v >> min(n, 63)
	}
	limit := int64(beyond) >> min(-n, 63)
	switch {
	case v > limit:
		return beyond
	case v < -limit:
		return -beyond
	}
	return v << min(-n, 63)
}

// nearby is the largest distance of two fix positions at which a sum of two 16-bit integers, aligned to the finer of them, is
// formed in int64 as it stands.
const nearby = 40

// alignedSum adds two integers at different fix positions and brings the sum to a format. The sum is formed exactly, at the
// finer position.
type alignedSum struct {
	// swapped is true where the second operand is the coarser one. The coarser operand moves left by distance.
	swapped  bool
	distance int
	rescale  // from the finer position
}

func newAlignedSum(a, b int, to fixed.Format, castsToInt32 bool) alignedSum {
	return alignedSum{swapped: a > b, distance: max(a, b) - min(a, b), rescale: newRescale(max(a, b), to, castsToInt32)}
}

func (s alignedSum) apply(a, b int64) (int16, int32) { return s.clamp.apply(s.value(a, b)) }

// value is the sum at the format's position, before it is clamped.
func (s alignedSum) value(a, b int64) int64 {
	if s.swapped {
		a, b = b, a
	}
	if s.distance <= nearby {
		return shiftRight(a<<s.distance+b, s.shift)
	}
	return s.far(a, b)
}

// far is floor((a·2^distance + b) / 2^shift) for operands so far apart that the dividend does not fit in int64, or any value
// beyond int32's range on the same side where the result lies there.
func (s alignedSum) far(a, b int64) int64 {
	left := s.distance - s.shift
	switch {
	case left <= 0:
		// floor(floor(u / m) / n) = floor(u / mn), and a is whole.
		return shiftRight(a+shiftRight(b, s.distance), -left)
	case a == 0:
		return shiftRight(b, s.shift)
	case left > nearby:
		// |a·2^left| is at least 2^41, and b, with its 15 bits, cannot bring the sum back. Its shift goes the same way.
		return shiftRight(a, -nearby)
	}
	return a<<left + shiftRight(b, s.shift)
}
