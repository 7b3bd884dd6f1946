package machine

import (
	"fmt"

	"rnnsim/sim/isa"
)

// executed is one execution of a word: what the token checker and the timing model order.
type executed struct {
	cell    int
	segment *isa.Segment
	word    int
	step    int // in execution order; the number of steps for the end segment
	isa.Instruction
	accesses
}

// String names the execution: "step 2, segment loop, word 17 (add)".
func (e *executed) String() string {
	return fmt.Sprintf("step %d, segment %s, word %d (%s)", e.step, e.segment.Name, e.word, e.Unit())
}

// unroll gives the words of the given number of steps in the order of the program, cell after cell. What they access is filled in
// where it is asked for.
func (p *program) unroll(steps int, withAccesses bool) []executed {
	var all []executed
	for n := range p.cells {
		c := &p.cells[n]
		regs := p.resetRegisters(c, steps)
		add := func(s *isa.Segment, step int) {
			for i, word := range s.Words {
				x := executed{cell: n, segment: s, word: i, step: step, Instruction: word}
				if withAccesses {
					x.accesses = p.accesses(word, c, regs)
				}
				all = append(all, x)
			}
		}
		add(&c.init, 0)
		for step := 1; step < steps; step++ {
			add(&c.loop, step)
		}
		if c == p.last() {
			add(&p.end, steps)
		}
	}
	return all
}

// token is one token: sent by an execution when it completes, consumed by another before it starts.
type token struct{ from, to int }

// tokens pairs every token with who consumes it. A unit's tokens for another one are consumed in the order in which they are sent.
// What does not pair is given apart.
func pairTokens(all []executed) (paired []token, left, missing []lonely) {
	var sent, wanted [isa.Units][isa.Units][]int // by sender and receiver
	for n := range all {
		d := all[n].Dependencies()
		for u := range isa.Units {
			if d.On.Has(u) {
				wanted[u][all[n].Unit()] = append(wanted[u][all[n].Unit()], n)
			}
			if d.By.Has(u) {
				sent[all[n].Unit()][u] = append(sent[all[n].Unit()][u], n)
			}
		}
	}
	for from := range isa.Units {
		for to := range isa.Units {
			s, w := sent[from][to], wanted[from][to]
			both := min(len(s), len(w))
			for i := range both {
				paired = append(paired, token{s[i], w[i]})
			}
			for _, n := range s[both:] {
				left = append(left, lonely{n, to})
			}
			for _, n := range w[both:] {
				missing = append(missing, lonely{n, from})
			}
		}
	}
	return paired, left, missing
}

// lonely is an execution that sends a token to a unit which does not take it, or waits for one from a unit that does not send it.
type lonely struct {
	at   int
	unit isa.Unit
}
