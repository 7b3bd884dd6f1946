package coverage

import "rnnsim/xmodel"

// fullRange is every value of a node's format, in each of its elements.
func fullRange(n *node) []interval {
	values := make([]interval, n.info.Width)
	for i := range values {
		values[i] = interval{n.info.Format.Min(), n.info.Format.Max()}
	}
	return values
}

// Range is the integers from Low to High.
type Range struct{ Low, High int64 }

// Ranges gives what each element of each node can hold, for any x and sequences of any length that start at zero: by cell, by the
// node's place in the exact reference's header, by element. It is what the bins that no input can reach are found by.
func Ranges(m *xmodel.Model) ([][][]Range, error) {
	cells, _, err := newCells(m)
	if err != nil {
		return nil, err
	}
	var ranges [][][]Range
	for _, frame := range analyse(cells) {
		nodes := make([][]Range, len(frame))
		for i, values := range frame {
			for _, v := range values {
				nodes[i] = append(nodes[i], Range{v.lo, v.hi})
			}
		}
		ranges = append(ranges, nodes)
	}
	return ranges, nil
}

// patience is how many rounds the ranges of the states may grow by themselves.
const patience = 32

// analyse finds what no input can make happen, for any x and sequences of any length that start at zero, and gives the ranges of the
// nodes of each cell.
func analyse(cells []*cell) [][][]interval {
	frames := make([][][]interval, len(cells))
	for i, c := range cells {
		c.mark(true)
		var x []interval
		for j, below := range cells[:i] {
			if below.layer == c.layer-1 {
				x = append(x, enter(c.x, below.h, frames[j][below.h.at])...)
			}
		}
		if x == nil {
			x = fullRange(c.x)
			for bin := range c.x.reachable { // x can be any number before it is quantized
				c.x.reachable[bin] = true
			}
		}
		frames[i] = c.settle(x)
	}
	return frames
}

// mark says whether what happens from now on marks bins as reachable.
func (c *cell) mark(on bool) {
	for _, n := range c.nodes {
		n.near = func(bin int, distance int64) { n.reachable[bin] = n.reachable[bin] || on && distance == 0 }
	}
}

// settle widens the ranges of the states until a step from them stays within them, and gives those of all nodes. What a step from narrower
// ranges can do, one from the last ones can do as well: it marks the bins.
func (c *cell) settle(x []interval) [][]interval {
	c.mark(false)
	frame := make([][]interval, len(c.nodes))
	frame[c.x.at] = x
	for _, s := range c.states {
		frame[s.input.at] = make([]interval, s.input.info.Width)
	}
	for round := 0; ; round++ {
		leaving := c.leaving(frame)
		if len(leaving) == 0 {
			c.mark(true)
			c.run(frame)
			for _, s := range c.states {
				enter(s.input, s.from, frame[s.from.at])
			}
			return frame
		}
		if round == patience && c.leap(frame, leaving) {
			continue
		}
		for _, e := range leaving {
			if round >= patience {
				e.wider = interval{e.input.info.Format.Min(), e.input.info.Format.Max()}
			}
			frame[e.input.at][e.unit] = e.wider
		}
	}
}

// leaving is a unit of a state that a step takes out of its range.
type leaving struct {
	input *node
	unit  int
	wider interval // with what the step gives
}

// leaving computes a step, and lists what leaves its range.
func (c *cell) leaving(frame [][]interval) (all []leaving) {
	c.run(frame)
	for _, s := range c.states {
		for i, v := range enter(s.input, s.from, frame[s.from.at]) {
			if wider := frame[s.input.at][i].union(v); wider != frame[s.input.at][i] {
				all = append(all, leaving{s.input, i, wider})
			}
		}
	}
	return all
}

// leap widens what grows step by step by as much as it takes for a step to stay within, and says whether that is possible. A value that
// loses a little to each floor goes on for a long way until what is multiplied away is as much.
func (c *cell) leap(frame [][]interval, growing []leaving) bool {
	from := make([]interval, len(growing))
	for i, e := range growing {
		from[i] = frame[e.input.at][e.unit]
	}
	holds := func(by int64) bool {
		for i, e := range growing {
			wider, f := from[i], e.input.info.Format
			if e.wider.lo < wider.lo {
				wider.lo = max(wider.lo-by, f.Min())
			}
			if e.wider.hi > wider.hi {
				wider.hi = min(wider.hi+by, f.Max())
			}
			frame[e.input.at][e.unit] = wider
		}
		return len(c.leaving(frame)) == 0
	}
	fails, enough := int64(0), int64(1)
	for ; !holds(enough); fails, enough = enough, 2*enough {
		if enough > 1<<16 {
			return false
		}
	}
	for enough-fails > 1 {
		if middle := fails + (enough-fails)/2; holds(middle) {
			enough = middle
		} else {
			fails = middle
		}
	}
	return holds(enough)
}
