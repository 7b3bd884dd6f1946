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
)

// Round rounds v to an integral value. It is exact: no sum is formed that could round on its own.
func (r Rounding) Round(v float64) float64 {
	switch r {
	case HalfUp:
		whole := math.Floor(v)
		if v-whole >= 0.5 {
			whole++
		}
		return whole
	case HalfAway:
		return math.Round(v)
	case Floor:
		return math.Floor(v)
	}
	panic(fmt.Sprintf("fixed: rounding method %d does not exist", int(r)))
}

// Quantize gives the integer that v becomes in format f: round(v · 2^position), clamped. v must not be NaN.
func (r Rounding) Quantize(v float64, f Format) int64 {
	scaled := r.Round(math.Ldexp(v, f.Position))
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
