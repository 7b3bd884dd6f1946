package sim

import (
	"fmt"
	"maps"
	"path"

	"rnnsim/dump"
	"rnnsim/xmodel"
)

// describe selects the nodes that are recorded and writes the header.
func (p *Plan) describe() error {
	p.header.Meta = map[string]string{"rnnsim.origin": "simulator"}
	maps.Copy(p.header.Meta, p.options.Meta)
	matched := make([]bool, len(p.options.Nodes))
	for _, prog := range p.programs {
		c := prog.cell
		described := dump.Cell{Graph: c.graph, Layer: c.layer, Backward: c.backward}
		recorded := []int{}
		for i, n := range c.nodes {
			selected, err := p.selects(n.name, matched)
			if err != nil {
				return err
			}
			if !selected {
				continue
			}
			recorded = append(recorded, i)
			described.Nodes = append(described.Nodes, dump.Node{
				Name: n.name, Label: xmodel.Label(n.name), Op: n.kind, Width: n.width, Bits: n.format.Bits, Position: n.format.Position,
			})
		}
		for _, param := range c.params {
			described.Params = append(described.Params, param.describe(c.graph))
		}
		p.recorded = append(p.recorded, recorded)
		p.header.Cells = append(p.header.Cells, described)
	}
	for i, pattern := range p.options.Nodes {
		if !matched[i] {
			return fmt.Errorf("no cell has a node that matches %q", pattern)
		}
	}
	return nil
}

// selects says whether a node is recorded, and marks the patterns that it matches.
func (p *Plan) selects(name string, matched []bool) (bool, error) {
	selected := p.options.Nodes == nil
	for i, pattern := range p.options.Nodes {
		ok, err := path.Match(pattern, name)
		if err != nil {
			return false, fmt.Errorf("pattern of node names %q: %w", pattern, err)
		}
		matched[i] = matched[i] || ok
		selected = selected || ok
	}
	return selected, nil
}

func (q *param) describe(graph string) dump.Param {
	label := xmodel.Label(q.name)
	if q.qualified {
		label = graph + "::" + label
	}
	return dump.Param{
		Name: q.name, Label: label, Shape: q.shape, Bits: q.format.Bits, Position: q.format.Position, Values: q.values,
	}
}
