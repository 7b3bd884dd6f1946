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

// patience is how many rounds the ranges of the states may grow by themselves before they are taken for full.
const patience = 64

// analyse finds what no input can make happen, for any x and sequences of any length that start at zero, and gives the ranges of the
// nodes of each cell.
func analyse(cells []*cell) [][][]interval {
	frames := make([][][]interval, len(cells))
	for i, c := range cells {
		for _, n := range c.nodes {
			n.near = func(bin int, distance int64) { n.reachable[bin] = n.reachable[bin] || distance == 0 }
		}
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

// settle widens the ranges of the states until a step from them stays within them, and gives those of all nodes. What a step from narrower
// ranges can do, one from the last ones can do as well.
func (c *cell) settle(x []interval) [][]interval {
	frame := make([][]interval, len(c.nodes))
	frame[c.x.at] = x
	for _, s := range c.states {
		frame[s.input.at] = make([]interval, s.input.info.Width)
	}
	for round := 0; ; round++ {
		c.run(frame)
		settled := true
		for _, s := range c.states {
			for i, v := range enter(s.input, s.from, frame[s.from.at]) {
				old := frame[s.input.at][i]
				wider := old.union(v)
				if wider != old && round > patience {
					wider = interval{s.input.info.Format.Min(), s.input.info.Format.Max()}
				}
				settled = settled && wider == old
				frame[s.input.at][i] = wider
			}
		}
		if settled {
			return frame
		}
	}
}
