package machine

import "rnnsim/xmodel"

// matched are the nodes of a cell graph that one vector of h was found to be computed by, by their labels.
type matched map[string]*term

// either gives the operands of a sum or product in the order in which the first is of one of the wanted kinds.
func (t *term) either(wanted ...termKind) (first, second *term, ok bool) {
	for _, kind := range wanted {
		if t.a.kind == kind {
			return t.a, t.b, true
		}
		if t.b.kind == kind {
			return t.b, t.a, true
		}
	}
	return nil, nil, false
}

// matchCell finds the nodes of either kind of cell in what computes a vector of h. It looks at the wiring alone.
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
	if !ok || out.kind != termSigmoid || temp.a.kind != termAdd {
		return nil, false
	}
	c := temp.a
	added, kept := c.a, c.b
	if added.kind != termMul || kept.kind != termMul {
		return nil, false
	}
	if _, _, isAdded := added.either(termTanh); !isAdded {
		added, kept = kept, added
	}
	cct, in, ok := added.either(termTanh)
	if !ok || in.kind != termSigmoid {
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
		m.sum(activation.a, gate, "w_i"+gate+" * input_0 + bias_"+gate, "w_h"+gate+" * input_1")
	}
	return m, true
}

func matchGRU(h *term) (matched, bool) {
	if h.kind != termAdd {
		return nil, false
	}
	fresh, kept, ok := h.either(termSub)
	if !ok || kept.kind != termMul || fresh.a.kind != termTanh || fresh.b.kind != termMul {
		return nil, false
	}
	cct, dropped := fresh.a, fresh.b
	update, before, ok := kept.either(termSigmoid)
	if !ok || before.leaf().kind != termState || dropped.a != update && dropped.b != update || dropped.a != cct && dropped.b != cct {
		return nil, false
	}
	m := matched{
		"h_next": h, "cct-ft*cct": fresh, "ft*input_1": kept, "ft*cct": dropped, "ft": update, "cct": cct,
	}
	m.sum(update.a, "f", "w_if * input_0 + bias_if", "w_hf * input_1 + bias_hf")
	if y := cct.a; y.kind == termAdd {
		gated, x, found := y.either(termMul)
		if !found {
			return m, true
		}
		m["y_g"] = y
		m.linear(x, "w_ig * input_0 + bias_ig", termX)
		if reset, ofState, found := gated.either(termSigmoid); found {
			m["it"], m["it*(w_hg * input_1 + bias_hg)"] = reset, gated
			m.linear(ofState, "w_hg * input_1 + bias_hg", termState)
			m.sum(reset.a, "i", "w_ii * input_0 + bias_ii", "w_hi * input_1 + bias_hi")
		}
	}
	return m, true
}

// sum takes the sum of a gate and the two linears in it.
func (m matched) sum(y *term, gate, ofX, ofH string) {
	m["y_"+gate] = y
	if y.kind != termAdd {
		return
	}
	for _, operands := range [][2]*term{{y.a, y.b}, {y.b, y.a}} {
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
	return p.a.leaf().kind
}

// positions gives the fix positions of the nodes, so far as activations and shifts tell them, from those of x and h.
func (m matched) positions(x, h int) map[string]int {
	p := map[string]int{"input_0": x, "input_1": h, "h_next": h}
	for label, t := range m {
		if at, known := t.position(); known {
			p[label] = at
		}
		if t.kind == termSigmoid || t.kind == termTanh {
			m.below(p, t.a, t.shift)
		}
	}
	m.below(p, m["h_next"], h)
	return p
}

// below sets the position of a term's node, and of those that are summed up in it.
func (m matched) below(p map[string]int, t *term, position int) {
	for label, other := range m {
		if other == t {
			p[label] = position
		}
	}
	if t.kind != termAdd {
		return
	}
	for _, operand := range []*term{t.a, t.b} {
		m.below(p, operand, position+t.shift)
		if operand.kind == termMul {
			// What a gate lets through is state, or a linear.
			if gate, value, ok := operand.either(termSigmoid); ok && (value.leaf().kind == termState || value.kind == termAdd) {
				at, _ := gate.position()
				m.below(p, value, position+t.shift+operand.shift-at)
			}
		}
	}
}
