package coverage

import (
	"math"

	"rnnsim/internal/fixed"
)

// point is a quantization point: what comes at the position from is floored to the format and clamped.
type point struct {
	*bins
	from   int
	format fixed.Format
	first  int
}

// The bins of a point, from its first on.
const (
	floorNone = iota
	floorPositive
	floorNegative
	clampLow
	clampHigh
	endLow
	endHigh
)

func newPoint(b *bins, prefix string, from int, format fixed.Format) point {
	first := b.add(prefix+"floor without a remainder", prefix+"floor of a positive value with a remainder", prefix+"floor of a negative value with a remainder",
		prefix+"saturation at the low end", prefix+"saturation at the high end", prefix+"the low end itself", prefix+"the high end itself")
	return point{b, from, format, first}
}

// take quantizes a value, or all values of an interval.
func (p point) take(wide interval) interval {
	shift := p.from - p.format.Position
	if shift <= 0 {
		p.mark(p.first + floorNone)
	} else {
		p.floors(wide, min(shift, 62))
	}
	return p.clamp(interval{fixed.ShiftRight(wide.lo, shift), fixed.ShiftRight(wide.hi, shift)})
}

// floors marks what the floor by a shift of 1 to 62 bits can meet.
func (p point) floors(wide interval, shift int) {
	size := int64(1) << shift
	p.markIf(wide.hi>>shift<<shift >= wide.lo, p.first+floorNone) // the largest multiple that is not above hi
	// Of two neighbours one is no multiple.
	remains := func(i interval) bool { return i.lo < i.hi || i.lo == i.hi && i.lo&(size-1) != 0 }
	far := func(hit bool, distance int64) int64 {
		if hit {
			return 0
		}
		return max(1, distance)
	}
	p.near(p.first+floorPositive, far(remains(interval{max(wide.lo, 1), wide.hi}), wide.to(1, math.MaxInt64)))
	p.near(p.first+floorNegative, far(remains(interval{wide.lo, min(wide.hi, -1)}), wide.to(math.MinInt64, -1)))
}

func (p point) clamp(floored interval) interval {
	low, high := p.format.Min(), p.format.Max()
	p.near(p.first+clampLow, floored.to(math.MinInt64, low-1))
	p.near(p.first+clampHigh, floored.to(high+1, math.MaxInt64))
	p.near(p.first+endLow, floored.to(low, low))
	p.near(p.first+endHigh, floored.to(high, high))
	return interval{min(max(floored.lo, low), high), min(max(floored.hi, low), high)}
}

// takeReal quantizes a finite real number.
func (p point) takeReal(v float32) {
	scaled := math.Ldexp(float64(v), p.format.Position)
	floor := math.Floor(scaled)
	p.markIf(scaled == floor, p.first+floorNone)
	p.markIf(scaled != floor && v > 0, p.first+floorPositive)
	p.markIf(scaled != floor && v < 0, p.first+floorNegative)
	const far = 1 << 40
	whole := int64(min(max(floor, -far), far))
	p.clamp(interval{whole, whole})
}
