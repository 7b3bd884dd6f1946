package sim

import "slices"

// standardCell is a graph that turned out to be a standard cell by its wiring, whatever its ops are called.
type standardCell interface {
	// order lists every node of the graph as the quantizer numbers them, each 8-bit matmul input before its matmul.
	order() []*node
}

// recognise gives the standard cell that a graph is, or nil where it is another one.
func recognise(c *cell) standardCell {
	for _, n := range c.nodes {
		if n != c.input && n.kind != kindFix && n.width != c.output().width {
			return nil // one value for all units is no standard cell's
		}
	}
	var standard standardCell
	if l := matchLSTM(c); l != nil {
		standard = l
	} else if g := matchGRU(c); g != nil {
		standard = g
	} else {
		return nil
	}
	if !isPermutation(standard.order(), c.nodes) {
		return nil
	}
	return standard
}

func isPermutation(order, nodes []*node) bool {
	listed := map[*node]bool{}
	for _, n := range order {
		listed[n] = true
	}
	for _, n := range nodes {
		if !listed[n] {
			return false
		}
	}
	return len(order) == len(nodes) && len(listed) == len(nodes)
}

// linear is a matmul of one of the cell's inputs, which an 8-bit cell cuts first.
type linear struct {
	matmul *node
	cut    *node // the matmul's own input, or nil
}

func matchLinear(n, input *node) (linear, bool) {
	if n == nil || n.kind != kindMatmul {
		return linear{}, false
	}
	switch from := n.args[0].node; {
	case from == input:
		return linear{matmul: n}, true
	case from.kind == kindFix && from.args[0].node == input:
		return linear{matmul: n, cut: from}, true
	}
	return linear{}, false
}

// gate is an activation of the sum of the two linears.
type gate struct {
	x, h       linear
	sum        *node
	activation *node
}

// matchGate reads activation(x·W + h·R) backwards from the activation.
func matchGate(activation *node, kind string, c *cell) (gate, bool) {
	if activation == nil || activation.kind != kind {
		return gate{}, false
	}
	sum := activation.args[0].node
	if sum == nil || sum.kind != kindAdd {
		return gate{}, false
	}
	for _, pair := range bothWays(sum) {
		x, isX := matchLinear(pair[0], c.input)
		h, isH := matchLinear(pair[1], c.states[0])
		if isX && isH {
			return gate{x: x, h: h, sum: sum, activation: activation}, true
		}
	}
	return gate{}, false
}

// bothWays gives the operands of a commutative node in either order; an operand that is no node is nil.
func bothWays(n *node) [2][2]*node {
	a, b := n.args[0].node, n.args[1].node
	return [2][2]*node{{a, b}, {b, a}}
}

// isNode says whether n is a node of the given kind.
func isNode(n *node, kind string) bool { return n != nil && n.kind == kind }

// ordering collects nodes. A nil node, and a cut that stands there already because matmuls share it, are not added. Any other
// node that has two roles is added twice, so that the whole is no permutation of the cell's nodes.
type ordering []*node

func (o *ordering) add(nodes ...*node) {
	for _, n := range nodes {
		if n != nil && (n.kind != kindFix || !slices.Contains(*o, n)) {
			*o = append(*o, n)
		}
	}
}

func (o *ordering) addLinears(g gate) {
	o.add(g.x.cut, g.x.matmul, g.h.cut, g.h.matmul, g.sum)
}
