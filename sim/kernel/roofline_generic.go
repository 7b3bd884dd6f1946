package kernel

import "sync/atomic"

// sink keeps what a measurement computes from being optimized away.
var sink atomic.Int64

// peakGeneric multiplies and adds in registers, eight independent sums a round, and says how many products that were.
func peakGeneric(rounds int) int {
	var s0, s1, s2, s3, s4, s5, s6, s7 int32
	x, w := int32(rounds), int32(3)
	for range rounds {
		s0, s1, s2, s3 = s0+x*w, s1+x*s0, s2+w*s1, s3+x*s2
		s4, s5, s6, s7 = s4+x*w, s5+x*s4, s6+w*s5, s7+x*s6
	}
	sink.Store(int64(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7))
	return 8 * rounds
}

// readGeneric reads all of p.
func readGeneric(p []int16) {
	var a, b int16
	for k := 0; k+1 < len(p); k += 2 {
		a, b = a|p[k], b|p[k+1]
	}
	sink.Store(int64(a | b))
}
