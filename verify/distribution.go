package verify

import (
	"math"
	"math/bits"
	"reflect"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
)

// Distribution is how the values of a node lie in the range of its format: what of the range they use, and what was clamped.
type Distribution struct {
	Values int64 `json:"values"`
	// Smallest and Largest are integers at the node's position.
	Smallest int64 `json:"smallest"`
	Largest  int64 `json:"largest"`
	// AtLow and AtHigh count the values at either end of the range, and Outside those beyond it, which only a side with another
	// format, or a float one, has.
	AtLow   int64 `json:"at_low_end"`
	AtHigh  int64 `json:"at_high_end"`
	Outside int64 `json:"outside,omitempty"`
	// Saturated counts the values that were clamped, by what the side recorded of it; -1 is unknown.
	Saturated int64 `json:"saturated"`
	// Parts counts the values in equal parts of the range, from its low end on; what lies outside is in the outermost ones.
	Parts []int64 `json:"parts"`
	// Bits counts the values that need so many bits in two's complement: Bits[0] one, for 0 and -1.
	Bits []int64 `json:"bits"`

	format fixed.Format
	shift  int
}

// maxParts is how many parts a range is cut into; an 8-bit range has four values a part.
const maxParts = 64

// newDistribution makes an empty one for the range of a node.
func newDistribution(n dump.Node) *Distribution {
	width := min(max(n.Bits, 1), 32)
	shift := max(width-bits.Len(maxParts-1), 0)
	return &Distribution{
		format: fixed.Format{Bits: width, Position: n.Position}, shift: shift,
		Parts: make([]int64, 1<<(width-shift)), Bits: make([]int64, width),
	}
}

// take counts the values of a frame. saturated is how many of them were clamped, -1 where that is unknown.
func (d *Distribution) take(values column, position, saturated int) {
	switch {
	case values.floats != nil || position != d.format.Position:
		for i := range values.len() {
			d.add(d.onGrid(realAt(values, i, dump.Node{Position: position})))
		}
	default:
		for _, v := range values.ints {
			d.add(int64(v))
		}
	}
	if saturated < 0 || d.Saturated < 0 {
		d.Saturated = -1
		return
	}
	d.Saturated += int64(saturated)
}

// onGrid gives the integer of the format at or below a real number. What is no number lies beyond every range.
func (d *Distribution) onGrid(v float64) int64 {
	const far = 1 << 40
	v = math.Floor(math.Ldexp(v, d.format.Position))
	if math.IsNaN(v) {
		return far
	}
	return int64(min(max(v, -far), far))
}

func (d *Distribution) add(v int64) {
	low, high := d.format.Min(), d.format.Max()
	if d.Values == 0 {
		d.Smallest, d.Largest = v, v
	}
	d.Values++
	d.Smallest, d.Largest = min(d.Smallest, v), max(d.Largest, v)
	switch {
	case v < low:
		d.Outside++
		v = low
	case v > high:
		d.Outside++
		v = high
	case v == low:
		d.AtLow++
	case v == high:
		d.AtHigh++
	}
	d.Parts[(v-low)>>d.shift]++
	d.Bits[bits.Len64(uint64(v^(v>>63)))]++
}

// same says that two sides have the same values. What one of them did not record of clamping is taken from the other.
func (d *Distribution) same(other *Distribution) bool {
	if d.Saturated < 0 {
		d.Saturated = other.Saturated
	}
	alike := *other
	if alike.Saturated < 0 {
		alike.Saturated = d.Saturated
	}
	return reflect.DeepEqual(d, &alike)
}
