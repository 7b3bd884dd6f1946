package compile

// lstm reads a block of an LSTM's h.
func (r *recovery) lstm(block int, id termID) error {
	h, err := r.expect("h_next", r.strip("output", id), opMultiply)
	if err != nil {
		return err
	}
	o, cTemp := order(h.a, h.b, func(id termID) bool { return r.isOp(id, opSigmoid) })
	if err := r.table(block, "o", "ot", o, opSigmoid); err != nil {
		return err
	}
	tanh, err := r.expect("c_temp", r.strip("c_temp", cTemp), opTanh)
	if err != nil {
		return err
	}
	return r.lstmState(block, tanh.a)
}

// lstmState reads a block of c_next, a sum of which either part may be missing where it is always zero.
func (r *recovery) lstmState(block int, id termID) error {
	parts := []termID{id}
	if e := r.list[id]; e.op == opAdd {
		r.note("c_next", int(e.shift))
		parts = []termID{e.a, e.b}
	}
	for _, part := range parts {
		e := r.list[r.bare(part)]
		if e.op != opMultiply {
			return r.notCell(part, "it*cct or ft*input_2 as a part of c_next")
		}
		gate, other := order(e.a, e.b, func(id termID) bool { return r.isOp(id, opSigmoid) })
		switch {
		case r.isOp(other, opTanh):
			r.strip("it*cct", part)
			r.note("it*cct", int(e.shift))
			if err := r.table(block, "i", "it", gate, opSigmoid); err != nil {
				return err
			}
			if err := r.table(block, "g", "cct", other, opTanh); err != nil {
				return err
			}
		case r.list[other].op == opState:
			r.strip("ft*input_2", part)
			r.note("ft*input_2", int(e.shift))
			r.c[block] = other
			if err := r.table(block, "f", "ft", gate, opSigmoid); err != nil {
				return err
			}
		default:
			return r.notCell(other, "tanh, or c of the step before, as a factor of c_next")
		}
	}
	return nil
}

// table reads a gate: the sum that a table looks up, and what the table yields.
func (r *recovery) table(block int, gate, label string, id termID, op operation) error {
	e, err := r.expect(label, r.strip(label, id), op)
	if err != nil {
		return err
	}
	return r.sum(block, gate, e.a)
}
