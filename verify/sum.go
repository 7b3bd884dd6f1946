package verify

import "math"

// sum adds up numbers in twice the precision of a float64. What a comparison adds up is whole multiples of one power of two, as long as both
// sides are integers; then the sum is exact up to 2^105 of these, so that it does not depend on the order in which frames come.
type sum struct{ high, low float64 }

func sumOf(x float64) sum { return sum{high: x} }

func (s *sum) add(x float64) {
	high := s.high + x
	if math.IsInf(high, 0) || math.IsNaN(high) {
		s.high, s.low = high, 0
		return
	}
	// What the addition has rounded away (Knuth), which holds whichever of the two is larger.
	part := high - s.high
	lost := (s.high - (high - part)) + (x - part) + s.low
	s.high = high + lost
	s.low = lost - (s.high - high)
}

func (s *sum) join(o sum) {
	s.add(o.high)
	if o.low != 0 {
		s.add(o.low)
	}
}

func (s *sum) value() float64 { return s.high }
