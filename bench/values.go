package bench

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Values says what the weights and x hold.
type Values string

const (
	// Usual is bell-shaped weights as training leaves them, and x of a few units.
	Usual Values = "usual"
	// Zero is zeros throughout.
	Zero Values = "zero"
	// Saturating is usual weights, and x at the ends of its range.
	Saturating Values = "saturating"
	// Extreme is weights and x at the ends of their range: no sum is provably small.
	Extreme Values = "extreme"
)

// AllValues lists the kinds of values.
func AllValues() []Values { return []Values{Usual, Zero, Saturating, Extreme} }

// ParseValues reads the name of a kind of values; an empty one is Usual.
func ParseValues(name string) (Values, error) {
	if name == "" {
		return Usual, nil
	}
	for _, v := range AllValues() {
		if name == string(v) {
			return v, nil
		}
	}
	return "", fmt.Errorf("there are no values %q; there are %v", name, AllValues())
}

// Position is the fix position of every tensor of a workload but the tables, whose position is fixed, and 8-bit weights and
// inputs of products.
const Position = 12

// seed of every workload: checksums are compared between machines.
const seed = 1

// dice draws integers. It uses no floating point, which may differ in the last bit from processor to processor.
type dice struct{ source *rand.PCG }

func newDice(stream uint64) *dice { return &dice{rand.NewPCG(seed, stream)} }

// bell gives the sum of four uniform numbers, scaled to -limit … limit.
func (d *dice) bell(limit int) int16 {
	bits := d.source.Uint64()
	sum := int64(bits&0xffff + bits>>16&0xffff + bits>>32&0xffff + bits>>48)
	const half = 2 * 0xffff
	return int16((sum - half) * int64(limit) / half)
}

// end gives one of the ends of 16 bits.
func (d *dice) end() int16 {
	if d.source.Uint64()&1 == 0 {
		return math.MinInt16
	}
	return math.MaxInt16
}

func (d *dice) fill(n int, draw func() int16) []int16 {
	out := make([]int16, n)
	for i := range out {
		out[i] = draw()
	}
	return out
}

// weight gives what draws the weights of a layer.
func (d *dice) weight(values Values, limit int) func() int16 {
	switch values {
	case Zero:
		return func() int16 { return 0 }
	case Extreme:
		return d.end
	}
	return func() int16 { return d.bell(limit) }
}

// x gives what draws the inputs.
func (d *dice) x(values Values) func() int16 {
	switch values {
	case Zero:
		return func() int16 { return 0 }
	case Saturating, Extreme:
		return d.end
	}
	return func() int16 { return d.bell(4 << Position) }
}
