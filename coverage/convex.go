package coverage

import (
	"slices"

	"rnnsim/internal/fixed"
)

// convex is the end of a GRU: h' = (a - f*a) + f*h, with f between 0 and 1. Intervals of one node at a time do not know that both f are the
// same one, nor both a, and have h grow without end. Here every value of f is tried by itself, and for each the ends of a - f*a
// and of f*h are taken with the floors and clamps that they have.
type convex struct {
	f, a, fa, rest, fh, next *node
	h                        *node
	gates                    []int64 // the values that f can have
	product, kept            int     // bits that the products f*a and f*h lose
	coarser                  int     // bits that f*a is coarser than a
}

// findConvex finds this end of a cell by what its nodes read; nil where the cell has none, or has it at positions for which the reasons
// below do not hold.
func findConvex(c *cell) *convex {
	for _, s := range c.states {
		if v := c.convexOf(s); v != nil {
			return v
		}
	}
	return nil
}

func (c *cell) convexOf(s state) *convex {
	at := func(n *node, read int) *node {
		if n == nil || len(n.reads) != 2 || n.reads[read] < 0 {
			return nil
		}
		return c.nodes[n.reads[read]]
	}
	is := func(n *node, op string) bool { return n != nil && n.info.Op == op }
	v := &convex{next: s.from, h: s.input}
	v.rest, v.fh = at(v.next, 0), at(v.next, 1)
	if !is(v.next, "add") || !is(v.rest, "sub") || !is(v.fh, "mul") {
		return nil
	}
	v.a, v.fa = at(v.rest, 0), at(v.rest, 1)
	v.f = at(v.fh, 0)
	if !is(v.fa, "mul") || !is(v.f, "sigmoid") || at(v.fh, 1) != v.h || at(v.fa, 0) != v.f || at(v.fa, 1) != v.a {
		return nil
	}
	for _, n := range c.nodes {
		if n != v.next && slices.Contains(n.reads, v.rest.at) {
			return nil
		}
	}
	position := func(n *node) int { return n.info.Format.Position }
	v.product = position(v.f) + position(v.a) - position(v.fa)
	v.kept = position(v.f) + position(v.h) - position(v.fh)
	v.coarser = position(v.a) - position(v.fa)
	if v.coarser < 0 || v.product < 0 || v.kept < 0 || position(v.f) < 0 {
		return nil
	}
	for _, entry := range append(slices.Clone(fixed.Sigmoid.Entries[:]), fixed.Sigmoid.Below, fixed.Sigmoid.Above) {
		v.gates = append(v.gates, min(fixed.ShiftRight(int64(entry), fixed.TablePosition-position(v.f)), v.f.info.Format.Max()))
	}
	slices.Sort(v.gates)
	v.gates = slices.Compact(v.gates)
	if v.gates[0] < 0 || v.gates[len(v.gates)-1] > 1<<position(v.f) {
		return nil
	}
	return v
}

// bound narrows the ranges of a - f*a and of h' in a frame whose other nodes are known, and passes them through their points.
func (v *convex) bound(frame [][]interval) (rest, next []interval, ok bool) {
	rest, next = make([]interval, v.rest.info.Width), make([]interval, v.next.info.Width)
	for i := range rest {
		restWide, nextWide, ok := v.unit(frame[v.f.at][i], frame[v.a.at][i], frame[v.h.at][i])
		if !ok {
			return nil, nil, false
		}
		rest[i], next[i] = v.rest.to.take(restWide), v.next.to.take(nextWide)
	}
	return rest, next, true
}

// unit gives what comes to the points of a - f*a and of h' in one unit.
func (v *convex) unit(f, a, h interval) (rest, next interval, ok bool) {
	rest, next = nothing, nothing
	format := v.fa.info.Format
	for _, gate := range v.gates {
		if gate < f.lo || gate > f.hi {
			continue
		}
		if gate*a.lo>>v.product < format.Min() || gate*a.hi>>v.product > format.Max() {
			return rest, next, false
		}
		// a stands at the finer position of the two, so that the difference does.
		wide := difference(gate, a, v.product, v.coarser)
		rest = rest.union(wide)
		whole := interval{fixed.ShiftRight(wide.lo, v.rest.to.from-v.rest.info.Format.Position), fixed.ShiftRight(wide.hi, v.rest.to.from-v.rest.info.Format.Position)}
		kept := interval{gate * h.lo >> v.kept, gate * h.hi >> v.kept}
		next = next.union(clamped(whole, v.rest.info.Format).up(v.next.up[0]).plus(clamped(kept, v.fh.info.Format).up(v.next.up[1])))
	}
	return rest, next, rest != nothing
}

// nothing is the interval of no integers.
var nothing = interval{1 << 62, -1 << 62}

func clamped(v interval, f fixed.Format) interval {
	return interval{min(max(v.lo, f.Min()), f.Max()), min(max(v.hi, f.Min()), f.Max())}
}

// difference gives the ends of a - (f*a >> dropped) << coarser over the a of an interval, for an f of 0 to 1 << (dropped - coarser).
//
// As a rises by one, the difference rises by one, but where f*a >> dropped reaches its next value it falls by 1 << coarser - 1. These places are
// at least 1 << coarser apart, because f is at most 1 << (dropped - coarser). So the difference just behind each of them is not less than that
// behind the one before, and likewise just ahead of them: the least is at the low end or behind the first place, and the largest at the
// high end or ahead of the last.
func difference(f int64, a interval, dropped, coarser int) interval {
	at := func(a int64) int64 { return a - f*a>>dropped<<coarser }
	result := interval{min(at(a.lo), at(a.hi)), max(at(a.lo), at(a.hi))}
	if f == 0 {
		return result
	}
	// reaches is the least a whose product is at least a number.
	reaches := func(product int64) int64 {
		wide := product << dropped
		a := wide / f
		if a*f < wide {
			a++
		}
		return a
	}
	if first := reaches(f*a.lo>>dropped + 1); first <= a.hi {
		result.lo = min(result.lo, at(first))
	}
	if last := reaches(f*a.hi>>dropped) - 1; last >= a.lo {
		result.hi = max(result.hi, at(last))
	}
	return result
}
