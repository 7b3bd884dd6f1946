package sim

import (
	"fmt"
	"strings"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// maxWidth bounds the values of one node. Real cells have some thousands; a shape in a file may say anything.
const maxWidth = 1 << 20

// reader turns the ops of one graph into the nodes of a cell, op by op in the file's order.
type reader struct {
	graph *xmodel.Graph
	ops   map[string]*xmodel.Op
	// raw is what a data op or a computing op yields before its fix op quantizes it, by op name.
	raw map[string]*node
	// consts are read when a fix op says their format.
	consts map[string]*xmodel.Op
	// quantized is what a fix op yields, by op name.
	quantized map[string]operand
	// inputs are the data ops by number.
	inputs map[int]*node
	cell   *cell
}

func readCell(c xmodel.Cell) (*cell, error) {
	if c.Graph == nil {
		return nil, fmt.Errorf("layer %d has no graph", c.Layer)
	}
	r := &reader{
		graph: c.Graph, ops: map[string]*xmodel.Op{}, raw: map[string]*node{}, consts: map[string]*xmodel.Op{},
		quantized: map[string]operand{}, inputs: map[int]*node{},
		cell: &cell{graph: c.Graph.Name, layer: c.Layer, backward: c.Backward},
	}
	for _, op := range c.Graph.Ops {
		if err := r.read(op); err != nil {
			return nil, fmt.Errorf("graph %q: op %q (%s): %w", c.Graph.Name, op.Name, op.Type, err)
		}
	}
	if err := r.finish(); err != nil {
		return nil, fmt.Errorf("graph %q: %w", c.Graph.Name, err)
	}
	return r.cell, nil
}

func (r *reader) read(op *xmodel.Op) error {
	if _, twice := r.ops[op.Name]; twice {
		return fmt.Errorf("its name is taken by an op before it")
	}
	r.ops[op.Name] = op
	switch op.Type {
	case "const":
		r.consts[op.Name] = op
		return nil
	case kindData:
		return r.readData(op)
	case kindFix:
		return r.readFix(op)
	case kindMatmul:
		return r.readMatmul(op)
	case kindAdd, kindSub, kindMul, kindSigmoid, kindTanh:
		return r.readElementwise(op)
	}
	return fmt.Errorf("the simulator does not run this type; it runs const, data, fix, matmul, add, sub, mul, sigmoid and tanh")
}

func (r *reader) readData(op *xmodel.Op) error {
	var number int
	switch name := xmodel.NodeName(r.graph.Name, op.Name); name {
	case "input_0", "input_1", "input_2":
		number = int(name[len(name)-1] - '0')
	default:
		return fmt.Errorf("a cell reads input_0 (x), input_1 (h) and input_2 (c); it has no %q", name)
	}
	if r.inputs[number] != nil {
		return fmt.Errorf("a second input_%d", number)
	}
	width, err := vectorWidth(op)
	if err != nil {
		return err
	}
	n := &node{kind: kindData, width: width}
	r.raw[op.Name], r.inputs[number] = n, n
	return nil
}

// readFix makes the quantization point of the op that the fix op reads.
func (r *reader) readFix(op *xmodel.Op) error {
	format, err := fixFormat(op)
	if err != nil {
		return err
	}
	sources := op.Input("input")
	if len(sources) != 1 {
		return fmt.Errorf("it quantizes %d ops; it takes one", len(sources))
	}
	source := sources[0]
	if constant, ok := r.consts[source]; ok {
		p, err := r.readParam(op, constant, format)
		r.quantized[op.Name] = operand{param: p}
		return err
	}
	if from, ok := r.quantized[source]; ok {
		if from.node == nil {
			return fmt.Errorf("it quantizes parameter %q a second time", source)
		}
		return r.add(op, &node{kind: kindFix, width: from.node.width, args: []operand{from}}, format)
	}
	n, ok := r.raw[source]
	switch {
	case !ok:
		return fmt.Errorf("it reads %q, which no op before it yields", source)
	case n.name != "":
		return fmt.Errorf("it quantizes %q, which %q has quantized already", source, n.name)
	}
	return r.add(op, n, format)
}

// add enters a node under the name of its fix op.
func (r *reader) add(op *xmodel.Op, n *node, format fixed.Format) error {
	n.name, n.format = xmodel.NodeName(r.graph.Name, op.Name), format
	if n.name == "" {
		return fmt.Errorf("it has no name of its own")
	}
	r.quantized[op.Name] = operand{node: n}
	r.cell.nodes = append(r.cell.nodes, n)
	return checkShape(op, n.width)
}

// finish checks what only the whole graph shows, and ties the states to what they become.
func (r *reader) finish() error {
	for _, op := range r.graph.Ops {
		if n := r.raw[op.Name]; n != nil && n.name == "" {
			return fmt.Errorf("op %q (%s): no fix op quantizes it; only quantized graphs run", op.Name, op.Type)
		}
	}
	names := map[string]bool{}
	for _, n := range r.cell.nodes {
		if names[n.name] {
			return fmt.Errorf("two ops are node %q", n.name)
		}
		names[n.name] = true
	}
	if r.cell.input = r.inputs[0]; r.cell.input == nil {
		return fmt.Errorf("it has no input_0, so it reads no x")
	}
	for number := 1; r.inputs[number] != nil; number++ {
		r.cell.states = append(r.cell.states, r.inputs[number])
	}
	if len(r.cell.states)+1 != len(r.inputs) {
		return fmt.Errorf("it has input_2 and no input_1")
	}
	return r.readNext()
}

// readNext finds the next states: attribute return_ops names the fix ops that yield h and c, in this order.
func (r *reader) readNext() error {
	returned, ok := r.graph.Attrs["return_ops"].([]string)
	if !ok {
		return fmt.Errorf("it has no attribute return_ops that lists the ops of the next states")
	}
	if want := max(1, len(r.cell.states)); len(returned) != want {
		return fmt.Errorf("return_ops names %d ops (%s); the cell's inputs want %d", len(returned), strings.Join(returned, ", "), want)
	}
	for i, name := range returned {
		n := r.quantized[name].node
		if n == nil {
			return fmt.Errorf("return_ops names %q, which is not a quantized node", name)
		}
		if i < len(r.cell.states) && r.cell.states[i].width != n.width {
			return fmt.Errorf("input_%d has %d values and the %q that it becomes has %d", i+1, r.cell.states[i].width, name, n.width)
		}
		r.cell.next = append(r.cell.next, n)
	}
	return nil
}
