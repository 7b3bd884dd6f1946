package fixed

// ShiftRight shifts v right arithmetically (towards minus infinity) by n bits; a negative n shifts left. A left shift that
// leaves the range of int64 stops at its nearest end, so that a later saturation still sees the right sign.
func ShiftRight(v int64, n int) int64 {
	if n >= 0 {
		return v >> min(n, 63)
	}
	return shiftLeft(v, -n)
}

func shiftLeft(v int64, n int) int64 {
	const maxInt64, minInt64 = 1<<63 - 1, -1 << 63
	switch {
	case v == 0:
		return 0
	case n < 63 && v<<n>>n == v:
		return v << n
	case v > 0:
		return maxInt64
	}
	return minInt64
}

// Saturate clamps v to the integers of the given width and reports whether it had to.
func Saturate(v int64, bits int) (clamped int64, saturated bool) {
	f := Format{Bits: bits}
	if lo := f.Min(); v < lo {
		return lo, true
	}
	if hi := f.Max(); v > hi {
		return hi, true
	}
	return v, false
}
