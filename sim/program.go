package sim

import (
	"fmt"

	"rnnsim/internal/fixed"
)

// maxFrame bounds the values of all nodes of a cell, which are held at once.
const maxFrame = 1 << 24

// program is a cell made ready to run: where each node's values lie, and what computes them.
type program struct {
	cell *cell
	// standard is the standard cell that the graph is, or nil.
	standard standardCell
	// fused is the standard cell in the hands of the kernels, or nil; unfused says why it is nil.
	fused   *fusedCell
	unfused string
	spans   []span // a node
	// frame is the values before the first step: zero for the nodes, then the parameters that elementwise ops read.
	frame     []int16
	operators []operator // a node; nil for a data node
	// carry brings each next state to the grid of the input that it becomes.
	carry []rescale
	// products is how many a step takes.
	products int
	// index is the place of a node in cell.nodes; the others are the places of those that every step moves.
	index              map[*node]int
	input, output      int
	states, nextStates []int
	// cuts are the grids that x is quantized to again, one after another, where quantization is in place.
	cuts []fixed.Format
}

// compileCell orders the nodes and lays out a frame. With inPlace, a fix op overwrites the value that it reads, so that every
// later reader gets the quantized one; for a graph that is no standard cell, later is by the order of its ops.
func compileCell(c *cell, inPlace bool) (*program, error) {
	p := &program{cell: c, standard: recognise(c), index: map[*node]int{}, unfused: "by option"}
	if p.standard != nil {
		c.nodes = p.standard.order()
	}
	c.params = paramsInUse(c.nodes)
	for i, n := range c.nodes {
		p.index[n] = i
		s := span{from: len(p.frame), to: len(p.frame) + n.width}
		if n.weight != nil {
			p.products += len(n.weight.values)
		}
		if s.to > maxFrame {
			return nil, fmt.Errorf("graph %q: a frame holds more than %d values", c.graph, maxFrame)
		}
		p.spans = append(p.spans, s)
		p.frame = append(p.frame, make([]int16, n.width)...)
	}
	current := map[*node]*node{}
	for _, n := range c.nodes {
		p.operators = append(p.operators, p.operator(n, current, inPlace))
		if inPlace && n.kind == kindFix {
			current[n.args[0].node] = n
			if n.args[0].node == c.input {
				p.cuts = append(p.cuts, n.format)
			}
		}
	}
	p.input, p.output = p.index[c.input], p.index[c.output()]
	for i, state := range c.states {
		p.states, p.nextStates = append(p.states, p.index[state]), append(p.nextStates, p.index[c.next[i]])
		p.carry = append(p.carry, newRescale(c.next[i].format.Position, state.format, inPlace))
	}
	return p, nil
}

// operator makes what computes a node. The original's cast to int32 belongs to the same compatibility as its quantization in
// place.
func (p *program) operator(n *node, current map[*node]*node, inPlace bool) operator {
	operands := make([]operand, len(n.args))
	for i, o := range n.args {
		if last := current[o.node]; o.node != nil && last != nil {
			o.node = last
		}
		operands[i] = o
	}
	switch n.kind {
	case kindMatmul:
		x := operands[0]
		product := newRescale(x.position()+n.weight.format.Position, n.format, inPlace)
		l := newLinearOperator(p.span(x), n.weight.values, product)
		if n.bias != nil {
			l.addBias(n.bias.values, newAlignedSum(n.format.Position, n.bias.format.Position, n.format, inPlace))
		}
		return l
	case kindAdd, kindSub:
		a, b := operands[0], operands[1]
		sum := newAlignedSum(a.position(), b.position(), n.format, inPlace)
		return &sumOperator{a: p.row(a), b: p.row(b), subtract: n.kind == kindSub, alignedSum: sum}
	case kindMul:
		a, b := operands[0], operands[1]
		return &productOperator{a: p.row(a), b: p.row(b), rescale: newRescale(a.position()+b.position(), n.format, inPlace)}
	case kindSigmoid, kindTanh:
		table := fixed.Sigmoid
		if n.kind == kindTanh {
			table = fixed.Tanh
		}
		scale := newRescale(fixed.TablePosition, n.format, inPlace)
		return &tableOperator{table: table, position: operands[0].position(), x: p.row(operands[0]), rescale: scale}
	case kindFix:
		return &rescaleOperator{x: p.row(operands[0]), rescale: newRescale(operands[0].position(), n.format, inPlace)}
	}
	return nil
}

func (p *program) row(o operand) row { return newRow(p.span(o)) }

// span finds an operand's values; a parameter gets a place behind the nodes.
func (p *program) span(o operand) span {
	if o.node != nil {
		return p.spans[p.index[o.node]]
	}
	s := span{from: len(p.frame), to: len(p.frame) + len(o.param.values)}
	p.frame = append(p.frame, o.param.values...)
	return s
}

// paramsInUse lists the parameters in the order in which nodes read them, a matrix before its bias.
func paramsInUse(nodes []*node) (params []*param) {
	listed := map[*param]bool{nil: true}
	add := func(p *param) {
		if !listed[p] {
			listed[p] = true
			params = append(params, p)
		}
	}
	for _, n := range nodes {
		for _, o := range n.args {
			add(o.param)
		}
		add(n.bias)
	}
	return params
}
