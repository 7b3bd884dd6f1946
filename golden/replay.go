package golden

import (
	"fmt"

	"rnnsim/internal/fixed"
)

// NodeInfo says how a node of a cell is computed.
type NodeInfo struct {
	Name   string
	Op     string
	Width  int
	Format fixed.Format
	// Reads are the nodes that it is computed from; empty for an input.
	Reads []Read
	// Matmul is set for a matmul.
	Matmul *MatmulInfo
}

// Read is a node, or a parameter, as another node reads it.
type Read struct {
	Name   string
	Format fixed.Format
	// Param holds the values of a parameter; nil for a node.
	Param []int16
}

// MatmulInfo is the parameters of a matmul, as integers.
type MatmulInfo struct {
	Weights      []int16 // [width of the node, width of x], row-major
	WeightFormat fixed.Format
	Bias         []int16 // [width of the node], or nil
	BiasFormat   fixed.Format
}

// Describe says how a node of a cell is computed under the semantics in force: under xmodel.VAI20 what reads a node that is
// cut in place reads the cut. The slices belong to the reference.
func (e *Exact) Describe(cell int, node string) (*NodeInfo, error) {
	n, err := e.find(cell, node)
	if err != nil {
		return nil, err
	}
	info := &NodeInfo{Name: n.name, Op: n.op, Width: n.width, Format: n.format}
	for _, o := range n.reads {
		if o.node != nil {
			info.Reads = append(info.Reads, Read{Name: o.node.name, Format: o.format})
		} else {
			info.Reads = append(info.Reads, Read{Name: o.param.name, Format: o.format, Param: o.param.values})
		}
	}
	if m, isMatmul := n.rule.(*matmul); isMatmul {
		info.Matmul = &MatmulInfo{Weights: m.weights, WeightFormat: n.reads[1].format}
		if m.bias != nil {
			info.Matmul.Bias, info.Matmul.BiasFormat = m.bias.values, m.bias.format
		}
	}
	return info, nil
}

// Reads names the nodes, without the parameters, that a node is computed from. It is nil for an input and for a node that
// the cell does not have.
func (e *Exact) Reads(cell int, node string) []string {
	n, err := e.find(cell, node)
	if err != nil {
		return nil
	}
	var names []string
	for _, o := range n.reads {
		if o.node != nil {
			names = append(names, o.node.name)
		}
	}
	return names
}

// Node computes one node of a cell from given values of the nodes that it reads, by name.
func (e *Exact) Node(cell int, node string, inputs map[string][]int16) ([]int16, error) {
	n, frame, err := e.replay(cell, node, inputs)
	if err != nil {
		return nil, err
	}
	out := make([]int16, n.width)
	n.rule.compute(n, frame, out)
	return out, nil
}

// replay finds a node that is computed and lays the given values out as a frame.
func (e *Exact) replay(cell int, name string, inputs map[string][]int16) (*node, [][]int16, error) {
	n, err := e.find(cell, name)
	if err != nil {
		return nil, nil, err
	}
	if n.rule == nil {
		return nil, nil, fmt.Errorf("node %s of graph %s is an input: nothing computes it", name, e.cells[cell].graph)
	}
	frame := make([][]int16, len(e.cells[cell].nodes))
	for _, o := range n.reads {
		if o.node == nil {
			continue
		}
		read := o.node.name
		values, given := inputs[read]
		if !given {
			return nil, nil, fmt.Errorf("node %s reads %s, which is not given", name, read)
		}
		if len(values) != o.width {
			return nil, nil, fmt.Errorf("node %s reads %d values of %s, %d are given", name, o.width, read, len(values))
		}
		frame[o.node.at] = values
	}
	return n, frame, nil
}

func (e *Exact) find(cell int, name string) (*node, error) {
	if cell < 0 || cell >= len(e.cells) {
		return nil, fmt.Errorf("there is no cell %d, the model has %d", cell, len(e.cells))
	}
	c := e.cells[cell]
	n, found := c.index[name]
	if !found {
		return nil, fmt.Errorf("graph %s has no node %s", c.graph, name)
	}
	return n, nil
}
