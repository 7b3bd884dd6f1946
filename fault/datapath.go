package fault

import (
	"fmt"
	"slices"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

const tablePosition = fixed.TablePosition

// Base is a model's datapath without a fault, from which faulty ones are made. It does not change, and may be used from several
// goroutines.
type Base struct {
	cells  []*cell
	compat xmodel.Compat
}

// New prepares a model under the semantics that compat selects. Errors name the graph and the op that is no part of a cell.
func New(m *xmodel.Model, compat xmodel.Compat) (*Base, error) {
	b := &Base{compat: compat}
	for i := range m.Cells {
		c, err := newCell(&m.Cells[i], compat)
		if err != nil {
			return nil, fmt.Errorf("prepare the datapath of cell %d: %w", i, err)
		}
		b.cells = append(b.cells, c)
	}
	if len(b.cells) == 0 {
		return nil, fmt.Errorf("prepare the datapath of %s: the model has no cells", m.Source)
	}
	return b, nil
}

// Cells is the number of cells.
func (b *Base) Cells() int { return len(b.cells) }

// Reads names the nodes that a node is computed from at the same step; nil for an input, and for a node that the cell does not have.
func (b *Base) Reads(cell int, name string) []string {
	c := b.cells[cell]
	at := c.find(name)
	if at < 0 {
		return nil
	}
	var names []string
	for _, o := range c.nodes[at].reads {
		if o.delay == 0 {
			names = append(names, c.nodes[o.node].name)
		}
	}
	return names
}

// Header describes the frames: a cell's nodes in the order of execution, and its parameters.
func (b *Base) Header() dump.Header {
	h := dump.Header{Meta: map[string]string{"rnnsim.origin": "datapath"}}
	for _, c := range b.cells {
		described := dump.Cell{Graph: c.graph, Layer: c.layer, Backward: c.backward}
		for _, n := range c.nodes {
			described.Nodes = append(described.Nodes, dump.Node{
				Name: n.name, Label: n.label, Op: n.op, Width: n.width, Bits: n.format.Bits, Position: n.format.Position,
			})
		}
		for _, p := range c.params {
			described.Params = append(described.Params, dump.Param{
				Name: p.name, Label: p.label, Shape: p.shape, Bits: p.format.Bits, Position: p.format.Position, Values: p.values,
			})
		}
		h.Cells = append(h.Cells, described)
	}
	return h
}

// Datapath is a model with some faults switched on.
type Datapath struct {
	*Base
	cells  []*cell
	Faults []*Fault
}

// With gives the datapath with faults. Where two set the same property of a node (two roundings, say), the later one holds; what they do to
// parameters in memory is done one after another.
func (b *Base) With(faults ...*Fault) *Datapath {
	d := &Datapath{Base: b, cells: slices.Clone(b.cells), Faults: faults}
	for _, fault := range faults {
		for i := range d.cells {
			if fault.Cell != EveryCell && fault.Cell != i {
				continue
			}
			d.cells[i] = d.cells[i].clone()
			fault.alter(d.cells[i])
		}
	}
	return d
}

// OrderMatters says that two faults are not the same the other way round: both move parameters in memory.
func (b *Base) OrderMatters(first, second *Fault) bool {
	forth, back := b.With(first, second), b.With(second, first)
	for i := range b.cells {
		for j, n := range forth.cells[i].nodes {
			p, q := &n.product, &back.cells[i].nodes[j].product
			if n.op == "matmul" && (!slices.Equal(p.weights, q.weights) || !slices.Equal(p.bias, q.bias)) {
				return true
			}
		}
	}
	return false
}

// Touches says which nodes of a cell the faults have altered, by their place in the header.
func (d *Datapath) Touches(cell int) []bool { return d.cells[cell].touched }

// Output is the place of the node that yields h.
func (b *Base) Output(cell int) int { return b.cells[cell].nextH }

// States are the places of the nodes that hold h and c of the step before; -1 is none.
func (b *Base) States(cell int) (h, c int) { return b.cells[cell].h, b.cells[cell].c }

// Cell is the place of the node that yields c, -1 where there is none.
func (b *Base) Cell(cell int) int { return b.cells[cell].nextC }

// Input is the place of the node that holds x.
func (b *Base) Input(cell int) int { return b.cells[cell].x }
