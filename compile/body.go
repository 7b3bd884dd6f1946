package compile

import (
	"strings"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// write writes both bodies of a cell: the first step, with h = c = 0, and every later one.
func (p *plan) write() {
	p.body = &p.loop
	p.writeStep(false)
	var step []*action
	p.body = &step
	p.writeStep(true)
	// The first step begins with its x, and goes on with all that stays on the chip.
	p.body = &p.initial
	p.initial = append(p.initial, step[:p.core.Batch]...)
	p.loadKept()
	p.initial = append(p.initial, step[p.core.Batch:]...)
}

// loadKept loads the matrices, the biases and the constants, in the order of the blob.
func (p *plan) loadKept() {
	for _, r := range p.regions {
		switch {
		case r.Label == "":
		case p.weights[r.Label] != nil:
			p.loadWeights(p.weights[r.Label])
		default:
			p.loadVector(p.biases[r.Label], r.Offset, false)
		}
	}
	for _, s := range p.splats {
		s.offset, p.extra = p.extra, p.extra+p.units*isa.ElementwiseUnit
		p.loadVector(s.resource, s.offset, false)
	}
}

// writeStep writes the body of a step. The last cell saves the h of the step before at its begin, so that end can save the last one.
func (p *plan) writeStep(first bool) {
	if p.last && !first {
		p.saveOutput()
	}
	p.loadInput()
	(*p.body)[0].first = true
	p.handOn()
	h, separate := p.formats["input_1"].Position, false
	if h != p.saved {
		separate = true
	}
	switch {
	case first && p.kind == xmodel.GRU:
		p.loadVector(p.h, p.zeroBlock(0), true)
	case first: // the zeros are added instead of the products with h
	case separate:
		p.loadVector(p.h, p.recurrentScratch().offset, true, whole(p.recurrentScratch()))
	default:
		p.loadState()
	}
	var hNext *resource
	if p.kind == xmodel.LSTM {
		hNext = p.lstm(first)
	} else {
		hNext = p.gru(first)
	}
	p.finish(hNext)
}

// recurrentScratch is where h is kept for the products of the next step if what is saved is at another fix position.
func (p *plan) recurrentScratch() *resource {
	if p.kind == xmodel.GRU {
		return p.scratch // which a GRU keeps for its product with a gate in any case
	}
	if p.recurrent == nil {
		p.recurrent = &resource{name: "recurrent h", space: ddrSpace, size: 1, offset: p.extra}
		p.extra += p.core.Batch * p.units * isa.ElementwiseUnit
	}
	return p.recurrent
}

// nextVector is where h_next is computed: in the vector that is saved, if that is at its position.
func (p *plan) nextVector() *resource {
	if p.position("h_next") == p.saved {
		return p.output
	}
	return p.vector("h_next")
}

// finish brings h to the positions at which it is used, and saves it.
func (p *plan) finish(hNext *resource) {
	recurrent := hNext
	state := p.position("input_1")
	if state == p.saved {
		recurrent = p.output
	} else {
		recurrent = p.rescale(hNext, p.position("h_next")-state)
	}
	if hNext != p.output {
		p.rescaleInto(p.output, hNext, p.position("h_next")-p.saved)
	}
	last := (*p.body)[0]
	for _, a := range *p.body {
		if a.unit != isa.SaveUnit {
			last = a
		}
	}
	last.last = true
	if p.kind == xmodel.GRU || state != p.saved {
		p.saveVector(recurrent, p.recurrentScratch())
	}
	if !p.last {
		p.saveOutput(last.writes...)
	}
}

// linear is a product and its bias.
func (p *plan) linear(weight, bias string, vector *resource) (result *resource, position int, label string) {
	for _, n := range xmodel.Nodes(p.kind) {
		if n.Weight == weight {
			label = n.Label
			position = p.position(label)
			result = p.product(weight, vector, p.position(weight)+p.position(n.Reads[0])-position)
		}
	}
	if bias != "" {
		result = p.combine(opAdd, label, result, p.biases[bias], 0)
	}
	return result, position, label
}

// gate is the sum of a gate's linears and its table.
func (p *plan) gate(gate, label string, first bool) *resource {
	op := opSigmoid
	if label == "cct" {
		op = opTanh
	}
	biasX, biasH := "bias_"+gate, ""
	if p.kind == xmodel.GRU {
		biasX, biasH = "bias_i"+gate, "bias_h"+gate
	}
	x, positionX, labelX := p.linear("weight_i"+gate, biasX, p.x)
	var h *resource
	var positionH int
	var labelH string
	if first && p.kind == xmodel.LSTM {
		h = p.zeroVector(0)
		labelH = "w_h" + gate + " * input_1"
		positionH = p.position(labelH)
	} else {
		h, positionH, labelH = p.linear("weight_h"+gate, biasH, p.h)
	}
	y := p.sum(opAdd, "y_"+gate, x, positionX, h, positionH, [2]string{labelX, labelH})
	return p.activation(op, label, y, p.position("y_"+gate))
}

// zeroVector gives the zeros of the first step that are added for products with h (0) or c (1). A body loads each of them once.
func (p *plan) zeroVector(n int) *resource {
	name := "zeros " + strings.Repeat("'", n)
	for _, a := range *p.body {
		for _, w := range a.writes {
			if w.name == name {
				return w.resource
			}
		}
	}
	r := p.vector(name)
	p.loadVector(r, p.zeroBlock(n), true)
	return r
}

// multiply is a product of two nodes.
func (p *plan) multiply(label string, result, a *resource, positionA int, b *resource, positionB int) *resource {
	p.combineInto(opMultiply, result, a, b, positionA+positionB-p.position(label))
	return result
}

func (p *plan) lstm(first bool) *resource {
	g := p.gate("g", "cct", first)
	i := p.gate("i", "it", first)
	added := p.multiply("it*cct", p.vector("it*cct"), i, p.position("it"), g, p.position("cct"))
	var kept *resource
	if first {
		kept = p.zeroVector(1)
	} else {
		f := p.gate("f", "ft", first)
		c := p.vector("input_2")
		p.loadVector(c, p.scratch.offset, true, whole(p.scratch))
		kept = p.multiply("ft*input_2", p.vector("ft*input_2"), f, p.position("ft"), c, p.position("input_2"))
	}
	c := p.sum(opAdd, "c_next", added, p.position("it*cct"), kept, p.position("ft*input_2"), [2]string{"it*cct", "ft*input_2"})
	p.saveVector(p.rescale(c, p.position("c_next")-p.position("input_2")), p.scratch)
	temp := p.activation(opTanh, "c_temp", c, p.position("c_next"))
	o := p.gate("o", "ot", first)
	return p.multiply("h_next", p.nextVector(), o, p.position("ot"), temp, p.position("c_temp"))
}

func (p *plan) gru(first bool) *resource {
	const gated = "it*(w_hg * input_1 + bias_hg)"
	z := p.gate("f", "ft", first)
	h := p.vector("input_1")
	if first {
		p.loadVector(h, p.zeroBlock(1), true)
	} else {
		p.loadVector(h, p.scratch.offset, true, whole(p.scratch))
	}
	kept := p.multiply("ft*input_1", p.vector("ft*input_1"), z, p.position("ft"), h, p.position("input_1"))
	x, positionX, labelX := p.linear("weight_ig", "bias_ig", p.x)
	n, positionN, _ := p.linear("weight_hg", "bias_hg", p.h)
	r := p.gate("i", "it", first)
	reset := p.multiply(gated, p.vector(gated), r, p.position("it"), n, positionN)
	y := p.sum(opAdd, "y_g", x, positionX, reset, p.position(gated), [2]string{labelX, gated})
	c := p.activation(opTanh, "cct", y, p.position("y_g"))
	dropped := p.multiply("ft*cct", p.vector("ft*cct"), z, p.position("ft"), c, p.position("cct"))
	fresh := p.sum(opSubtract, "cct-ft*cct", c, p.position("cct"), dropped, p.position("ft*cct"), [2]string{"cct", "ft*cct"})
	result := p.nextVector()
	p.sumInto(opAdd, result, "h_next", fresh, p.position("cct-ft*cct"), kept, p.position("ft*input_1"), [2]string{"cct-ft*cct", "ft*input_1"})
	return result
}
