package fixed

import (
	"fmt"
	"math"
)

// Rounding is a rounding method, numbered as the quantizer numbers them.
type Rounding int

const (
	// HalfUp rounds to nearest, ties towards plus infinity (method 2: CNN layers; not used in a cell).
	HalfUp Rounding = 2
	// HalfAway rounds to nearest, ties away from zero (method 3: weights and biases).
	HalfAway Rounding = 3
	// Floor rounds towards minus infinity (method 4: activations).
	Floor Rounding = 4
	// HalfMixed rounds to nearest; a negative tie goes towards plus infinity, any other tie to the even neighbour (method 5:
	// activations of the RNN flow before it floored them; "old RNN" in the comments of
	// vai_q_pytorch/include/cuda/nndct_fix_kernels.cuh of Xilinx/Vitis-AI, whose rule this is).
	HalfMixed Rounding = 5
)

// String names the method.
func (r Rounding) String() string {
	switch r {
	case HalfUp:
		return "half-up"
	case HalfAway:
		return "half-away"
	case Floor:
		return "floor"
	case HalfMixed:
		return "half-mixed"
	}
	return fmt.Sprintf("rounding(%d)", int(r))
}

// Round rounds v to an integral value. It is exact: no sum is formed that could round on its own.
func (r Rounding) Round(v float64) float64 {
	switch r {
	case HalfUp:
		return halfUp(v)
	case HalfAway:
		return math.Round(v)
	case Floor:
		return math.Floor(v)
	case HalfMixed:
		if v < 0 {
			return halfUp(v)
		}
		return math.RoundToEven(v)
	}
	panic(fmt.Sprintf("fixed: rounding method %d does not exist", int(r)))
}

func halfUp(v float64) float64 {
	whole := math.Floor(v)
	if v-whole >= 0.5 {
		whole++
	}
	return whole
}

// Quantize gives the integer that v becomes in format f: round(v · 2^position), clamped. An infinity becomes the nearest
// end of the range; v must not be NaN.
func (r Rounding) Quantize(v float64, f Format) int64 {
	scaled := math.Ldexp(v, f.Position)
	if scaled == 0 && v != 0 {
		// The scaling underflowed: all that rounding has to know is the side of zero.
		scaled = math.Copysign(math.SmallestNonzeroFloat64, v)
	}
	scaled = r.Round(scaled)
	if scaled <= float64(f.Min()) {
		return f.Min()
	}
	if scaled >= float64(f.Max()) {
		return f.Max()
	}
	return int64(scaled)
}

// Real is the number that q stands for at a fix position, q / 2^position.
func Real(q int64, position int) float64 { return math.Ldexp(float64(q), -position) }
