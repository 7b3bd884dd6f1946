package machine

import (
	"rnnsim/dump"
	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// probe knows where and when the nodes of a cell graph can be seen in a cell's words. Nodes are found by what words compute, not by
// where the compiler put it. The first step leaves out what zero state makes superfluous: the products with h, the f gate of an LSTM.
// What is zero then is shown as zeros. What is neither zero nor computed is shown as the loop's words give it, run aside on zero
// state.
type probe struct {
	nodes  []dump.Node
	kind   xmodel.CellKind
	found  bool // the words are those of a cell of the kind
	values int  // of all nodes together
	first  map[int][]capture
	loop   map[int][]capture
	aside  map[int][]capture // of the loop's words, for the first step
	// labels say what the words of init and of the loop compute, by index of the word.
	labels [2]map[int]string
	// state are the places that a step finds the state in, lane by lane.
	state []map[carriedPlace]bool
}

// capture copies values of a bank into a node, before or after a word.
type capture struct {
	node, offset int // where to: a node's values from an offset on
	n            int
	place        isa.Place // of elementwise banks, all together are meant
	at           int
	early        bool
	lane         int // that it is for; -1: every lane, each from its own banks
}

// longestProbed bounds the words that are looked at for nodes; real cells have a few hundred.
const longestProbed = 1 << 14

func (m *Machine) newProbe(index int) *probe {
	c, view := &m.program.cells[index], &m.view.Cells[index]
	p := &probe{first: map[int][]capture{}, loop: map[int][]capture{}, aside: map[int][]capture{}}
	init, loop := m.prepareSegment(c.init, c), m.prepareSegment(c.loop, c)
	position := m.output.Position // a cell before the last has no position in the file but that of its shifts
	if f, ok := view.Formats["h_next"]; ok {
		position = f.Position
	}
	if len(init)+len(loop) <= longestProbed {
		a := &analysis{machine: m, cell: c, view: view, probe: p, init: init, loop: loop}
		if p.found = a.find(); p.found {
			a.place(m.nodePositions(index, a))
			p.labels = [2]map[int]string{a.annotate(a.inInit, true), a.annotate(a.inLoop, false)}
			return p
		}
	}
	p.nodes = []dump.Node{{Name: "h_next", Label: "h_next", Op: "data", Width: view.Units, Bits: 16, Position: position}}
	p.values = view.Units
	m.captureState(p, 0, c, view, init, loop)
	return p
}

// nodePositions gives the positions of a cell's nodes. Those of x and h of inner layers follow from the shifts of their own words.
func (m *Machine) nodePositions(index int, a *analysis) map[string]int {
	if formats := m.view.Cells[index].Formats; formats != nil {
		positions := map[string]int{}
		for label, f := range formats {
			positions[label] = f.Position
		}
		return positions
	}
	x, h := m.input.Position, m.output.Position
	if index > 0 {
		x = m.probes[index-1].positionOf("h_next")
	}
	if at, known := a.matched[0].statePosition(); known && index < len(m.program.cells)-1 {
		h = at
	}
	return a.matched[0].positions(x, h)
}

func (p *probe) positionOf(node string) int {
	for _, n := range p.nodes {
		if n.Name == node {
			return n.Position
		}
	}
	return 0
}

// captureState captures h where the program saves it from: at the SAVE itself, or, where the loop saves what the step before it
// computed, at the end of the step.
func (m *Machine) captureState(p *probe, node int, c *cell, view *xmodel.CellView, init, loop []operation) {
	saves := map[int]*save{}
	inInit := false
	for segment, ops := range [][]operation{init, loop} {
		for n, op := range ops {
			s, ok := op.(*save)
			if !ok || s.register == nil {
				continue
			}
			saves[s.register.Lane] = s
			if segment == 0 {
				inInit = true
				p.first[n] = append(p.first[n], m.stateCapture(node, view, s))
			} else if inInit {
				p.loop[n] = append(p.loop[n], m.stateCapture(node, view, s))
			}
		}
	}
	if inInit {
		return
	}
	for lane := range m.Lanes() {
		at := m.stateCapture(node, view, saves[lane])
		p.first[len(init)-1] = append(p.first[len(init)-1], at)
		p.loop[len(loop)-1] = append(p.loop[len(loop)-1], at)
	}
}

func (m *Machine) stateCapture(node int, view *xmodel.CellView, s *save) capture {
	at := capture{node: node, n: view.Units, place: s.place, at: s.from + view.First, lane: s.register.Lane}
	if s.place.Kind == isa.ElementwiseBank {
		at.at += s.place.Index * m.extents.elementwise
	}
	return at
}
