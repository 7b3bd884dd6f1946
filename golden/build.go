package golden

import (
	"fmt"
	"strings"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// builder turns a graph into the nodes of a cell. A computing op and the fix op behind it make one node; a fix op behind a
// fix op is a node of its own; a const op and the fix op behind it make a parameter.
type builder struct {
	graph *xmodel.Graph
	wraps bool
	ops   map[string]*xmodel.Op
	fixes map[string]*xmodel.Op // by the name of the op that they quantize
	fixed map[string]operand    // what each fix op yields
	cell  *cell
	// borne is the largest width that a data op may claim. A width is a number in a file; it is believed as far as the
	// parameters, which are really there, bear it out.
	borne int
}

// activations are the op types that look into a table.
var activations = map[string]*fixed.Table{"sigmoid": fixed.Sigmoid, "tanh": fixed.Tanh}

// combinations are the op types that combine two operands element by element.
var combinations = map[string]combination{"add": sum, "sub": difference, "mul": product}

func buildCell(from *xmodel.Cell, wraps bool) (*cell, error) {
	b := &builder{
		graph: from.Graph, wraps: wraps,
		ops: map[string]*xmodel.Op{}, fixes: map[string]*xmodel.Op{}, fixed: map[string]operand{},
		borne: widest,
		cell:  &cell{graph: from.Graph.Name, layer: from.Layer, backward: from.Backward, index: map[string]*node{}},
	}
	if err := b.index(); err != nil {
		return nil, err
	}
	for _, op := range b.graph.Ops {
		if err := b.op(op); err != nil {
			return nil, err
		}
	}
	return b.cell, b.roles()
}

// index finds the fix op behind each op.
func (b *builder) index() error {
	for _, op := range b.graph.Ops {
		if b.ops[op.Name] != nil {
			return fmt.Errorf("op %s is there twice", op.Name)
		}
		b.ops[op.Name] = op
		if data, isBytes := op.Attrs["data"].([]byte); isBytes {
			b.borne = max(b.borne, len(data)/4)
		}
		if op.Type != "fix" {
			continue
		}
		inputs := op.Input("input")
		if len(inputs) != 1 {
			return fmt.Errorf("fix %s reads %d ops, it must read one", op.Name, len(inputs))
		}
		source := b.ops[inputs[0]]
		if source == nil {
			return fmt.Errorf("fix %s reads %s, which is not an op before it", op.Name, inputs[0])
		}
		if source.Type == "fix" {
			continue
		}
		if other := b.fixes[source.Name]; other != nil {
			return fmt.Errorf("op %s has two fix ops, %s and %s", source.Name, other.Name, op.Name)
		}
		b.fixes[source.Name] = op
	}
	return nil
}

func (b *builder) op(op *xmodel.Op) error {
	if op.Type == "fix" {
		if _, done := b.fixed[op.Name]; done {
			return nil
		}
		return b.cut(op)
	}
	fix := b.fixes[op.Name]
	if fix == nil {
		return fmt.Errorf("%s %s has no fix op behind it: its values have no format", op.Type, op.Name)
	}
	format, err := formatOf(fix)
	if err != nil {
		return err
	}
	if op.Type == "const" {
		return b.param(op, fix, format)
	}
	n := &node{name: xmodel.NodeName(b.graph.Name, op.Name), op: op.Type, format: format}
	if err := b.compute(n, op); err != nil {
		return err
	}
	return b.add(n, fix)
}

func (b *builder) add(n *node, fix *xmodel.Op) error {
	if _, taken := b.cell.index[n.name]; taken {
		return fmt.Errorf("two ops make a node %s", n.name)
	}
	n.at = len(b.cell.nodes)
	b.cell.index[n.name] = n
	b.fixed[fix.Name] = operand{node: n, width: n.width, format: n.format}
	b.cell.nodes = append(b.cell.nodes, n)
	return nil
}

func (b *builder) cut(fix *xmodel.Op) error {
	format, err := formatOf(fix)
	if err != nil {
		return err
	}
	source, err := b.operand(fix, fix.Input("input")[0])
	if err != nil {
		return err
	}
	if source.node == nil {
		return fmt.Errorf("fix %s quantizes the parameter %s once more", fix.Name, source.param.name)
	}
	return b.add(&node{
		name: xmodel.NodeName(b.graph.Name, fix.Name), op: "fix", width: source.width, format: format,
		reads: []operand{source}, rule: &cut{newQuantizer(format, b.wraps)},
	}, fix)
}

func (b *builder) param(op, fix *xmodel.Op, format fixed.Format) error {
	p, err := readParam(op, format)
	if err != nil {
		return err
	}
	p.name = xmodel.NodeName(b.graph.Name, op.Name)
	p.label = xmodel.Label(p.name)
	if strings.HasPrefix(op.Name, xmodel.OpName(b.graph.Name, "")) {
		p.label = b.graph.Name + "::" + p.label
	}
	b.fixed[fix.Name] = operand{param: p, width: len(p.values), format: format}
	b.cell.params = append(b.cell.params, p)
	return nil
}

// operand resolves a name in an op's argument list.
func (b *builder) operand(op *xmodel.Op, name string) (operand, error) {
	o, done := b.fixed[name]
	switch {
	case done:
		return o, nil
	case b.ops[name] == nil:
		return o, fmt.Errorf("%s %s reads %s, which is no op of the graph", op.Type, op.Name, name)
	case b.ops[name].Type != "fix":
		return o, fmt.Errorf("%s %s reads %s directly; it must read the fix op behind it", op.Type, op.Name, name)
	}
	return o, fmt.Errorf("%s %s reads %s, which comes after it", op.Type, op.Name, name)
}
