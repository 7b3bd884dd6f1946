package fault

import "fmt"

// states lists what can be wrong between steps: a state that comes late, that is not set back, or set back too often.
func (l *lister) states() {
	h := func(c *cell) []int { return some(c.h) }
	cc := func(c *cell) []int { return some(c.c) }
	both := func(c *cell) []int { return append(some(c.h), some(c.c)...) }
	for _, s := range []struct {
		name, text, verb, are string
		of                    func(*cell) []int
	}{{"h", "h", "is", "is", h}, {"c", "c", "is", "is", cc}, {"state", "h and c", "are", "are", both}} {
		if len(s.of(l.cell)) == 0 || s.name == "state" && l.cell.c < 0 {
			continue
		}
		set := func(kind, text string, alter func(*node)) {
			l.add(s.name, kind, s.text+" "+text, func(c *cell) {
				for _, at := range s.of(c) {
					if c.nodes[at].state.isState {
						alter(c.touch(at))
					}
				}
			})
		}
		set("stale", s.are+" read from two steps ago: the initial state serves the first two steps", func(n *node) { n.reads[0].delay, n.state.resets = 2, 2 })
		set("stale-carried", s.are+" read from two steps ago: a sequence's second step reads what the sequence before it left", func(n *node) { n.reads[0].delay = 2 })
		set("not-reset", s.are+" not set back where a sequence starts", func(n *node) { n.state.resets = 0 })
		set("reset-each-step", s.are+" set back at every step", func(n *node) { n.state.resets = everySoMany })
		set("bytes-swapped", s.are+" stored with the bytes exchanged", func(n *node) { n.reads[0].lens = bytesSwapped })
	}
	l.exchanged()
	l.inputsSwapped()
	if l.cell.h < 0 {
		return
	}
	for units := 1; units < l.cell.nodes[l.cell.h].width; units *= 2 {
		group := fmt.Sprintf("in groups of %d", units)
		if units == 1 {
			group = "one at a time"
		}
		l.add("h", fmt.Sprintf("too-early-%d", units), "units are computed "+group+", and later ones read the new h of earlier ones", func(c *cell) {
			c.early = units
			for _, at := range c.where(isMatmul) {
				if c.source(c.nodes[at]) == c.h {
					c.touch(at)
				}
			}
		})
	}
}

func some(at int) []int {
	if at < 0 {
		return nil
	}
	return []int{at}
}

// exchanged is a cell that takes h for c and c for h.
func (l *lister) exchanged() {
	if l.cell.c < 0 || l.cell.h < 0 {
		return
	}
	l.add("state", "exchanged", "h and c are exchanged from step to step", func(c *cell) {
		if c.c < 0 || c.h < 0 {
			return
		}
		h, cc := c.touch(c.h), c.touch(c.c)
		fromH := h.reads[0].node
		h.reads[0].from(c, cc.reads[0].node)
		cc.reads[0].from(c, fromH)
	})
}

// inputsSwapped are products that read h for x and x for h. The integers go over as they are; what one input has less than the other is
// zero.
func (l *lister) inputsSwapped() {
	if l.cell.h < 0 {
		return
	}
	swap := func(c *cell, always bool) {
		for at, n := range c.nodes {
			reads := len(n.reads) == 1 && (n.op == "fix" || n.op == "matmul")
			if !reads || n.reads[0].node != c.x && n.reads[0].node != c.h {
				continue
			}
			o := &c.touch(at).reads[0]
			other := c.x + c.h - c.sound.source(c.sound.nodes[at])
			if always {
				o.node = other
			} else {
				o.atStart, o.useStart = other, true
			}
		}
	}
	l.add("inputs", "swapped-at-start", "x and h are exchanged at the first step of a sequence", func(c *cell) { swap(c, false) })
	l.add("inputs", "swapped", "x and h are exchanged", func(c *cell) { swap(c, true) })
}
