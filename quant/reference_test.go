package quant

import (
	"math"

	"rnnsim/internal/fixed"
)

// The second implementation of the position search: the formulas of the specification, one after another, with float32
// rounding written out at every operation and no shortcut. It shares nothing with the first.

// slowFloorLog2 is floor(log2(y)) with the logarithm rounded to float32. The logarithm reaches the integer n after rounding
// where it is at least n minus half the distance from n to the float32 below it.
func slowFloorLog2(y float32) int {
	if math.IsInf(float64(y), 1) {
		return math.MaxInt8
	}
	for n := 200; ; n-- {
		below := math.Nextafter32(float32(n), float32(math.Inf(-1)))
		half := (float64(float32(n)) - float64(below)) / 2
		if float64(y) >= math.Exp2(float64(n))*math.Exp2(-half) {
			return n
		}
	}
}

func slowQuantize(v float32, position, bits int, method fixed.Rounding, wrap bool) float32 {
	least, most := -math.Ldexp(1, bits-1), math.Ldexp(1, bits-1)-1
	scaled := float64(float32(math.Ldexp(float64(v), position)))
	var q float64
	switch method {
	case fixed.Floor:
		q = math.Floor(scaled)
		if wrap && (q >= math.Ldexp(1, 31) || q < -math.Ldexp(1, 31)) {
			q = -math.Ldexp(1, 31)
		}
		q = math.Max(least, math.Min(most, q))
	case fixed.HalfAway:
		switch {
		case scaled > most:
			q = most
		case scaled < least:
			q = least
		case scaled < 0:
			q = -math.Floor(-scaled + 0.5)
		default:
			q = math.Floor(scaled + 0.5)
		}
	}
	return float32(math.Ldexp(q, -position))
}

func slowSearch(x []float32, bits, candidates int, method fixed.Rounding, maxPosition int) int {
	lowest, largest := float32(math.Inf(1)), float32(math.Inf(-1))
	for _, v := range x {
		lowest = float32(math.Min(float64(lowest), float64(v)))
		largest = float32(math.Max(float64(largest), float64(v)))
	}
	lb := float32(-math.Ldexp(1, bits-1) - 0.5)
	ub := float32(math.Ldexp(1, bits-1) - 0.5)
	step := float32(math.Max(float64(lowest/lb), float64(largest/ub)))
	s0 := 0
	if step != 0 {
		s0 = slowFloorLog2(1 / step)
	}
	best, bestError := s0, float32(math.NaN())
	for s := s0; s < s0+candidates; s++ {
		var d float32
		for _, v := range x {
			e := v - slowQuantize(v, s, bits, method, false)
			square := e * e
			d = d + square
		}
		if s == s0 || d < bestError {
			best, bestError = s, d
		}
	}
	if best > maxPosition {
		return maxPosition
	}
	return best
}

// slowMode is the most frequent position, the smallest on ties.
func slowMode(positions []int) int {
	best, bestCount := 0, 0
	for candidate := -200; candidate <= 200; candidate++ {
		count := 0
		for _, p := range positions {
			if p == candidate {
				count++
			}
		}
		if count > bestCount {
			best, bestCount = candidate, count
		}
	}
	return best
}
