package compile

import (
	"fmt"

	"rnnsim/sim/isa"
)

// describe says what a term is, and which word made it.
func (m *machine) describe(id termID) string {
	e := m.list[id]
	var text string
	switch e.op {
	case opUnknown:
		return fmt.Sprintf("what lies in %s before anything is written there", m.unread[e.index])
	case opConstant:
		if id == zeroTerm {
			return "zeros"
		}
		return fmt.Sprintf("the constant %v", m.constants[e.index])
	case opInput:
		return fmt.Sprintf("block %d of x of lane %d", e.index, e.a)
	case opState:
		return "a value of the step before"
	case opProduct:
		text = fmt.Sprintf("a matrix product (shift %d)", e.shift)
	case opSigmoid, opTanh:
		text = fmt.Sprintf("%s at fix position %d", e.op, e.shift)
	default:
		text = fmt.Sprintf("%s with shift %d", e.op, e.shift)
	}
	if at, ok := m.made[id]; ok {
		return fmt.Sprintf("%s, of segment %s, word %d (%s)", text, at.segment, at.number, isa.Format(at.word, m.target))
	}
	return text
}

// explain finds where two terms part, got of the stream and want of the cell graph.
func (m *machine) explain(got, want termID) string {
	g, w := m.list[got], m.list[want]
	if g.op != w.op {
		return fmt.Sprintf("%s, where the cell graph has %s%s", m.describe(got), m.describe(want), m.asNode(want))
	}
	switch g.op {
	case opProduct:
		return m.explainProduct(got, want)
	case opAdd, opSubtract, opMultiply, opRescale, opSigmoid, opTanh:
		if g.shift == w.shift {
			return m.explainOperands(g, w)
		}
	}
	return fmt.Sprintf("%s, where the cell graph has %s%s", m.describe(got), m.describe(want), m.asNode(want))
}

// explainOperands pairs the operands, which commute but for a difference's.
func (m *machine) explainOperands(g, w term) string {
	if g.op != opSubtract && (g.a == w.b || g.b == w.a || m.list[g.a].op != m.list[w.a].op) {
		w.a, w.b = w.b, w.a
	}
	if g.a != w.a {
		return m.explain(g.a, w.a)
	}
	return m.explain(g.b, w.b)
}

func (m *machine) explainProduct(got, want termID) string {
	rg, vg := m.factors(got)
	rw, vw := m.factors(want)
	for n := range max(len(vg), len(vw)) {
		for row := range rg.values {
			for column := n * blockValues; column < (n+1)*blockValues; column++ {
				a, b := weight(rg, row, column), weight(rw, row, column)
				if a != b {
					return fmt.Sprintf("%s has the weight %d in its row %d, column %d, where the cell graph has %d%s", m.describe(got), a, row, column, b, m.asNode(want))
				}
			}
		}
		if n < len(vg) && n < len(vw) && vg[n] != vw[n] {
			return fmt.Sprintf("%s reads %s in block %d of its vector, where the cell graph has %s%s", m.describe(got), m.describe(vg[n]), n, m.describe(vw[n]), m.asNode(want))
		}
	}
	return fmt.Sprintf("%s, where the cell graph shifts by %d%s", m.describe(got), m.list[want].shift, m.asNode(want))
}

func weight(r rows, row, column int) int16 {
	if column < len(r.values[row]) {
		return r.values[row][column]
	}
	return 0
}

// asNode names the node of the cell graph that has an expression.
func (m *machine) asNode(id termID) string {
	if label, ok := m.nodeOf[id]; ok {
		return fmt.Sprintf(", in %q", label)
	}
	return ""
}
