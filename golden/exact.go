package golden

import (
	"fmt"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// Exact is the exact reference of a quantized model. It does not change once it is made, and may be used from several
// goroutines at a time.
type Exact struct {
	compat xmodel.Compat
	cells  []*cell
	layers []layer
}

// layer is the cells that read the same x: indices into Exact.cells, -1 where there is none.
type layer struct{ forward, backward int }

// NewExact prepares the exact reference of a model under the semantics that compat selects. A graph may be any cell of data,
// const, fix, matmul, add, sub, mul, sigmoid and tanh ops, each with its fix op behind it; errors name the graph and the op.
func NewExact(m *xmodel.Model, compat xmodel.Compat) (*Exact, error) {
	e := &Exact{compat: compat}
	for i := range m.Cells {
		c, err := newCell(&m.Cells[i], compat)
		if err != nil {
			return nil, fmt.Errorf("make the exact reference of cell %d: %w", i, err)
		}
		e.cells = append(e.cells, c)
	}
	if err := e.stack(); err != nil {
		return nil, fmt.Errorf("make the exact reference of %s: %w", m.Source, err)
	}
	return e, nil
}

// stack groups the cells by layer and holds the widths between layers against one another.
func (e *Exact) stack() error {
	if len(e.cells) == 0 {
		return fmt.Errorf("the model has no cells")
	}
	below, features := e.cells[0].layer-1, 0
	for i, c := range e.cells {
		if c.layer != below+len(e.layers) {
			if c.layer != below+len(e.layers)+1 {
				return fmt.Errorf("graph %s is of layer %d and does not follow the cell before it", c.graph, c.layer)
			}
			e.layers = append(e.layers, layer{forward: -1, backward: -1})
		}
		l := &e.layers[len(e.layers)-1]
		place := &l.forward
		if c.backward {
			place = &l.backward
		}
		if *place >= 0 {
			return fmt.Errorf("graphs %s and %s are the same layer in the same direction", e.cells[*place].graph, c.graph)
		}
		*place = i
	}
	for i, l := range e.layers {
		yields := 0
		for _, index := range l.cells() {
			c := e.cells[index]
			wanted := c.x.width
			if i == 0 && features == 0 {
				features = wanted
			}
			if wanted != features {
				return fmt.Errorf("graph %s reads %d features, it is given %d", c.graph, wanted, features)
			}
			yields += c.nextH.width
		}
		features = yields
	}
	return nil
}

// cells gives the indices of the layer's cells in execution order.
func (l layer) cells() []int {
	var indices []int
	for _, i := range []int{l.forward, l.backward} {
		if i >= 0 {
			indices = append(indices, i)
		}
	}
	return indices
}

// Input is what the model reads: the features of a step, and the format of the first cell's input_0.
func (e *Exact) Input() (features int, format fixed.Format) {
	first := e.cells[0]
	return first.x.width, first.x.format
}

// Header describes the frames of Run: a cell's nodes in the order of execution, and its parameters.
func (e *Exact) Header() dump.Header {
	h := dump.Header{Meta: map[string]string{"rnnsim.origin": "exact reference"}}
	for _, c := range e.cells {
		described := dump.Cell{Graph: c.graph, Layer: c.layer, Backward: c.backward}
		for _, n := range c.nodes {
			described.Nodes = append(described.Nodes, dump.Node{
				Name: n.name, Label: xmodel.Label(n.name), Op: n.op, Width: n.width, Bits: n.format.Bits, Position: n.format.Position,
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
