package machine

import (
	"encoding/binary"

	"rnnsim/sim/isa"
)

// timeline is the timing model on its way through a program: units in order and pipelined, tokens sent on completion.
type timeline struct {
	target *isa.Target
	costs  *Costs
	units  [isa.Units]unitTime
	// waiting are the times of the tokens that were sent and not yet consumed, by sender and receiver.
	waiting [isa.Units][isa.Units][]int
	end     int // when all so far is complete
	search  int // steps that the units get to come into step
	// observe, where it is not nil, gets every word as it is placed in time.
	observe func(*placed)
}

// unitTime is what is known of a unit: when it can issue its next word, and for how long it was busy and waited so far.
type unitTime struct {
	free   int
	busy   int
	stalls [isa.Units]int // for tokens, by sender
	words  int
}

// placed is a word in time. Tokens it waited for are given by when they came; -1 is none.
type placed struct {
	segment                *isa.Segment
	word                   int
	start, busy, completes int
	waited                 int // cycles that the unit could have begun earlier
	on                     isa.Unit
	arrivals               [isa.Units]int
}

// mostWaiting bounds the tokens of one unit for another that nobody has taken.
const mostWaiting = 1 << 12

// run places a segment behind all that came before.
func (t *timeline) run(s *isa.Segment) error {
	for n, word := range s.Words {
		u, d := word.Unit(), word.Dependencies()
		unit := &t.units[u]
		p := placed{segment: s, word: n, start: unit.free, on: isa.Units}
		for from := range isa.Units {
			p.arrivals[from] = -1
			if !d.On.Has(from) {
				continue
			}
			queue := &t.waiting[from][u]
			if len(*queue) == 0 {
				return &isa.WordError{Segment: s.Name, Word: n, Err: fieldError("on", "it waits for a token of %s, and none was sent: check the tokens", from)}
			}
			p.arrivals[from] = (*queue)[0]
			if p.arrivals[from] > p.start {
				p.start, p.on = p.arrivals[from], from
			}
			*queue = append((*queue)[:0], (*queue)[1:]...)
		}
		p.busy, p.completes = t.costs.cycles(word, t.target)
		if p.on < isa.Units {
			p.waited = p.start - unit.free
			unit.stalls[p.on] += p.waited
		}
		unit.busy += p.busy
		unit.words++
		unit.free, p.completes = p.start+p.busy, p.start+p.completes
		t.end = max(t.end, p.completes)
		for to := range isa.Units {
			if d.By.Has(to) {
				if t.waiting[u][to] = append(t.waiting[u][to], p.completes); len(t.waiting[u][to]) > mostWaiting {
					return &isa.WordError{Segment: s.Name, Word: n, Err: fieldError("by", "more than %d tokens for %s that nobody takes: check the tokens", mostWaiting, to)}
				}
			}
		}
		if t.observe != nil {
			t.observe(&p)
		}
	}
	return nil
}

// shape is all that the future depends on, apart from when it begins: the times relative to the latest. Units that the segment does
// not use are left out.
func (t *timeline) shape(s *isa.Segment) string {
	var uses isa.Mask
	for _, word := range s.Words {
		uses |= word.Unit().Bit()
	}
	var text []byte
	for u := range isa.Units {
		if uses.Has(u) {
			text = binary.AppendVarint(append(text, byte(u)), int64(t.end-t.units[u].free))
		}
		for to := range isa.Units {
			if len(t.waiting[u][to]) > 0 {
				text = binary.AppendVarint(append(text, byte(isa.Units+u), byte(to)), int64(len(t.waiting[u][to])))
			}
			for _, at := range t.waiting[u][to] {
				text = binary.AppendVarint(text, int64(t.end-at))
			}
		}
	}
	return string(text)
}

// snapshot is the part of a timeline that adds up.
type snapshot struct {
	end   int
	units [isa.Units]unitTime
}

func (t *timeline) snapshot() snapshot { return snapshot{t.end, t.units} }

// skip lets times of what happened between two snapshots happen again, so often.
func (t *timeline) skip(from, to snapshot, times int) {
	later := (to.end - from.end) * times
	t.end += later
	for u := range t.units {
		unit, a, b := &t.units[u], &from.units[u], &to.units[u]
		unit.busy += (b.busy - a.busy) * times
		unit.words += (b.words - a.words) * times
		if b.words > a.words {
			unit.free += later
		}
		for on := range unit.stalls {
			unit.stalls[on] += (b.stalls[on] - a.stalls[on]) * times
		}
		for receiver := range t.waiting[u] {
			for i := range t.waiting[u][receiver] {
				t.waiting[u][receiver][i] += later
			}
		}
	}
}
