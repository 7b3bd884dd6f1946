package golden

import (
	"fmt"

	"rnnsim/xmodel"
)

// cell is one layer in one direction: the nodes of its graph in the graph's order.
type cell struct {
	graph    string
	layer    int
	backward bool
	nodes    []*node
	params   []*param
	index    map[string]*node // by name

	// x, h and c are the nodes input_0, input_1 and input_2; h and c may be nil.
	x, h, c *node
	// nextH and nextC are the nodes that become h and c of the following step; nextC is nil where c is.
	nextH, nextC *node
	// ahead and rest are the nodes that are computed, in the order of execution; see divide.
	ahead, rest []*node
	// cuts are the nodes that x is cut to for the matmuls, in the order of execution.
	cuts []*node
}

func newCell(from *xmodel.Cell, compat xmodel.Compat) (*cell, error) {
	if from.Graph == nil {
		return nil, fmt.Errorf("there is no graph")
	}
	c, err := buildCell(from, compat == xmodel.VAI20)
	if err != nil {
		return nil, fmt.Errorf("graph %s: %w", from.Graph.Name, err)
	}
	c.arrange()
	if compat == xmodel.VAI20 {
		c.quantizeInPlace()
	}
	c.divide()
	return c, nil
}

// roles finds which nodes are the inputs and what the cell returns: the first of the graph's return_ops is h, the second c.
func (b *builder) roles() error {
	c := b.cell
	for _, n := range c.nodes {
		if n.op != "data" {
			continue
		}
		switch n.name {
		case "input_0":
			c.x = n
		case "input_1":
			c.h = n
		case "input_2":
			c.c = n
		default:
			return fmt.Errorf("data op %s: a cell reads input_0 (x), input_1 (h) and input_2 (c) only", n.name)
		}
	}
	if c.x == nil {
		return fmt.Errorf("the graph has no data op input_0")
	}
	returned := b.graph.ReturnOps()
	if len(returned) == 0 {
		return fmt.Errorf("the graph has no attribute return_ops, which names the ops that yield h and c")
	}
	var err error
	if c.nextH, err = b.next("h", returned, 0, c.h); err == nil && c.c != nil {
		c.nextC, err = b.next("c", returned, 1, c.c)
	}
	return err
}

// next resolves one of the return_ops and holds its width against the input that it becomes.
func (b *builder) next(state string, returned []string, i int, input *node) (*node, error) {
	if i >= len(returned) {
		return nil, fmt.Errorf("return_ops names %d ops, the one that yields %s is missing", len(returned), state)
	}
	n := b.fixed[returned[i]].node
	if n == nil {
		return nil, fmt.Errorf("return_ops names %s, which is not a fix op that yields values", returned[i])
	}
	if input != nil && input.width != n.width {
		return nil, fmt.Errorf("%s has %d elements, %s yields %d", input.name, input.width, returned[i], n.width)
	}
	return n, nil
}
