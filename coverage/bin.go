package coverage

import "math"

// Bin is one thing that can happen in a node.
type Bin struct {
	Name string `json:"name"`
	// Hit says that it happened in one of the node's units; Sequence and Step are where it did first.
	Hit      bool `json:"hit"`
	Sequence int  `json:"sequence"`
	Step     int  `json:"step"` // in execution order
	// Unreachable says that interval analysis proves that no input makes it happen.
	Unreachable bool `json:"unreachable"`
}

// interval is the integers from lo to hi. A single value is an interval as well, so that what a frame does and what all frames can do
// are found by the same rules.
type interval struct{ lo, hi int64 }

func (i interval) union(j interval) interval { return interval{min(i.lo, j.lo), max(i.hi, j.hi)} }

func (i interval) plus(j interval) interval { return interval{i.lo + j.lo, i.hi + j.hi} }

func (i interval) times(j interval) interval {
	a, b, c, d := i.lo*j.lo, i.lo*j.hi, i.hi*j.lo, i.hi*j.hi
	return interval{min(a, b, c, d), max(a, b, c, d)}
}

func (i interval) up(bits int) interval { return interval{i.lo << bits, i.hi << bits} }

// bins names the bins of a node and takes what happens: near is told how far what happens is from a bin, by its index. 0 is a hit; what
// else a distance means is a matter of the bin, but a smaller one is nearer.
type bins struct {
	names []string
	near  func(bin int, distance int64)
}

// add appends bins and gives the index of the first.
func (b *bins) add(names ...string) int {
	b.names = append(b.names, names...)
	return len(b.names) - len(names)
}

func (b *bins) mark(bin int) { b.near(bin, 0) }

func (b *bins) markIf(condition bool, bin int) {
	distance := int64(1)
	if condition {
		distance = 0
	}
	b.near(bin, distance)
}

// to gives how far the nearest value of an interval is from one between low and high.
func (i interval) to(low, high int64) int64 {
	switch {
	case i.hi < low:
		return low - i.hi
	case i.lo > high:
		return i.lo - high
	}
	return 0
}

// signPairs are the four bins of a product's signs.
type signPairs struct {
	*bins
	first int
}

func newSignPairs(b *bins) signPairs {
	return signPairs{b, b.add("product + +", "product + -", "product - +", "product - -")}
}

func (s signPairs) take(a, b interval) {
	positive := func(i interval) int64 { return i.to(1, math.MaxInt64) }
	negative := func(i interval) int64 { return i.to(math.MinInt64, -1) }
	s.near(s.first, positive(a)+positive(b))
	s.near(s.first+1, positive(a)+negative(b))
	s.near(s.first+2, negative(a)+positive(b))
	s.near(s.first+3, negative(a)+negative(b))
}
