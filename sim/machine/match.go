package machine

import "rnnsim/xmodel"

// matched are the nodes of a cell graph that one vector of h was found to be computed by, by their labels.
type matched map[string]*term

// either gives the operands of a sum or product in the order in which the first is of one kind, rescaled or not.
func (t *term) either(wanted termKind) (first, second *term, ok bool) {
	if t.a.core().kind == wanted {
		return t.a, t.b, true
	}
	return t.b, t.a, t.b.core().kind == wanted
}

// matchCell finds the nodes of either kind of cell in what computes a vector of h. It looks at the wiring alone. Where a sum reads
// something that was rescaled for it, the node is what was there before; where a product does, the node is what it reads.
func matchCell(h *term) (xmodel.CellKind, matched, bool) {
	if m, ok := matchLSTM(h); ok {
		return xmodel.LSTM, m, true
	}
	m, ok := matchGRU(h)
	return xmodel.GRU, m, ok
}

func matchLSTM(h *term) (matched, bool) {
	if h.kind != termMul {
		return nil, false
	}
	temp, out, ok := h.either(termTanh)
	if !ok || out.core().kind != termSigmoid || temp.core().a.kind != termAdd {
		return nil, false
	}
	c := temp.core().a
	added, kept := c.a.core(), c.b.core()
	if added.kind != termMul || kept.kind != termMul {
		return nil, false
	}
	if _, _, isAdded := added.either(termTanh); !isAdded {
		added, kept = kept, added
	}
	cct, in, ok := added.either(termTanh)
	if !ok || in.core().kind != termSigmoid {
		return nil, false
	}
	forget, before, ok := kept.either(termSigmoid)
	if !ok || before.leaf().kind != termState {
		return nil, false
	}
	m := matched{
		"h_next": h, "ot": out, "c_temp": temp, "c_next": c, "it*cct": added, "ft*input_2": kept,
		"it": in, "ft": forget, "cct": cct, "input_2": before,
	}
	for gate, activation := range map[string]*term{"i": in, "f": forget, "g": cct, "o": out} {
		m.sum(activation.core().a, gate, "w_i"+gate+" * input_0 + bias_"+gate, "w_h"+gate+" * input_1")
	}
	return m, true
}

func matchGRU(h *term) (matched, bool) {
	if h.kind != termAdd {
		return nil, false
	}
	fresh, kept, ok := h.either(termSub)
	fresh, kept = fresh.core(), kept.core()
	if !ok || kept.kind != termMul || fresh.a.core().kind != termTanh || fresh.b.core().kind != termMul {
		return nil, false
	}
	dropped := fresh.b.core()
	update, before, ok := kept.either(termSigmoid)
	cct, again, both := dropped.either(termTanh)
	if !ok || !both || before.leaf().kind != termState || again.core() != update.core() || cct.core() != fresh.a.core() {
		return nil, false
	}
	m := matched{
		"h_next": h, "cct-ft*cct": fresh, "ft*input_1": kept, "ft*cct": dropped, "ft": update, "cct": cct,
	}
	m.sum(update.core().a, "f", "w_if * input_0 + bias_if", "w_hf * input_1 + bias_hf")
	y := cct.core().a
	if y.kind != termAdd {
		return m, true
	}
	gated, x, found := y.either(termMul)
	if !found {
		return m, true
	}
	gated, m["y_g"] = gated.core(), y
	m.linear(x.core(), "w_ig * input_0 + bias_ig", termX)
	if reset, ofState, found := gated.either(termSigmoid); found {
		m["it"], m["it*(w_hg * input_1 + bias_hg)"] = reset, gated
		m.linear(ofState, "w_hg * input_1 + bias_hg", termState)
		m.sum(reset.core().a, "i", "w_ii * input_0 + bias_ii", "w_hi * input_1 + bias_hi")
	}
	return m, true
}

// sum takes the sum of a gate and the two linears in it.
func (m matched) sum(y *term, gate, ofX, ofH string) {
	m["y_"+gate] = y
	if y.kind != termAdd {
		return
	}
	for _, operands := range [][2]*term{{y.a.core(), y.b.core()}, {y.b.core(), y.a.core()}} {
		if operands[0].reads() == termX && operands[1].reads() == termState {
			m.linear(operands[0], ofX, termX)
			m.linear(operands[1], ofH, termState)
		}
	}
}

// linear takes a linear of the given input: a product, or a product and a bias.
func (m matched) linear(t *term, label string, input termKind) {
	if t.reads() == input {
		m[label] = t
	}
}

// reads tells what a linear is of: a product with it, alone or with something from the blob.
func (t *term) reads() termKind {
	t = t.core()
	if t.kind == termProduct {
		return t.a.leaf().kind
	}
	if t.kind != termAdd {
		return termUnknown
	}
	p, bias, ok := t.either(termProduct)
	if !ok || bias.leaf().kind != termConstant {
		return termUnknown
	}
	return p.core().a.leaf().kind
}

// positions gives the fix positions of the nodes, so far as activations and shifts tell them, from those of x and h.
func (m matched) positions(x, h int) map[string]int {
	p := map[string]int{"input_0": x, "input_1": h, "h_next": h}
	m.below(p, m["h_next"], h)
	for _, t := range m {
		if at, known := t.position(); known {
			m.below(p, t, at)
		}
		if core := t.core(); core.kind == termSigmoid || core.kind == termTanh {
			m.below(p, core.a, core.shift)
		}
	}
	return p
}

// statePosition gives the position of h of a cell whose file does not say it, where its shifts do.
func (m matched) statePosition() (p int, known bool) {
	h := m["h_next"]
	if h.kind != termAdd {
		return h.position()
	}
	fresh, _, _ := h.either(termSub)
	p, known = fresh.core().b.position()
	return p - fresh.core().shift - h.shift, known && fresh.kind == termSub
}

// below sets the position of a term's node, and of those that it was made of by sums, gates and rescaling.
func (m matched) below(p map[string]int, t *term, position int) {
	for label, other := range m {
		if other == t {
			p[label] = position
		}
	}
	switch t.kind {
	case termRescale:
		m.below(p, t.a, position+t.shift)
	case termAdd, termSub:
		m.below(p, t.a, position+t.shift)
		m.below(p, t.b, position+t.shift)
	case termMul:
		// What a gate lets through is state, or a linear.
		if gate, value, ok := t.either(termSigmoid); ok {
			if at, known := gate.position(); known {
				m.below(p, value, position+t.shift-at)
			}
		}
	}
}
