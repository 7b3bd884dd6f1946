package compile

// lstm reads a block of an LSTM's h.
func (r *recovery) lstm(block int, id termID) error {
	h, err := r.expect("h_next", r.strip("output", id), opMultiply)
	if err != nil {
		return err
	}
	o, cTemp := order(h.a, h.b, func(id termID) bool { return r.isOp(id, opSigmoid) })
	ot, err := r.expect("ot", r.strip("ot", o), opSigmoid)
	if err != nil {
		return err
	}
	tanh, err := r.expect("c_temp", r.strip("c_temp", cTemp), opTanh)
	if err != nil {
		return err
	}
	if err := r.sum(block, "o", ot.a); err != nil {
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
		sigmoid := r.list[gate]
		if sigmoid.op != opSigmoid {
			return r.notCell(gate, "sigmoid as a factor of c_next")
		}
		if r.list[other].op == opTanh {
			r.strip("it*cct", part)
			r.note("it*cct", int(e.shift))
			r.note("it", int(sigmoid.shift))
			r.note("cct", int(r.list[other].shift))
			if err := r.sum(block, "i", sigmoid.a); err != nil {
				return err
			}
			if err := r.sum(block, "g", r.list[other].a); err != nil {
				return err
			}
			continue
		}
		if r.list[other].op != opState {
			return r.notCell(other, "tanh, or c of the step before, as a factor of c_next")
		}
		r.strip("ft*input_2", part)
		r.note("ft*input_2", int(e.shift))
		r.note("ft", int(sigmoid.shift))
		r.c[block] = other
		if err := r.sum(block, "f", sigmoid.a); err != nil {
			return err
		}
	}
	return nil
}
