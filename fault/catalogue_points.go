package fault

import "fmt"

// points lists what can be wrong with quantization points: the rounding, the saturation, the shift, the width.
func (l *lister) points() {
	for _, p := range append(l.singles(func(*node) bool { return true }), groups()...) {
		l.roundings(p.only(dropsBits))
		l.overflows(p.only(func(_ *cell, n *node) bool { return !isTable(n) }))
		l.ends(p)
		l.shifts(p.only(shifts))
		for _, bits := range []int{8, 12, 15} {
			l.at(p.only(func(_ *cell, n *node) bool { return n.point.bits > bits }), fmt.Sprintf("%d-bits", bits),
				fmt.Sprintf("saturates at %d bits", bits), func(n *node) { n.point.bits = min(n.point.bits, bits) })
		}
	}
}

func (l *lister) roundings(p place) {
	for _, r := range []struct {
		kind, text string
		rounding   rounding
	}{
		{"rounds-half-up", "rounds half up where it should floor", halfUp},
		{"rounds-half-even", "rounds half to even where it should floor", halfEven},
		{"rounds-half-away", "rounds half away from zero where it should floor", halfAway},
		{"truncates", "rounds towards zero where it should floor", towardsZero},
		{"rounds-half-mixed", "rounds to nearest, negative ties up and others to even, where it should floor", halfMixed},
		{"ceils", "rounds up where it should floor", ceiling},
	} {
		l.at(p, r.kind, r.text, func(n *node) { n.point.rounding = r.rounding })
	}
}

func (l *lister) overflows(p place) {
	l.at(p, "wraps", "wraps around where it should saturate", func(n *node) { n.point.overflow = wrapsAround })
	l.at(p, "no-negatives", "saturates negative values to 0, as an unsigned number would", func(n *node) { n.point.overflow = stopsInBetween })
}

func (l *lister) ends(p place) {
	l.at(p, "high-one-short", "saturates one below the largest value", func(n *node) { n.point.overflow = highOneShort })
	p = p.only(func(_ *cell, n *node) bool { return n.op != "sigmoid" })
	l.at(p, "symmetric", "saturates one above the smallest value, symmetrically", func(n *node) { n.point.overflow = lowOneShort })
}

func (l *lister) shifts(p place) {
	l.at(p, "shifts-one-more", "shifts one bit too far", func(n *node) { n.point.shiftError = 1 })
	l.at(p, "shifts-one-less", "shifts one bit too little", func(n *node) { n.point.shiftError = -1 })
}

// shifts says that a quantization point has a shifter that can be set wrong.
func shifts(_ *cell, n *node) bool { return n.op != "sigmoid" && n.op != "tanh" }

// dropsBits says that a quantization point has bits to round.
func dropsBits(c *cell, n *node) bool {
	switch {
	case n.op == "data" && !n.state.isState:
		return true // x comes as real numbers, or with more bits
	case n.op == "matmul":
		return n.reads[0].position+n.product.position > n.format.Position || hasBias(n) && n.product.biasAt > n.format.Position
	case n.op == "mul":
		return n.reads[0].position+n.reads[1].position > n.format.Position
	case isTable(n):
		return tablePosition > n.format.Position
	}
	for _, o := range n.reads {
		if o.position > n.format.Position {
			return true
		}
	}
	return false
}
