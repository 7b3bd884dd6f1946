package compile

import (
	"cmp"
	"slices"

	"rnnsim/sim/isa"
)

// dependencies finds, for each action of a list in a valid order, those before it that must be complete when it starts: they write
// what it reads or writes, or read what it writes.
func dependencies(list []*action, meet func(a, b access) bool) [][]int {
	before := make([][]int, len(list))
	for j, b := range list {
		for i, a := range list[:j] {
			if a.first || b.last && a.unit != isa.SaveUnit || conflict(a, b, meet) {
				before[j] = append(before[j], i)
			}
		}
	}
	return before
}

func conflict(a, b *action, meet func(a, b access) bool) bool {
	for _, w := range a.writes {
		for _, x := range b.reads {
			if meet(w, x) {
				return true
			}
		}
		for _, x := range b.writes {
			if meet(w, x) {
				return true
			}
		}
	}
	for _, r := range a.reads {
		for _, x := range b.writes {
			if meet(r, x) {
				return true
			}
		}
	}
	return false
}

// schedule puts the actions of a segment into the order in which their units should issue them: at every moment the one that can
// start first, and of several the one with the longest way to the end behind it. The list must be in a valid order.
func schedule(list []*action) []*action {
	before := dependencies(list, access.overlaps)
	after := make([][]int, len(list))
	for j, all := range before {
		for _, i := range all {
			after[i] = append(after[i], j)
		}
	}
	for i, a := range slices.Backward(list) {
		a.priority = a.busy + a.latency
		for _, j := range after[i] {
			wait := a.busy
			if list[j].unit != a.unit {
				wait += a.latency // a unit works in order, and needs no word of its own results
			}
			a.priority = max(a.priority, wait+list[j].priority)
		}
	}
	missing, ready := make([]int, len(list)), make([]int, len(list)) // unscheduled predecessors; when all are complete
	for j := range list {
		missing[j] = len(before[j])
	}
	var free [isa.Units]int
	done := make([]bool, len(list))
	for range list {
		best, bestStart := -1, 0
		for j, a := range list {
			if done[j] || missing[j] > 0 {
				continue
			}
			start := max(free[a.unit], ready[j])
			if best < 0 || start < bestStart || start == bestStart && a.priority > list[best].priority {
				best, bestStart = j, start
			}
		}
		a := list[best]
		a.start, done[best] = bestStart, true
		free[a.unit] = bestStart + a.busy
		for _, j := range after[best] {
			missing[j]--
			if list[j].unit != a.unit {
				ready[j] = max(ready[j], a.completes())
			}
		}
	}
	ordered := slices.Clone(list)
	slices.SortStableFunc(ordered, func(a, b *action) int {
		return cmp.Or(cmp.Compare(a.start, b.start), btoi(b.first)-btoi(a.first), btoi(a.last)-btoi(b.last))
	})
	return ordered
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
