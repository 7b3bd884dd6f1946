package machine

import (
	"slices"

	"rnnsim/dump"
	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// analysis finds the nodes of a cell graph in the words of a cell.
type analysis struct {
	machine    *Machine
	cell       *cell
	view       *xmodel.CellView
	probe      *probe
	init, loop []operation

	terms    terms
	inInit   []writtenVector
	inLoop   []writtenVector
	matched  []matched // a vector of h
	rescaled bool      // h is saved at another position than its own
	blocks   int
	ofX      int // the loop's first product with x, and init's
	ofXFirst int
	ofH      int // the loop's first product with h; -1 where there is none
}

// find runs init, a loop, and another loop of which the first one's results are the state; then it looks for a cell.
func (a *analysis) find() bool {
	a.terms = terms{}
	elementwise := a.machine.extents.elementwise
	for lane := range a.machine.Lanes() {
		s := newSymbolic(a.machine.program, a.cell, lane, a.terms)
		keep := func(into *[]writtenVector) func(writtenVector) {
			return func(w writtenVector) {
				if lane == 0 {
					*into = append(*into, w)
				}
			}
		}
		s.written = keep(&a.inInit)
		s.run(a.init, elementwise)
		isRotated := s.saved == nil
		s.written = nil
		s.run(a.loop, elementwise)
		s.cut()
		s.written = keep(&a.inLoop)
		s.run(a.loop, elementwise)
		a.probe.state = append(a.probe.state, s.carried)
		if lane > 0 {
			continue
		}
		if isRotated && !a.afterLoop(s, elementwise) {
			return false
		}
		if !a.match(s) {
			return false
		}
	}
	return true
}

// afterLoop reads h where the next step would save it from.
func (a *analysis) afterLoop(s *symbolic, elementwise int) bool {
	for _, op := range a.loop {
		o, ok := op.(*save)
		if !ok || o.register == nil || o.register.Lane != 0 {
			continue
		}
		bank, begin := s.bank(o.place, o.from, elementwise)
		if bank == nil {
			return false
		}
		s.saved = nil
		for i := 0; i < o.to-o.from; i += granuleValues {
			t := bank[begin+i]
			if t == nil {
				return false
			}
			s.saved = append(s.saved, t)
		}
	}
	return true
}

// match finds the same cell in every vector of h.
func (a *analysis) match(s *symbolic) bool {
	a.blocks = (a.view.Units + isa.ElementwiseWidth - 1) / isa.ElementwiseWidth
	first := a.view.First / granuleValues
	for n := first; n < first+2*a.blocks; n += 2 {
		if n >= len(s.saved) {
			return false
		}
		h := s.saved[n]
		if n+1 < len(s.saved) {
			h = a.terms.join(h, s.saved[n+1])
		} else if h.kind == termHalf && h.place == 0 {
			h = h.a
		}
		kind, found, ok := matchCell(h.core())
		if !ok || n > first && kind != a.probe.kind {
			return false
		}
		a.probe.kind, a.rescaled = kind, h.core() != h
		a.matched = append(a.matched, found)
	}
	a.ofX, a.ofH = firstProduct(a.inLoop, termX), firstProduct(a.inLoop, termState)
	a.ofXFirst = firstProduct(a.inInit, termX)
	return true
}

// firstProduct gives the index of the first vector that is a product with x, or with the state.
func firstProduct(all []writtenVector, of termKind) int {
	return slices.IndexFunc(all, func(w writtenVector) bool { return w.value.kind == termProduct && w.value.a.leaf().kind == of })
}

// place makes a node of everything that was found in all vectors, and says where to capture it.
func (a *analysis) place(positions map[string]int) {
	byFirst := map[*term]writtenVector{}
	memo := map[*term]*term{}
	for _, w := range slices.Backward(a.inInit) {
		byFirst[a.firstStep(w.value, memo)] = w
	}
	for _, n := range xmodel.Nodes(a.probe.kind) {
		node := dump.Node{
			Name: xmodel.Sanitize(n.Label), Label: n.Label, Op: n.Op, Width: a.view.Units, Bits: 16, Position: positions[n.Label],
		}
		index := len(a.probe.nodes)
		switch {
		case n.Label == "input_0" && a.ofX >= 0 && a.ofXFirst >= 0:
			node.Width = len(a.view.Input)
			a.captureVector(a.probe.loop, a.inLoop[a.ofX], index, a.view.Input)
			a.captureVector(a.probe.first, a.inInit[a.ofXFirst], index, a.view.Input)
		case n.Label == "input_1" && a.ofH >= 0:
			a.captureVector(a.probe.loop, a.inLoop[a.ofH], index, upTo(node.Width))
		case n.Label == "h_next" && !a.rescaled:
			a.machine.captureState(a.probe, index, a.cell, a.view, a.init, a.loop)
		case !a.everywhere(n.Label):
			continue
		default:
			for block := range a.blocks {
				a.captureBlock(n.Label, index, block, byFirst, memo)
			}
		}
		a.probe.nodes = append(a.probe.nodes, node)
		a.probe.values += node.Width
	}
}

func (a *analysis) firstStep(t *term, memo map[*term]*term) *term {
	blob := a.machine.program.blob
	isZero := func(place int) bool {
		return !slices.ContainsFunc(blob[place:min(place+granule, len(blob))], func(b byte) bool { return b != 0 })
	}
	return a.terms.firstStep(t, isZero, memo)
}

// everywhere tells whether a node was found in all vectors.
func (a *analysis) everywhere(label string) bool {
	for _, m := range a.matched {
		if m[label] == nil {
			return false
		}
	}
	return true
}

// captureVector captures columns of a product's input.
func (a *analysis) captureVector(into map[int][]capture, w writtenVector, node int, columns []int) {
	for from := 0; from < len(columns); {
		to := from + 1
		for to < len(columns) && columns[to] == columns[to-1]+1 {
			to++
		}
		at := w.a + columns[from]
		into[w.word] = append(into[w.word], capture{
			node: node, offset: from, n: min(to-from, max(0, a.machine.extents.vector-at)), place: isa.Place{Kind: isa.VectorBank}, at: at, lane: -1,
		})
		from = to
	}
}

func upTo(n int) []int {
	columns := make([]int, n)
	for i := range columns {
		columns[i] = i
	}
	return columns
}

// captureBlock captures 32 values of a node, in the loop and in the first step.
func (a *analysis) captureBlock(label string, node, block int, byFirst map[*term]writtenVector, memo map[*term]*term) {
	at := capture{
		node: node, offset: block * isa.ElementwiseWidth, place: isa.Place{Kind: isa.ElementwiseBank}, lane: -1,
		n: min(isa.ElementwiseWidth, a.view.Units-block*isa.ElementwiseWidth),
	}
	t := a.matched[block][label]
	if label == "input_2" && t.kind != termRescale {
		kept := a.matched[block]["ft*input_2"]
		w := a.inLoop[slices.IndexFunc(a.inLoop, func(w writtenVector) bool { return w.value == kept })]
		at.early, at.at = true, w.a
		if kept.a != t {
			at.at = w.b
		}
		a.probe.loop[w.word] = append(a.probe.loop[w.word], at)
		return
	}
	w := a.inLoop[slices.IndexFunc(a.inLoop, func(w writtenVector) bool { return w.value == t })]
	at.at = w.at
	a.probe.loop[w.word] = append(a.probe.loop[w.word], at)
	first := a.firstStep(t, memo)
	if first.kind == termZero {
		return
	}
	if in, ok := byFirst[first]; ok {
		at.at = in.at
		a.probe.first[in.word] = append(a.probe.first[in.word], at)
		return
	}
	a.probe.aside[w.word] = append(a.probe.aside[w.word], at)
}
