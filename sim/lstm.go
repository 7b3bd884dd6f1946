package sim

// lstm is the standard LSTM cell. Gates are in the order i, f, g, o.
type lstm struct {
	cell  *cell
	gates [4]gate
	added *node // it*cct
	kept  *node // ft*input_2
	c     *node // c_next
	tanh  *node // c_temp
	h     *node // h_next
}

// matchLSTM reads h = o·tanh(c), c = i·g + f·c backwards from the cell's output.
func matchLSTM(c *cell) *lstm {
	if len(c.states) != 2 || !isNode(c.next[0], kindMul) || !isNode(c.next[1], kindAdd) {
		return nil
	}
	l := &lstm{cell: c, h: c.next[0], c: c.next[1]}
	for _, pair := range bothWays(l.h) {
		o, isGate := matchGate(pair[0], kindSigmoid, c)
		if isGate && isNode(pair[1], kindTanh) && pair[1].args[0].node == l.c {
			l.gates[3], l.tanh = o, pair[1]
		}
	}
	for _, pair := range bothWays(l.c) {
		l.matchSum(pair[0], pair[1])
	}
	if l.tanh == nil || l.added == nil {
		return nil
	}
	return l
}

// matchSum reads the two products whose sum is c.
func (l *lstm) matchSum(added, kept *node) {
	if !isNode(added, kindMul) || !isNode(kept, kindMul) {
		return
	}
	for _, a := range bothWays(added) {
		i, isI := matchGate(a[0], kindSigmoid, l.cell)
		g, isG := matchGate(a[1], kindTanh, l.cell)
		for _, k := range bothWays(kept) {
			f, isF := matchGate(k[0], kindSigmoid, l.cell)
			if isI && isG && isF && k[1] == l.cell.states[1] {
				l.gates[0], l.gates[1], l.gates[2] = i, f, g
				l.added, l.kept = added, kept
			}
		}
	}
}

func (l *lstm) order() []*node {
	var o ordering
	o.add(l.cell.input, l.cell.states[0], l.cell.states[1])
	for _, g := range l.gates {
		o.addLinears(g)
	}
	for _, g := range l.gates {
		o.add(g.activation)
	}
	o.add(l.added, l.kept, l.c, l.tanh, l.h)
	return o
}
