package compile

import (
	"fmt"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// weightBytes is what the matrices of a cell take of each weight bank.
func weightBytes(kind xmodel.CellKind, input, hidden int) int {
	rows, columns := len32(hidden, 2)*isa.ElementwiseWidth, len32(input, 1)*isa.ElementwiseWidth
	return len(kind.Gates()) * rows / isa.WeightBanks * 2 * (columns + rows)
}

// vectorBytes is what x and h take of a vector bank.
func vectorBytes(input, hidden int) int {
	return (len32(input, 1) + len32(hidden, 2)) * isa.ElementwiseUnit
}

// fits tells whether the banks that are loaded from memory have room for a cell that reads and saves nothing but x and h.
func fits(target *isa.Target, kind xmodel.CellKind, input, hidden int) bool {
	return weightBytes(kind, input, hidden) <= target.WeightCapacity && vectorBytes(input, hidden) <= target.VectorCapacity
}

// checkCapacity says what does not fit, by how much, and what would.
func (p *plan) checkCapacity() error {
	frames := p.in.step() + p.out.step()
	if fits(p.target, p.kind, p.width(), p.hidden) && frames <= p.target.VectorCapacity {
		return nil
	}
	needed, capacity, what := weightBytes(p.kind, p.width(), p.hidden), p.target.WeightCapacity, "the matrices need %d bytes of each weight bank"
	if needed <= capacity {
		needed, capacity, what = frames, p.target.VectorCapacity, "the frames of x and h need %d bytes of the vector bank"
	}
	return fmt.Errorf("graph %q, %d features and %d units: "+what+", which has %d on %s (%d too few): %s", p.name, p.input, p.hidden, needed, capacity,
		p.target.Name, needed-capacity, whatFits(p.target, p.kind, p.input, p.hidden))
}

// whatFits names the largest sizes that would do.
func whatFits(target *isa.Target, kind xmodel.CellKind, input, hidden int) string {
	units, features := 0, 0
	for n := 2 * isa.ElementwiseWidth; n < hidden && fits(target, kind, input, n); n += 2 * isa.ElementwiseWidth {
		units = n
	}
	for n := isa.ElementwiseWidth; n < input && fits(target, kind, n, hidden); n += isa.ElementwiseWidth {
		features = n
	}
	switch {
	case units > 0 && features > 0:
		return fmt.Sprintf("up to %d units fit with %d features, or up to %d features with %d units", units, input, features, hidden)
	case units > 0:
		return fmt.Sprintf("up to %d units fit with %d features", units, input)
	case features > 0:
		return fmt.Sprintf("up to %d features fit with %d units", features, hidden)
	}
	return "both have to be smaller"
}
