package xmodel

import "fmt"

// Input is the number of features of x that the cell reads, by the shape of input_0.
func (c *Cell) Input() (int, error) {
	op := c.Graph.Node("input_0")
	if op == nil || op.Type != "data" || len(op.Output.Shape) == 0 {
		return 0, fmt.Errorf("graph %q has no data op input_0, so that its input width is unknown", c.Graph.Name)
	}
	return width(c.Graph, op)
}

// Output is the number of values that the cell yields a step: the width of the first of return_ops, which is h.
func (c *Cell) Output() (int, error) {
	returned := c.Graph.ReturnOps()
	if len(returned) == 0 {
		return 0, fmt.Errorf("graph %q does not say what it returns; attribute \"return_ops\" is missing", c.Graph.Name)
	}
	op := c.Graph.Op(returned[0])
	if op == nil || len(op.Output.Shape) == 0 {
		return 0, fmt.Errorf("graph %q returns %q, which is not there or has no shape", c.Graph.Name, returned[0])
	}
	return width(c.Graph, op)
}

func width(g *Graph, op *Op) (int, error) {
	last := op.Output.Shape[len(op.Output.Shape)-1]
	if last < 1 {
		return 0, fmt.Errorf("graph %q: the width of op %q is unknown", g.Name, op.Name)
	}
	return int(last), nil
}

// checkWidths holds each layer's input against what the layer before yields: the outputs of its directions, joined.
func (m *Model) checkWidths() error {
	if len(m.Cells) == 1 {
		return nil
	}
	before, here := 0, 0
	for i := range m.Cells {
		c := &m.Cells[i]
		if i > 0 && c.Layer != m.Cells[i-1].Layer {
			before, here = here, 0
		}
		input, err := c.Input()
		if err != nil {
			return err
		}
		output, err := c.Output()
		if err != nil {
			return err
		}
		if c.Layer == 0 && i > 0 {
			if first, _ := m.Cells[0].Input(); first != input {
				return fmt.Errorf("graphs %q and %q read the same sequence, but %d and %d features", m.Cells[0].Graph.Name, c.Graph.Name, first, input)
			}
		}
		if c.Layer > 0 && input != before {
			return fmt.Errorf("graph %q reads %d features, layer %d yields %d", c.Graph.Name, input, c.Layer-1, before)
		}
		here += output
	}
	return nil
}
