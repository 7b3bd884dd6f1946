package golden

import (
	"cmp"
	"slices"

	"rnnsim/xmodel"
)

// arrange puts the nodes of a standard cell into the order in which the original executes them, which its files do not keep: there
// the order of ops differs from run to run. A cell with nodes of other names stays in the graph's order.
func (c *cell) arrange() {
	kind := xmodel.GRU
	if c.c != nil {
		kind = xmodel.LSTM
	}
	rank := map[string]int{}
	for i, n := range xmodel.Nodes(kind) {
		name := xmodel.Sanitize(n.Label)
		rank[xmodel.PreFixName(name)], rank[name] = 2*i, 2*i+1
	}
	arranged := slices.Clone(c.nodes)
	for _, n := range arranged {
		if _, known := rank[n.name]; !known {
			return
		}
	}
	slices.SortStableFunc(arranged, func(a, b *node) int { return cmp.Compare(rank[a.name], rank[b.name]) })
	place := map[*node]int{}
	for i, n := range arranged {
		place[n] = i
		for _, o := range n.reads {
			if before, done := place[o.node]; o.node != nil && (!done || before > i) {
				return // the names are the standard cell's, the wiring is not
			}
		}
	}
	c.nodes = arranged
	for i, n := range arranged {
		n.at = i
	}
}

// quantizeInPlace lets a fix op that cuts a node overwrite it, as in the original: whatever reads the node afterwards reads
// the cut (an 8-bit GRU's ft*input_1 reads the 8-bit h). What reads a cut reads that cut, whichever came after: the original
// cuts for each matmul immediately before it.
func (c *cell) quantizeInPlace() {
	memory := map[*node]*node{} // what the memory of a node holds by now, where it is not the node
	for _, n := range c.nodes {
		var source *node
		if n.op == "fix" {
			source = n.reads[0].node
		}
		for i := range n.reads {
			o := &n.reads[i]
			if held := memory[o.node]; o.node != nil && held != nil {
				o.node, o.format = held, held.format
			}
		}
		if source != nil {
			memory[source] = n
			if source == c.x {
				c.cuts = append(c.cuts, n)
			}
		}
	}
}
