package compile

import (
	"cmp"
	"slices"

	"rnnsim/sim/isa"
)

// clock is, of each unit, how many of its actions in the segment are complete for certain.
type clock [isa.Units]int

func (c *clock) join(o clock) {
	for u, n := range o {
		c[u] = max(c[u], n)
	}
}

// synchronize decides which actions of a segment send tokens and which wait for them, so that what an action depends on is complete
// when it starts. Units work in order, so that a token says that all before its sender is complete as well, and all that the sender
// knew. Tokens are left out that say nothing new. The masks come in the order of the list.
func synchronize(list []*action) []isa.Depends {
	before := dependencies(list, access.meets)
	masks := make([]isa.Depends, len(list))
	place := make([]int, len(list)) // in its unit
	var queues [isa.Units][]int
	known := make([]clock, len(list)) // when the action starts
	complete := func(i int) clock {
		c := known[i]
		c[list[i].unit] = max(c[list[i].unit], place[i]+1)
		return c
	}
	var now [isa.Units]clock
	for j, a := range list {
		place[j] = len(queues[a.unit])
		queues[a.unit] = append(queues[a.unit], j)
		wanted := map[isa.Unit]int{} // the last action of each other unit that must be complete
		for _, i := range before[j] {
			if u := list[i].unit; u != a.unit {
				wanted[u] = max(wanted[u], place[i]+1)
			}
		}
		var senders []int
		for u, n := range wanted {
			senders = append(senders, queues[u][n-1])
		}
		// The latest first: it is the likeliest to know of the others.
		slices.SortFunc(senders, func(x, y int) int { return cmp.Compare(y, x) })
		for _, i := range senders {
			u := list[i].unit
			if now[a.unit][u] > place[i] {
				continue
			}
			masks[i].By |= a.unit.Bit()
			masks[j].On |= u.Bit()
			now[a.unit].join(complete(i))
		}
		known[j] = now[a.unit]
		now[a.unit][a.unit] = place[j] + 1
	}
	return masks
}
