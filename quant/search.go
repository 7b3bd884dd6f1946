package quant

import "math"

// The position search. For a tensor x of b bits, with R candidates:
//
//	lb = -2^(b-1) - 0.5    ub = 2^(b-1) - 0.5    step = max(min(x)/lb, max(x)/ub)
//	s0 = 0 if step is 0, else floor(log2(1/step))
//
// The position is the s of s0 … s0+R-1 with the smallest d = Σ (x - quantize(x, s))², the first on ties, at most maxPosition.
// All of it is float32, and d is summed in the order of the tensor: the comparison depends on how each sum rounds.

// The numbers of candidates.
const (
	inputCandidates = 1 // inputs of the cell, and 8-bit inputs of matmuls
	nodeCandidates  = 5 // node outputs, weights and biases
)

// extremes gives the smallest and the largest value, and whether all are finite. x is not empty.
func extremes(x []float32) (low, high float32, finite bool) {
	const exponent = 0x7f800000
	low, high = x[0], x[0]
	for _, v := range x {
		if math.Float32bits(v)&exponent == exponent {
			return 0, 0, false
		}
		if v < low {
			low = v
		}
		if v > high {
			high = v
		}
	}
	return low, high, true
}

// firstCandidate is s0: the largest position at which the tensor's extremes fit into the width.
func firstCandidate(low, high float32, bits int) int {
	half := float32(int64(1) << (bits - 1))
	step := max(low/(-half-0.5), high/(half-0.5))
	if step == 0 {
		return 0
	}
	inverse := 1 / step
	if inverse > math.MaxFloat32 {
		// A denormal step has no finite inverse. Whatever is larger than every limit of the position says the same.
		return math.MaxInt8
	}
	// The logarithm is rounded to float32 before the floor, so that an inverse a few units below a power of two still gives
	// that power. Taking it in float64 first is safe: no float32 has a logarithm closer than 2^-30 to where the rounding to
	// float32 turns, and float64 is wrong by 2^-47 at most.
	return int(math.Floor(float64(float32(math.Log2(float64(inverse))))))
}

// power2 is 2^n as a float32, for n in -126 … 127.
func power2(n int) float32 { return math.Float32frombits(uint32(n+127) << 23) }

// searchFloor searches the position of an activation (floored). low and high are the extremes of x.
func searchFloor(x []float32, low, high float32, bits, candidates, maxPosition int) int {
	if low == 0 && high == 0 {
		return min(0, maxPosition)
	}
	first := firstCandidate(low, high, bits)
	// Where even the first candidate reaches the limit, no sum can change the outcome.
	if candidates == 1 || first >= maxPosition {
		return min(first, maxPosition)
	}
	d := floorErrors(x, first, bits)
	return min(first+firstSmallest(d[:]), maxPosition)
}

// searchHalfAway searches the position of a parameter (rounded to nearest, ties away from zero).
func searchHalfAway(x []float32, low, high float32, bits, maxPosition int) int {
	first := firstCandidate(low, high, bits)
	if first >= maxPosition {
		return maxPosition
	}
	var d [nodeCandidates]float32
	for i := range d {
		g := gridOf(bits, first+i)
		for _, v := range x {
			difference := v - g.halfAway(v)
			d[i] += float32(difference * difference)
		}
	}
	return min(first+firstSmallest(d[:]), maxPosition)
}

// firstSmallest is the index of the smallest value, the first on ties.
func firstSmallest(d []float32) int {
	best := 0
	for i, v := range d {
		if v < d[best] {
			best = i
		}
	}
	return best
}

// floorErrors gives d of the five candidates from first on, for floored values. The five sums advance together because each
// is a chain of additions that may not be reordered, and a single chain would leave the processor waiting.
func floorErrors(x []float32, first, bits int) [nodeCandidates]float32 {
	g0, g1, g2, g3, g4 := gridOf(bits, first), gridOf(bits, first+1), gridOf(bits, first+2), gridOf(bits, first+3), gridOf(bits, first+4)
	var d0, d1, d2, d3, d4 float32
	for _, v := range x {
		// No scaled value leaves an int32 here: the first candidate brings them to 2^15 at most, the last to 2^19.
		e0 := v - g0.floorScaled(v*g0.scale)
		e1 := v - g1.floorScaled(v*g1.scale)
		e2 := v - g2.floorScaled(v*g2.scale)
		e3 := v - g3.floorScaled(v*g3.scale)
		e4 := v - g4.floorScaled(v*g4.scale)
		d0 += float32(e0 * e0)
		d1 += float32(e1 * e1)
		d2 += float32(e2 * e2)
		d3 += float32(e3 * e3)
		d4 += float32(e4 * e4)
	}
	return [nodeCandidates]float32{d0, d1, d2, d3, d4}
}
