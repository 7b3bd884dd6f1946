package compile

import "rnnsim/xmodel"

// sum reads a block of a gate's y: (W·x + b) + R·h, each linear of a GRU with a bias of its own. Parts that are always zero are not
// there.
func (r *recovery) sum(block int, gate string, id termID) error {
	weightX, weightH := "weight_i"+gate, "weight_h"+gate
	biasX, biasH := "bias_"+gate, ""
	if r.kind == xmodel.GRU {
		biasX, biasH = "bias_i"+gate, "bias_h"+gate
	}
	e := r.list[id]
	whole := e.op != opAdd || r.isConstant(e.a) && r.readsX(e.b) || r.isConstant(e.b) && r.readsX(e.a)
	if whole {
		if r.isConstant(id) || r.readsX(r.bare(id)) {
			return r.linear(block, weightX, biasX, r.strip(weightX, id))
		}
		return r.linear(block, weightH, biasH, r.strip(weightH, id))
	}
	r.note("y_"+gate, int(e.shift))
	x, h := order(e.a, e.b, r.readsX)
	if !r.readsX(x) && !r.isConstant(x) {
		x, h = h, x
	}
	if err := r.linear(block, weightX, biasX, r.strip(weightX, x)); err != nil {
		return err
	}
	return r.linear(block, weightH, biasH, r.strip(weightH, h))
}

func (r *recovery) isConstant(id termID) bool { return r.list[id].op == opConstant }

// readsX tells whether a linear multiplies x.
func (r *recovery) readsX(id termID) bool {
	e := r.list[r.bare(id)]
	if e.op == opAdd {
		return !r.isConstant(e.a) && r.readsX(e.a) || !r.isConstant(e.b) && r.readsX(e.b)
	}
	if e.op != opProduct {
		return false
	}
	for _, v := range r.vectors[e.a] {
		if r.list[v].op == opInput {
			return true
		}
	}
	return false
}

// linear reads a block of a linear: a product, a product and a bias, or a bias alone.
func (r *recovery) linear(block int, weight, bias string, id termID) error {
	e := r.list[id]
	switch e.op {
	case opConstant:
		return r.bias(block, bias, id, id)
	case opProduct:
		if err := r.product(block, weight, id); err != nil {
			return err
		}
		return r.bias(block, bias, zeroTerm, id)
	case opAdd:
		product, constant := order(e.a, e.b, func(id termID) bool { return r.list[id].op == opProduct })
		if r.list[product].op == opProduct && r.isConstant(constant) && e.shift == 0 {
			if err := r.product(block, weight, product); err != nil {
				return err
			}
			return r.bias(block, bias, constant, id)
		}
	}
	return r.notCell(id, "a matrix product, with a bias or without, for "+weight)
}

// bias takes a bias from a constant; sum is what it was added for.
func (r *recovery) bias(block int, label string, constant, sum termID) error {
	if label == "" {
		if constant != zeroTerm {
			return r.notCell(constant, "nothing beside the product with h")
		}
		return nil
	}
	origin, known := r.biasAt[sum]
	values, _ := r.machine.values(constant)
	for i, v := range values {
		if at := block*blockValues + i; at < r.hidden {
			r.values[label][at] = v
			if known {
				r.places[label][at] = origin + 2*int32(i)
			}
		}
	}
	return nil
}

// product takes a block of rows of a matrix.
func (r *recovery) product(block int, label string, id termID) error {
	rows, vector := r.factors(id)
	at := r.weightAt[id]
	width, features := r.columns(label), contiguous(r.hidden)
	if label[len("weight_")] == 'i' {
		features = r.features()
	}
	r.note(label, int(r.list[id].shift))
	for n, v := range vector {
		first, e := n, r.list[v]
		switch {
		case v == zeroTerm:
			continue
		case e.op == opInput && label[len("weight_")] == 'i':
			first = int(e.index) - r.firstInput()
		case e.op == opState && label[len("weight_")] == 'h' && n < len(r.h):
			if r.h[n] >= 0 && r.h[n] != v {
				return r.notCell(id, "one h in all products")
			}
			r.h[n] = v
		default:
			return r.notCell(v, "x alone or h alone as the vector of "+label)
		}
		for i := range rows.values {
			for j := range blockValues {
				row, own := block*blockValues+i, first*blockValues+j
				if row >= r.hidden || own < 0 || own >= len(features) {
					continue
				}
				if column := features[own]; column >= 0 {
					r.values[label][row*width+column] = rows.values[i][n*blockValues+j]
					r.places[label][row*width+column] = at[i][n*blockValues+j]
				}
			}
		}
	}
	return nil
}
