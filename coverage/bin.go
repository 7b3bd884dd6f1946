package coverage

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
func (i interval) holds(v int64) bool        { return i.lo <= v && v <= i.hi }
func (i interval) negative() bool            { return i.lo < 0 }
func (i interval) positive() bool            { return i.hi > 0 }

func (i interval) plus(j interval) interval { return interval{i.lo + j.lo, i.hi + j.hi} }

func (i interval) times(j interval) interval {
	a, b, c, d := i.lo*j.lo, i.lo*j.hi, i.hi*j.lo, i.hi*j.hi
	return interval{min(a, b, c, d), max(a, b, c, d)}
}

func (i interval) up(bits int) interval { return interval{i.lo << bits, i.hi << bits} }

// bins names the bins of a node and takes what happens: mark is told the index of each bin.
type bins struct {
	names []string
	mark  func(bin int)
}

// add appends bins and gives the index of the first.
func (b *bins) add(names ...string) int {
	b.names = append(b.names, names...)
	return len(b.names) - len(names)
}

func (b *bins) markIf(condition bool, bin int) {
	if condition {
		b.mark(bin)
	}
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
	s.markIf(a.positive() && b.positive(), s.first)
	s.markIf(a.positive() && b.negative(), s.first+1)
	s.markIf(a.negative() && b.positive(), s.first+2)
	s.markIf(a.negative() && b.negative(), s.first+3)
}
