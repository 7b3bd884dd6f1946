package verify

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"rnnsim/fault"
	"rnnsim/internal/pool"
)

// candidate is a set of faults with what the sample says about it.
type candidate struct {
	faults  []*fault.Fault
	order   []int // in the list of faults
	touches int
	// wrong counts, a cell and a node, the values that differ under the faults; -1 is a node that they do not touch.
	wrong [][]int64
	left  int64 // all values that differ, those of untouched nodes included
}

// search tries faults on the sample, then the best of them on the whole trace: alone, and in pairs where none explains all.
func (d *diagnoser) search(ctx context.Context) ([]Cause, error) {
	sound := d.try(nil, nil)
	var singles []*candidate
	for i, f := range d.faults() {
		c := &candidate{faults: []*fault.Fault{f}, order: []int{i}}
		if d.relevant(c) {
			singles = append(singles, c)
		}
	}
	if err := d.tryAll(ctx, singles, sound); err != nil {
		return nil, err
	}
	rank(singles)
	found, err := d.confirm(ctx, finalists(singles))
	if err != nil || slices.ContainsFunc(found, func(c Cause) bool { return c.Leaves == 0 }) {
		return found, err
	}
	pairs := d.pairs(singles, sound)
	if err := d.tryAll(ctx, pairs, sound); err != nil {
		return nil, err
	}
	rank(pairs)
	both, err := d.confirm(ctx, finalists(pairs))
	return append(found, both...), err
}

// faults lists what is tried: the catalogue, in all cells and in those alone in which something is wrong; single bits of the
// parameters of the units that are wrong; and bits stuck in the lanes that these units have in common.
func (d *diagnoser) faults() []*fault.Fault {
	faults := d.base.Catalogue()
	if d.base.Cells() > 1 {
		everywhere := faults
		for cell, nodes := range d.nodes {
			if slices.ContainsFunc(nodes, func(n WrongNode) bool { return n.Wrong > 0 }) {
				for _, f := range everywhere {
					faults = append(faults, f.In(cell))
				}
			}
		}
	}
	known := map[string]bool{}
	for _, f := range faults {
		known[f.ID] = true
	}
	return append(faults, d.parameterFaults(known)...)
}

// fewUnits is how many units of a product may be wrong for single bits of its parameters to be tried.
const fewUnits = 2

func (d *diagnoser) parameterFaults(known map[string]bool) []*fault.Fault {
	var faults []*fault.Fault
	var units []bool
	for _, n := range d.result.Nodes {
		isMatmul := d.record.header.Cells[n.cell].Nodes[n.place].Op == "matmul"
		if !isMatmul {
			continue
		}
		for unit, wrong := range n.wrongUnits {
			if !wrong {
				continue
			}
			for len(units) <= unit {
				units = append(units, false)
			}
			units[unit] = true
			if n.Units > fewUnits {
				continue
			}
			for _, f := range d.base.WeightBits(n.cell, n.place, unit) {
				if d.base.Cells() == 1 {
					f = f.Everywhere()
				}
				if !known[f.ID] {
					faults = append(faults, f)
				}
			}
		}
	}
	for lanes := 1; lanes <= len(units); lanes *= 2 {
		if lane, ok := commonLane(units, lanes); ok {
			faults = append(faults, d.base.StuckBits(lanes, lane)...)
		}
	}
	return faults
}

// commonLane says in which of so many lanes all the units lie.
func commonLane(units []bool, lanes int) (lane int, ok bool) {
	lane = -1
	for unit, wrong := range units {
		if !wrong {
			continue
		}
		if lane >= 0 && unit%lanes != lane {
			return 0, false
		}
		lane = unit % lanes
	}
	return lane, lane >= 0
}

// relevant says whether faults can explain anything: they must touch a wrong node, or the trace must lack nodes between the two.
func (d *diagnoser) relevant(c *candidate) bool {
	path := d.base.With(c.faults...)
	any := false
	for cell, nodes := range d.nodes {
		for node, touched := range path.Touches(cell) {
			if touched {
				c.touches++
				any = any || nodes[node].Wrong > 0 || !d.record.whole[cell]
			}
		}
	}
	return any
}

// try computes the sample under faults. Without any, every node is computed.
func (d *diagnoser) try(faults []*fault.Fault, sound [][]int64) [][]int64 {
	path := d.base.With(faults...)
	wrong := make([][]int64, d.base.Cells())
	for i := range wrong {
		wrong[i] = slices.Repeat([]int64{-1}, len(d.nodes[i]))
	}
	for _, e := range d.sample {
		every := sound == nil || !d.record.whole[e.cell]
		if !every && !slices.Contains(path.Touches(e.cell), true) {
			continue
		}
		e.walk(d.record, path.Follow(e.cell, every), func(node int, computed, recorded []int16) {
			wrong[e.cell][node] = max(wrong[e.cell][node], 0) + different(computed, recorded)
		})
	}
	return wrong
}

func (d *diagnoser) tryAll(ctx context.Context, candidates []*candidate, sound [][]int64) error {
	err := pool.Each(ctx, candidates, d.options.Threads, func(_ context.Context, c *candidate) error {
		c.wrong = d.try(c.faults, sound)
		c.left = leaves(c.wrong, sound)
		return nil
	}, func(done int) {
		if d.options.Progress != nil {
			d.options.Progress(done, len(candidates))
		}
	})
	d.tried += len(candidates)
	if err != nil {
		return fmt.Errorf("try the faults: %w", err)
	}
	return nil
}

// leaves counts the values that differ under faults; a node that they do not touch differs as without them.
func leaves(wrong, sound [][]int64) int64 {
	var sum int64
	for cell := range wrong {
		for node, n := range wrong[cell] {
			if n < 0 {
				n = max(sound[cell][node], 0)
			}
			sum += n
		}
	}
	return sum
}

func rank(candidates []*candidate) {
	slices.SortStableFunc(candidates, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(a.left, b.left), cmp.Compare(a.touches, b.touches), slices.Compare(a.order, b.order))
	})
}

// finalists are those that explain the whole sample, and the best of the others.
func finalists(ranked []*candidate) []*candidate {
	const mostPerfect = 64
	perfect := 0
	for perfect < len(ranked) && perfect < mostPerfect && ranked[perfect].left == 0 {
		perfect++
	}
	return ranked[:min(len(ranked), perfect+maxPartial)]
}

// pairs puts together faults that could explain all with one another: those that leave nothing wrong in what they touch, where
// together they touch all that is wrong; each of the best with every other; and those that touch all that is wrong by themselves, which
// can make each other unrecognizable.
func (d *diagnoser) pairs(ranked []*candidate, sound [][]int64) []*candidate {
	var pairs []*candidate
	tried := map[[2]int]bool{}
	add := func(a, b *candidate) {
		key := [2]int{min(a.order[0], b.order[0]), max(a.order[0], b.order[0])}
		if a == b || tried[key] {
			return
		}
		tried[key] = true
		pairs = append(pairs, both(a, b))
		if d.shareProduct(a, b) && d.base.OrderMatters(a.faults[0], b.faults[0]) {
			pairs = append(pairs, both(b, a))
		}
	}
	const mostClean = 200
	var clean []*candidate
	for _, c := range ranked {
		if c.clean() && len(clean) < mostClean {
			clean = append(clean, c)
		}
	}
	for i, a := range clean {
		for _, b := range clean[i+1:] {
			if covers(sound, a, b) {
				add(a, b)
			}
		}
	}
	const best, others = 3, 1500
	for i, a := range ranked[:min(best, len(ranked))] {
		for _, b := range ranked[i+1 : min(len(ranked), i+1+others)] {
			add(a, b)
		}
	}
	var whole []*candidate
	for _, c := range ranked {
		if covers(sound, c, c) {
			whole = append(whole, c)
		}
	}
	slices.SortStableFunc(whole, func(a, b *candidate) int { return cmp.Compare(a.touches, b.touches) })
	const mostWhole = 90
	for i, a := range whole[:min(mostWhole, len(whole))] {
		for _, b := range whole[i+1 : min(mostWhole, len(whole))] {
			add(a, b)
		}
	}
	return pairs
}

func both(a, b *candidate) *candidate {
	return &candidate{faults: []*fault.Fault{a.faults[0], b.faults[0]}, order: []int{a.order[0], b.order[0]}, touches: a.touches + b.touches}
}

// shareProduct says that two faults touch the same matrix product.
func (d *diagnoser) shareProduct(a, b *candidate) bool {
	for cell, nodes := range a.wrong {
		for node, n := range nodes {
			if n >= 0 && b.wrong[cell][node] >= 0 && d.record.header.Cells[cell].Nodes[node].Op == "matmul" {
				return true
			}
		}
	}
	return false
}

// clean says that nothing is left wrong in the nodes that the fault touches.
func (c *candidate) clean() bool {
	for _, nodes := range c.wrong {
		for _, n := range nodes {
			if n > 0 {
				return false
			}
		}
	}
	return true
}

// covers says that two faults together touch every wrong node.
func covers(sound [][]int64, a, b *candidate) bool {
	for cell := range sound {
		for node, n := range sound[cell] {
			if n > 0 && a.wrong[cell][node] < 0 && b.wrong[cell][node] < 0 {
				return false
			}
		}
	}
	return true
}
