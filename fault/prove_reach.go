package fault

import (
	"fmt"
	"math"
	"slices"
)

// difference is two values of an element of a node: without the fault, and with it.
type difference struct{ sound, altered int16 }

// reach is how far the differences that a fault makes come: for each node of a cell, those that it can have.
type reach struct {
	*prover
	differences []map[difference]bool
	waiting     []int // nodes whose differences have grown
	budget      int64
}

const (
	// reachBudget is how many values may be computed for a cell.
	reachBudget = 1 << 23
	// mostDifferences is how many differences a node may have, and mostBeside how many may be put together with every value of another node.
	mostDifferences = 1 << 15
	mostBeside      = 64
)

func newReach(p *prover) *reach {
	return &reach{prover: p, differences: make([]map[difference]bool, len(p.sound.nodes)), budget: reachBudget}
}

// from adds what a fault makes of a node whose operands have no differences. False says that there is too much to try, or no hope.
func (r *reach) from(at int, duals []dual) bool {
	if at == r.sound.nextH || slices.ContainsFunc(r.sound.nodes, func(n *node) bool { return n.op == "matmul" && n.reads[0].node == at }) {
		return false
	}
	for i := range duals {
		if !r.dual(at, &duals[i]) {
			return false
		}
	}
	return true
}

func (r *reach) dual(at int, d *dual) bool {
	if r.budget--; r.budget < 0 {
		return false
	}
	if d.rising {
		return r.between(at, d, d.over, d.pair(d.over.Low), d.pair(d.over.High))
	}
	if r.budget -= d.over.size(); r.budget < 0 {
		return false
	}
	for v := d.over.Low; v <= d.over.High && !r.tooMany(at); v++ {
		r.add(at, d.pair(v))
	}
	return !r.tooMany(at)
}

func (d *dual) pair(v int64) difference { return difference{d.sound(v), d.altered(v)} }

// between is dual for two functions that never fall, where the ends of a range are known: where neither rises there is one pair.
func (r *reach) between(at int, d *dual, over Range, low, high difference) bool {
	if d.alike != nil && d.alike(over) {
		return true
	}
	r.add(at, low)
	r.add(at, high)
	if low == high || over.High-over.Low <= 1 {
		return true
	}
	if r.budget--; r.budget < 0 || r.tooMany(at) {
		return false
	}
	middle := over.Low + (over.High-over.Low)/2
	inside := d.pair(middle)
	return r.between(at, d, Range{over.Low, middle}, low, inside) && r.between(at, d, Range{middle, over.High}, inside, high)
}

// tooMany says that the differences of a node are more than can be followed.
func (r *reach) tooMany(at int) bool {
	most := mostDifferences
	if slices.ContainsFunc(r.sound.nodes, func(n *node) bool {
		return len(n.reads) == 2 && (n.reads[0].node == at || n.reads[1].node == at)
	}) {
		most = mostBeside
	}
	return len(r.differences[at]) > most
}

func (r *reach) add(at int, d difference) {
	if d.sound == d.altered || r.differences[at][d] {
		return
	}
	if r.differences[at] == nil {
		r.differences[at] = map[difference]bool{}
	}
	r.differences[at][d] = true
	if len(r.waiting) == 0 || r.waiting[len(r.waiting)-1] != at {
		r.waiting = append(r.waiting, at)
	}
}

// stops follows the differences from node to node, and from step to step, and says that none comes to h. Every value that can stand beside
// one is tried.
func (r *reach) stops() bool {
	for len(r.waiting) > 0 {
		at := r.waiting[0]
		r.waiting = r.waiting[1:]
		if at == r.sound.nextH {
			return false
		}
		for reader, n := range r.sound.nodes {
			for i, o := range n.reads {
				if o.node == at && !r.pass(at, reader, i) {
					return false
				}
			}
		}
	}
	return len(r.differences[r.sound.nextH]) == 0
}

// pass gives a node the differences that come from one of its operands.
func (r *reach) pass(at, reader, operand int) bool {
	n, m := r.sound.nodes[reader], r.altered.nodes[reader]
	switch {
	case n.op == "matmul":
		return false
	case len(n.reads) == 1:
		for d := range r.differences[at] {
			r.add(reader, difference{n.unary(d.sound), m.unary(d.altered)})
		}
		return !r.tooMany(reader)
	}
	other := n.reads[1-operand].node
	if other == at || len(r.differences[other]) > 0 || r.tooMany(at) {
		return false
	}
	beside := Range{math.MaxInt64, math.MinInt64}
	for _, b := range r.bounds[r.number][other] {
		beside = beside.union(b)
	}
	if r.budget -= beside.size() * int64(len(r.differences[at])); r.budget < 0 {
		return false
	}
	for d := range r.differences[at] {
		for w := beside.Low; w <= beside.High; w++ {
			a, b, c := d.sound, d.altered, int16(w)
			if operand == 0 {
				r.add(reader, difference{n.joined(a, c), m.joined(b, c)})
			} else {
				r.add(reader, difference{n.joined(c, a), m.joined(c, b)})
			}
		}
		if r.tooMany(reader) {
			return false
		}
	}
	return true
}

// why says where the differences come to that arise at a node.
func (r *reach) why(at int) string {
	count := len(r.differences[at])
	text := fmt.Sprintf("%d values differ", count)
	if count == 1 {
		for d := range r.differences[at] {
			text = fmt.Sprintf("%d is %d", d.sound, d.altered)
		}
	}
	further := ""
	for i, n := range r.sound.nodes {
		if i != at && len(r.differences[i]) > 0 && !r.altered.touched[i] {
			further += ", " + quoted(n)
		}
	}
	if further != "" {
		return text + ", which goes on to" + further[1:] + " and is lost there, whatever else is read with it"
	}
	return text + ", which is lost in what reads it, whatever else is read with it"
}
