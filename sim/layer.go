package sim

import (
	"fmt"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// layer is the cells that read the same x: one, or one a direction. Their outputs are concatenated in this order.
type layer struct {
	cells   []int    // indices in execution order
	entries []*entry // a cell
	inputs  int      // values of a row of x
	outputs int      // values of a row of the concatenated outputs
}

// stack groups the cells into layers, checks that they follow each other and fit, and prepares the way of x into each.
func (p *Plan) stack() error {
	if len(p.programs) == 0 {
		return fmt.Errorf("the model has no cells")
	}
	for i, prog := range p.programs {
		if i == 0 || prog.cell.layer != p.programs[i-1].cell.layer {
			p.layers = append(p.layers, layer{inputs: prog.cell.input.width})
		}
		current := &p.layers[len(p.layers)-1]
		if err := p.follows(i, len(current.cells)); err != nil {
			return err
		}
		if prog.cell.input.width != current.inputs {
			return fmt.Errorf("the two directions of layer %d read %d and %d features", prog.cell.layer, current.inputs, prog.cell.input.width)
		}
		current.cells = append(current.cells, i)
		current.outputs += prog.cell.output().width
	}
	// The first layer's integers, where it gets any, are on its first cell's grid.
	first := p.programs[0].cell.input
	widths, positions := []int{first.width}, []int{first.format.Position}
	for l := range p.layers {
		if err := p.enter(&p.layers[l], widths, positions); err != nil {
			return err
		}
		widths, positions = nil, nil
		for _, i := range p.layers[l].cells {
			h := p.programs[i].cell.output()
			widths, positions = append(widths, h.width), append(positions, h.format.Position)
		}
	}
	return nil
}

// follows checks the place of cell i, which is the nth of its layer: layers in ascending order without a gap, the forward
// direction before the backward one.
func (p *Plan) follows(i, nth int) error {
	c := p.programs[i].cell
	if nth == 0 {
		if i > 0 && c.layer != p.programs[i-1].cell.layer+1 {
			return fmt.Errorf("layer %d follows layer %d: a layer is missing, or the cells are out of order", c.layer, p.programs[i-1].cell.layer)
		}
		return nil
	}
	if before := p.programs[i-1].cell; nth > 1 || before.backward || !c.backward {
		return fmt.Errorf("layer %d: graphs %q and %q: a layer has one forward cell, one backward cell, or these two in this order",
			c.layer, before.graph, c.graph)
	}
	return nil
}

// enter prepares the way of x into the cells of a layer. Where quantization is in place, a cell gets x as the cell before it
// has left it.
func (p *Plan) enter(l *layer, widths, positions []int) error {
	given := 0
	for _, width := range widths {
		given += width
	}
	if given != l.inputs {
		c := p.programs[l.cells[0]].cell
		return fmt.Errorf("layer %d reads %d values a step; the layer before it gives %d", c.layer, l.inputs, given)
	}
	inPlace := p.options.Compat == xmodel.VAI20
	var before []fixed.Format
	for _, i := range l.cells {
		grids := append(before[:len(before):len(before)], p.programs[i].cell.input.format)
		l.entries = append(l.entries, newEntry(widths, positions, grids, inPlace))
		if inPlace {
			before = append(grids, p.programs[i].cuts...)
		}
	}
	return nil
}
