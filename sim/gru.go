package sim

// gru is the standard GRU cell: reset and update gate (i and f in the quantizer's names) and the new state.
type gru struct {
	cell          *cell
	reset, update gate
	x, h          linear // w_ig and w_hg
	scaled        *node  // it*(w_hg * input_1 + bias_hg)
	sum           *node  // y_g
	tanh          *node  // cct
	dropped       *node  // ft*cct
	fresh         *node  // cct-ft*cct
	kept          *node  // ft*input_1
	out           *node  // h_next
}

// matchGRU reads h = (n - z·n) + z·h backwards from the cell's output.
func matchGRU(c *cell) *gru {
	if len(c.states) != 1 || !isNode(c.next[0], kindAdd) {
		return nil
	}
	g := &gru{cell: c, out: c.next[0]}
	for _, pair := range bothWays(g.out) {
		if g.matchFresh(pair[0]) && g.matchKept(pair[1]) && g.matchNew() {
			return g
		}
	}
	return nil
}

// matchFresh reads n - z·n.
func (g *gru) matchFresh(fresh *node) bool {
	if !isNode(fresh, kindSub) {
		return false
	}
	g.fresh, g.tanh, g.dropped = fresh, fresh.args[0].node, fresh.args[1].node
	if !isNode(g.tanh, kindTanh) || !isNode(g.dropped, kindMul) {
		return false
	}
	for _, pair := range bothWays(g.dropped) {
		update, isGate := matchGate(pair[0], kindSigmoid, g.cell)
		if isGate && pair[1] == g.tanh {
			g.update = update
			return true
		}
	}
	return false
}

// matchKept reads z·h, with the same z.
func (g *gru) matchKept(kept *node) bool {
	if !isNode(kept, kindMul) {
		return false
	}
	g.kept = kept
	for _, pair := range bothWays(kept) {
		if pair[0] == g.update.activation && pair[1] == g.cell.states[0] {
			return true
		}
	}
	return false
}

// matchNew reads n = tanh(x·W + r·(h·R)).
func (g *gru) matchNew() bool {
	if g.sum = g.tanh.args[0].node; !isNode(g.sum, kindAdd) {
		return false
	}
	for _, pair := range bothWays(g.sum) {
		x, isX := matchLinear(pair[0], g.cell.input)
		if !isX || !isNode(pair[1], kindMul) {
			continue
		}
		for _, product := range bothWays(pair[1]) {
			reset, isGate := matchGate(product[0], kindSigmoid, g.cell)
			h, isH := matchLinear(product[1], g.cell.states[0])
			if isGate && isH {
				g.reset, g.x, g.h, g.scaled = reset, x, h, pair[1]
				return true
			}
		}
	}
	return false
}

func (g *gru) order() []*node {
	var o ordering
	o.add(g.cell.input, g.cell.states[0])
	o.addLinears(g.reset)
	o.addLinears(g.update)
	o.add(g.reset.activation, g.update.activation)
	o.add(g.x.cut, g.x.matmul, g.h.cut, g.h.matmul)
	o.add(g.scaled, g.sum, g.tanh, g.dropped, g.fresh, g.kept, g.out)
	return o
}
