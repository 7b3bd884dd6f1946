package selftest

import "math"

func floor(v float64) float64 { return math.Floor(v) }

func pow2(p int) float64 { return math.Pow(2, float64(p)) }

// plainInteger is the integer that a real number has in a format.
func plainInteger(v float64, bits, position int, round func(float64) float64) int16 {
	limit := pow2(bits - 1)
	return int16(math.Max(-limit, math.Min(limit-1, round(v*pow2(position)))))
}
