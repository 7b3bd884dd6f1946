package coverage

import (
	"fmt"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/xmodel"
)

// cell is a cell's nodes in the order of execution, with those that have a part in the recurrence.
type cell struct {
	graph  string
	layer  int
	nodes  []*node
	x      *node
	states []state
	// h is the node whose values go to the next layer.
	h *node
	// convex is the end of a GRU, nil for another cell.
	convex *convex
	// before is the frame of the step before, where there is one.
	before [][]interval
}

// state is an input that gets the values of a node of the step before.
type state struct{ input, from *node }

func newCell(from *xmodel.Cell, index int, exact *golden.Exact, described dump.Cell) (*cell, error) {
	c := &cell{graph: described.Graph, layer: described.Layer}
	places, byName := map[string]int{}, map[string]*node{}
	for i, column := range described.Nodes {
		info, err := exact.Describe(index, column.Name)
		if err != nil {
			return nil, err
		}
		places[column.Name] = i
		n, err := newNode(info, i, places)
		if err != nil {
			return nil, fmt.Errorf("graph %s: %w", described.Graph, err)
		}
		c.nodes, byName[column.Name] = append(c.nodes, n), n
	}
	c.x = byName["input_0"]
	for i, op := range from.Graph.ReturnOps() {
		next := byName[xmodel.NodeName(from.Graph.Name, op)]
		if i == 0 {
			c.h = next
		}
		if input := byName[fmt.Sprintf("input_%d", i+1)]; input != nil && next != nil {
			c.states = append(c.states, state{input, next})
		}
	}
	if c.x == nil || c.h == nil {
		return nil, fmt.Errorf("graph %s has no node input_0, or none that yields h", described.Graph)
	}
	c.convex = findConvex(c)
	return c, nil
}

// run computes the ranges of a step from those of the inputs, which stand in the frame.
func (c *cell) run(frame [][]interval) {
	v := c.convex
	for i, n := range c.nodes {
		switch {
		case n.compute == nil:
		case v != nil && n == v.rest:
			// With the sum that it goes into, below.
		case v != nil && n == v.next:
			var ok bool
			if frame[v.rest.at], frame[i], ok = v.bound(frame); !ok {
				frame[v.rest.at] = v.rest.compute(frame)
				frame[i] = n.compute(frame)
			}
		default:
			frame[i] = n.compute(frame)
		}
	}
}

// enter passes values from another node through the quantization point of an input.
func enter(input, from *node, values []interval) []interval {
	to := input.entry
	to.from = from.info.Format.Position
	out := make([]interval, len(values))
	for i, v := range values {
		out[i] = to.take(v)
	}
	return out
}
