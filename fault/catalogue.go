package fault

import (
	"fmt"
	"strings"
)

// Catalogue lists the faults that the cells of the model can have, each in every cell that has its place. The order is stable: from the
// plain to the odd. Faults that provably change nothing in this model (rounding where no bit is dropped, an accumulator that
// cannot overflow) are left out.
func (b *Base) Catalogue() []*Fault {
	list := &lister{seen: map[string]bool{}}
	for _, c := range b.cells {
		list.cell = c
		list.points()
		list.tables()
		list.biases()
		list.products()
		list.parameters()
		list.gates()
		list.elements()
		list.states()
		list.samples()
	}
	return list.faults
}

// lister collects faults, from one cell after another; those that an earlier cell has too are listed once.
type lister struct {
	cell   *cell
	faults []*Fault
	seen   map[string]bool
}

func (l *lister) add(place, kind, text string, alter func(*cell)) {
	id := place + "/" + kind
	if l.seen[id] {
		return
	}
	l.seen[id] = true
	l.faults = append(l.faults, &Fault{ID: id, Kind: kind, Place: place, Cell: EveryCell, Text: text, alter: alter})
}

// at lists a fault of nodes: alter is called for each node of the place.
func (l *lister) at(p place, kind, text string, alter func(*node)) {
	if len(p.nodes(l.cell)) == 0 {
		return
	}
	l.add(p.name, kind, p.text+" "+text, func(c *cell) {
		for _, at := range p.nodes(c.sound) {
			alter(c.touch(at))
		}
	})
}

// place is a node, or all nodes of a sort.
type place struct {
	name, text string
	nodes      func(*cell) []int
}

// only is the place of a single node.
func only(n *node) place {
	name := n.name
	return place{name: name, text: quoted(n), nodes: func(c *cell) []int {
		if at := c.find(name); at >= 0 {
			return []int{at}
		}
		return nil
	}}
}

// quoted is a node's label as it reads in a sentence.
func quoted(n *node) string {
	if strings.ContainsAny(n.label, " *") {
		return fmt.Sprintf("%q", n.label)
	}
	return n.label
}

// all is the place of all nodes for which a condition holds.
func all(name, text string, holds func(*node) bool) place {
	return place{name: name, text: text, nodes: func(c *cell) []int { return c.where(holds) }}
}

// only narrows a place down.
func (p place) only(holds func(*cell, *node) bool) place {
	nodes := p.nodes
	p.nodes = func(c *cell) []int {
		var kept []int
		for _, at := range nodes(c) {
			if holds(c, c.nodes[at]) {
				kept = append(kept, at)
			}
		}
		return kept
	}
	return p
}

func isMatmul(n *node) bool { return n.op == "matmul" }
func isSum(n *node) bool    { return n.op == "add" || n.op == "sub" }
func isMul(n *node) bool    { return n.op == "mul" }
func isTable(n *node) bool  { return n.table.of != nil }
func isCut(n *node) bool    { return n.op == "fix" }
func hasBias(n *node) bool  { return n.product.bias != nil }

// groups are the places that designs build once and use many times.
func groups() []place {
	return []place{
		all("everywhere", "every quantization point", func(*node) bool { return true }),
		all("products", "every matrix product", isMatmul),
		all("sums", "every addition", isSum),
		all("multiplications", "every elementwise product", isMul),
		all("tables", "every table", isTable),
		all("cuts", "every narrowed input of a product", isCut),
	}
}

// singles are the nodes, one by one.
func (l *lister) singles(holds func(*node) bool) []place {
	var places []place
	for _, n := range l.cell.nodes {
		if holds(n) {
			places = append(places, only(n))
		}
	}
	return places
}

func inCell(cell int, id string) string { return fmt.Sprintf("cell%d:%s", cell, id) }
