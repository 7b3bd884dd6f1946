package coverage

// fullRange is every value of a node's format, in each of its elements.
func fullRange(n *node) []interval {
	values := make([]interval, n.info.Width)
	for i := range values {
		values[i] = interval{n.info.Format.Min(), n.info.Format.Max()}
	}
	return values
}

// patience is how many rounds the ranges of the states may grow by themselves before they are taken for full.
const patience = 64

// analyse finds what no input can make happen, for any x and sequences of any length that start at zero.
func analyse(cells []*cell) {
	ranges := map[*cell][]interval{} // of h
	for i, c := range cells {
		for _, n := range c.nodes {
			n.mark = func(bin int) { n.reachable[bin] = true }
		}
		var x []interval
		for _, below := range cells[:i] {
			if below.layer == c.layer-1 {
				x = append(x, enter(c.x, below.h, ranges[below])...)
			}
		}
		if x == nil {
			x = fullRange(c.x)
			for bin := range c.x.reachable { // x can be any number before it is quantized
				c.x.reachable[bin] = true
			}
		}
		ranges[c] = c.settle(x)
	}
}

// settle widens the ranges of the states until a step from them stays within them, and gives that of h. What a step from narrower
// ranges can do, one from the last ones can do as well.
func (c *cell) settle(x []interval) []interval {
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
			return frame[c.h.at]
		}
	}
}
