package compile

// gru reads a block of a GRU's h: (n - z·n) + z·h.
func (r *recovery) gru(block int, id termID) error {
	h, err := r.expect("h_next", r.strip("output", id), opAdd)
	if err != nil {
		return err
	}
	left, right := order(h.a, h.b, func(id termID) bool { return r.isOp(id, opSubtract) })
	difference, err := r.expect("cct-ft*cct", r.strip("cct-ft*cct", left), opSubtract)
	if err != nil {
		return err
	}
	kept, err := r.expect("ft*input_1", r.strip("ft*input_1", right), opMultiply)
	if err != nil {
		return err
	}
	gate, state := order(kept.a, kept.b, func(id termID) bool { return r.isOp(id, opSigmoid) })
	if r.list[state].op != opState {
		return r.notCell(state, "h of the step before as a factor of ft*input_1")
	}
	r.h[block] = state
	if err := r.table(block, "f", "ft", gate, opSigmoid); err != nil {
		return err
	}
	product, err := r.expect("ft*cct", r.strip("ft*cct", difference.b), opMultiply)
	if err != nil {
		return err
	}
	update, candidate := order(product.a, product.b, func(id termID) bool { return id == gate })
	n, err := r.expect("cct", r.strip("cct", candidate), opTanh)
	if err != nil {
		return err
	}
	if update != gate || r.bare(difference.a) != r.bare(candidate) {
		return r.notCell(r.bare(difference.b), "ft*cct, of the ft of ft*input_1 and the cct of cct-ft*cct,")
	}
	return r.candidate(block, n.a)
}

// candidate reads a block of y_g, in + r·hn.
func (r *recovery) candidate(block int, id termID) error {
	gated, rest := id, termID(-1)
	if e := r.list[id]; e.op == opAdd {
		r.note("y_g", int(e.shift))
		gated, rest = order(e.a, e.b, func(id termID) bool { return r.isOp(id, opMultiply) })
	}
	if !r.isOp(gated, opMultiply) {
		return r.sum(block, "g", id) // r·hn is always zero
	}
	bare := r.strip("it*(w_hg * input_1 + bias_hg)", gated)
	e, err := r.expect("it*(w_hg * input_1 + bias_hg)", bare, opMultiply)
	if err != nil {
		return err
	}
	gate, linear := order(e.a, e.b, func(id termID) bool { return r.isOp(id, opSigmoid) })
	if err := r.table(block, "i", "it", gate, opSigmoid); err != nil {
		return err
	}
	if err := r.linear(block, "weight_hg", "bias_hg", linear); err != nil {
		return err
	}
	if rest < 0 {
		return nil
	}
	return r.linear(block, "weight_ig", "bias_ig", r.strip("weight_ig", rest))
}
