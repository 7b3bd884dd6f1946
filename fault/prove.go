package fault

import (
	"fmt"
	"slices"
	"strings"
)

// Proof says why no input shows a fault.
type Proof struct {
	// Everywhere says that no value of any node can differ. Otherwise altered nodes can, and nothing that reads them can tell.
	Everywhere bool
	// Why names the nodes and what was tried out.
	Why string
}

// Prove tries to show that a fault cannot be seen from outside, for any input: each node that the fault alters is computed both ways
// for every operand within the bounds. No proof does not mean that there is an input.
func (b *Base) Prove(f *Fault, bounds Bounds) (Proof, bool, error) {
	if err := b.checkBounds(bounds); err != nil {
		return Proof{}, false, fmt.Errorf("prove that no input shows %s: %w", f.ID, err)
	}
	faulty := b.With(f)
	proof := Proof{Everywhere: true}
	var reasons []string
	tell := func(n *node, why string) {
		if reason := quoted(n) + ": " + why; !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	for i, c := range b.cells {
		altered := faulty.cells[i]
		if altered.early != c.early {
			return Proof{}, false, nil
		}
		p := &prover{base: b, number: i, sound: c, altered: altered, bounds: bounds, budget: pairBudget}
		far := newReach(p)
		var differing []int
		for at := range c.nodes {
			if !altered.touched[at] {
				continue
			}
			found, duals := p.node(at)
			if found == differs || found == unlike && !far.from(at, duals) {
				return Proof{}, false, nil
			}
			if found == unlike {
				differing = append(differing, at)
				continue
			}
			tell(c.nodes[at], p.why)
		}
		if len(differing) == 0 {
			continue
		}
		if !far.stops() {
			return Proof{}, false, nil
		}
		proof.Everywhere = false
		for _, at := range differing {
			tell(c.nodes[at], far.why(at))
		}
	}
	const most = 3
	proof.Why = strings.Join(reasons[:min(len(reasons), most)], "; ")
	if len(reasons) > most {
		proof.Why += fmt.Sprintf("; and %d more like these", len(reasons)-most)
	}
	return proof, true, nil
}

// likeness is what an altered node is to the sound one.
type likeness int

const (
	differs likeness = iota // or it is not known
	unlike                  // it differs, as its duals say
	same
)

// pairBudget is how many pairs of operands may be tried out for a node of a cell.
const pairBudget = 1 << 26

// prover compares a cell with the cell as a fault alters it.
type prover struct {
	base           *Base
	number         int
	sound, altered *cell
	bounds         Bounds
	budget         int64
	why            string
}

// dual is a node, or elements of it, as a function of one integer, without the fault and with it.
type dual struct {
	over           Range
	sound, altered func(int64) int16
	rising         bool // neither ever falls, so that not every integer must be tried
	// alike says that the fault has no part in the values of a range; nil is not known. It spares trying.
	alike func(Range) bool
}

// node compares a node with what a fault makes of it where its operands are the same.
func (p *prover) node(at int) (likeness, []dual) {
	n, m := p.sound.nodes[at], p.altered.nodes[at]
	if m.instead != nil || n.state != m.state || !slices.EqualFunc(n.reads, m.reads, sameSource) {
		return differs, nil
	}
	duals, known := p.duals(n, m)
	switch {
	case !known && p.pairs(n, m):
		return same, nil
	case !known:
		return differs, nil
	case p.equal(duals):
		return same, nil
	}
	return unlike, duals
}

// sameSource says that two operands come from the same place.
func sameSource(a, b operand) bool {
	return a.node == b.node && a.delay == b.delay && a.useStart == b.useStart && a.atStart == b.atStart
}

// equal tries all duals.
func (p *prover) equal(duals []dual) bool {
	over := duals[0].over
	for _, d := range duals {
		if d.rising && !d.equalOn(d.over) || !d.rising && !d.over.all(func(v int64) bool { return d.sound(v) == d.altered(v) }) {
			return false
		}
		over = over.union(d.over)
	}
	p.why = fmt.Sprintf("%d to %d, which no input leaves, give the same", over.Low, over.High)
	return true
}

// equalOn says whether two functions that never fall agree on every integer of a range. Where both have the same value at both
// ends of a part they have it in between; every other part is halved.
func (d *dual) equalOn(r Range) bool {
	low, high := d.sound(r.Low), d.sound(r.High)
	return low == d.altered(r.Low) && high == d.altered(r.High) && d.equalInside(r, low, high)
}

// equalInside is equalOn where the ends are known, and agree.
func (d *dual) equalInside(r Range, low, high int16) bool {
	if low == high || r.High-r.Low <= 1 || d.alike != nil && d.alike(r) {
		return true
	}
	middle := r.Low + (r.High-r.Low)/2
	at := d.sound(middle)
	return at == d.altered(middle) && d.equalInside(Range{r.Low, middle}, low, at) && d.equalInside(Range{middle, r.High}, at, high)
}

// unary is the value of a node that has one operand, or of a state from the step before.
func (n *node) unary(v int16) int16 {
	o := &n.reads[0]
	if isTable(n) {
		return n.point.take(n.table.look(o.take(v), o.position), tablePosition)
	}
	return n.point.take(o.take(v), o.position)
}
