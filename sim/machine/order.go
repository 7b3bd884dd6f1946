package machine

import "rnnsim/sim/isa"

// clock is, of each unit, how many of its executions are over for certain.
type clock [isa.Units]int

func (c *clock) join(o clock) {
	for u, n := range o {
		c[u] = max(c[u], n)
	}
}

// order is what is known of the times of executions from the units being in order and from tokens.
type order struct {
	all      []executed
	place    []int   // of each execution in its unit
	known    []clock // when each execution starts
	started  []bool
	deadlock []int // executions that never start
}

// newOrder follows the units until no one can go on. The waiting of executions whose token is missing is not counted, nor are tokens
// that are left out.
func newOrder(all []executed, tokens []token, without int) *order {
	o := &order{all: all, place: make([]int, len(all)), known: make([]clock, len(all))}
	var queues [isa.Units][]int
	for n := range all {
		u := all[n].Unit()
		o.place[n] = len(queues[u])
		queues[u] = append(queues[u], n)
	}
	waits := make([][]int, len(all))
	for i, t := range tokens {
		if i != without {
			waits[t.to] = append(waits[t.to], t.from)
		}
	}
	started := make([]bool, len(all))
	o.started = started
	var now [isa.Units]clock
	for progress := true; progress; {
		progress = false
		for u := range queues {
			for len(queues[u]) > 0 {
				n := queues[u][0]
				ready := true
				for _, from := range waits[n] {
					ready = ready && started[from]
				}
				if !ready {
					break
				}
				for _, from := range waits[n] {
					now[u].join(o.after(from))
				}
				o.known[n], started[n], progress = now[u], true, true
				// For what its own unit does later, this execution counts as over: a unit works in order.
				now[u][u] = o.place[n] + 1
				queues[u] = queues[u][1:]
			}
		}
	}
	for u := range queues {
		if len(queues[u]) > 0 {
			o.deadlock = append(o.deadlock, queues[u][0])
		}
	}
	return o
}

// after is what is known when an execution completes.
func (o *order) after(n int) clock {
	c := o.known[n]
	u := o.all[n].Unit()
	c[u] = max(c[u], o.place[n]+1)
	return c
}

// before tells whether a is over for certain when b starts.
func (o *order) before(a, b int) bool { return o.known[b][o.all[a].Unit()] > o.place[a] }
