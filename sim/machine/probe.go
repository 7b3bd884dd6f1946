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
	c := &m.program.cells[index]
	p := &probe{first: map[int][]capture{}, loop: map[int][]capture{}, aside: map[int][]capture{}}
	init, loop := m.prepareSegment(c.init, c), m.prepareSegment(c.loop, c)
	hidden := c.SaveH.Values()
	position := m.output.Position // a cell before the last has no position in the file but that of its shifts
	if len(init)+len(loop) <= longestProbed {
		a := &analysis{machine: m, cell: c, probe: p, init: init, loop: loop}
		if p.found = a.find(); p.found {
			a.place(m.cellPositions(index, a))
			p.labels = [2]map[int]string{a.annotate(a.inInit), a.annotate(a.inLoop)}
			return p
		}
	}
	p.nodes = []dump.Node{{Name: "h_next", Label: "h_next", Op: "data", Width: hidden, Bits: 16, Position: position}}
	p.values = hidden
	m.captureState(p, 0, c, init, loop)
	return p
}

// cellPositions gives the positions of x and h of a cell; those of inner layers follow from the shifts of their own words.
func (m *Machine) cellPositions(index int, a *analysis) (x, h int) {
	x, h = m.input.Position, m.output.Position
	if index > 0 {
		x = m.probes[index-1].positionOf("h_next")
	}
	if at, known := a.matched[0].statePosition(); known && index < len(m.program.cells)-1 {
		h = at
	}
	return x, h
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
func (m *Machine) captureState(p *probe, node int, c *cell, init, loop []operation) {
	hidden := c.SaveH.Values()
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
				p.first[n] = append(p.first[n], m.stateCapture(node, hidden, s))
			} else if inInit {
				p.loop[n] = append(p.loop[n], m.stateCapture(node, hidden, s))
			}
		}
	}
	if inInit {
		return
	}
	for lane := range m.Lanes() {
		at := m.stateCapture(node, hidden, saves[lane])
		p.first[len(init)-1] = append(p.first[len(init)-1], at)
		p.loop[len(loop)-1] = append(p.loop[len(loop)-1], at)
	}
}

func (m *Machine) stateCapture(node, hidden int, s *save) capture {
	at := capture{node: node, n: hidden, place: s.place, at: s.from, lane: s.register.Lane}
	if s.place.Kind == isa.ElementwiseBank {
		at.at += s.place.Index * m.extents.elementwise
	}
	return at
}
