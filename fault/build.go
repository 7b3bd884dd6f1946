package fault

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// builder turns a graph into a cell: an op and the fix op behind it make a node, a const op and its fix op a parameter.
type builder struct {
	graph  *xmodel.Graph
	ops    map[string]*xmodel.Op
	fixOf  map[string]*xmodel.Op
	nodes  map[string]int    // by the name of the fix op
	params map[string]*param // likewise
	casts  bool
	cell   *cell
}

func newCell(from *xmodel.Cell, compat xmodel.Compat) (*cell, error) {
	b := &builder{
		graph: from.Graph, ops: from.Graph.Index(), fixOf: map[string]*xmodel.Op{}, nodes: map[string]int{}, params: map[string]*param{},
		casts: compat == xmodel.VAI20,
		cell:  &cell{graph: from.Graph.Name, layer: from.Layer, backward: from.Backward, index: map[string]int{}},
	}
	for _, op := range b.graph.Ops {
		if in := op.Input("input"); op.Type == "fix" && len(in) == 1 && b.ops[in[0]] != nil && b.ops[in[0]].Type != "fix" {
			b.fixOf[in[0]] = op
		}
	}
	for _, op := range b.graph.Ops {
		if err := b.op(op); err != nil {
			return nil, fmt.Errorf("graph %s: %w", b.graph.Name, err)
		}
	}
	if err := b.states(); err != nil {
		return nil, fmt.Errorf("graph %s: %w", b.graph.Name, err)
	}
	b.cell.arrange()
	if compat == xmodel.VAI20 {
		b.cell.quantizeInPlace()
	}
	b.cell.touched = make([]bool, len(b.cell.nodes))
	b.cell.sound = b.cell
	return b.cell, nil
}

func (b *builder) op(op *xmodel.Op) error {
	fix := b.fixOf[op.Name]
	if op.Type == "fix" {
		in := op.Input("input")
		if len(in) == 1 && b.ops[in[0]] != nil && b.ops[in[0]].Type != "fix" {
			return nil
		}
		fix = op
	}
	if fix == nil {
		return fmt.Errorf("%s %s has no fix op behind it", op.Type, op.Name)
	}
	format, err := xmodel.FixFormat(fix)
	if err != nil {
		return err
	}
	if format.Bits > 16 {
		return fmt.Errorf("fix %s has %d bits; a trace holds at most 16", fix.Name, format.Bits)
	}
	if op.Type == "const" {
		return b.param(op, fix, format)
	}
	n := &node{
		name: xmodel.NodeName(b.graph.Name, fix.Name), op: op.Type, format: format,
		point: point{position: format.Position, bits: format.Bits, casts: b.casts},
	}
	n.label = xmodel.Label(n.name)
	if err := b.rule(n, op); err != nil {
		return fmt.Errorf("%s %s: %w", op.Type, op.Name, err)
	}
	b.nodes[fix.Name], b.cell.index[n.name] = len(b.cell.nodes), len(b.cell.nodes)
	b.cell.nodes = append(b.cell.nodes, n)
	return nil
}

// arity is how many operands an op has.
var arity = map[string]int{"data": 0, "fix": 1, "sigmoid": 1, "tanh": 1, "add": 2, "sub": 2, "mul": 2, "matmul": 2}

func (b *builder) rule(n *node, op *xmodel.Op) error {
	inputs := op.Input("input")
	if wanted, known := arity[op.Type]; !known || wanted != len(inputs) {
		return fmt.Errorf("a cell has no such op with %d inputs", len(inputs))
	}
	if op.Type == "data" {
		width := op.Output.Elements()
		if width < 1 || width > math.MaxInt32 {
			return fmt.Errorf("its shape %v is not one timestep's", op.Output.Shape)
		}
		n.width = int(width)
		return nil
	}
	if op.Type == "matmul" {
		return b.matmul(n, op, inputs)
	}
	for _, name := range inputs {
		at, ok := b.nodes[name]
		if !ok {
			return fmt.Errorf("it reads %s, which is no quantized node before it", name)
		}
		source := b.cell.nodes[at]
		if n.width != 0 && n.width != source.width {
			return fmt.Errorf("it combines %d and %d values", n.width, source.width)
		}
		n.width = source.width
		n.reads = append(n.reads, operand{node: at, format: source.format, position: source.format.Position})
	}
	switch op.Type {
	case "sigmoid":
		n.table.of = fixed.Sigmoid
	case "tanh":
		n.table.of = fixed.Tanh
	case "sub":
		n.add.negateSecond = true
	}
	return nil
}

func (b *builder) matmul(n *node, op *xmodel.Op, inputs []string) error {
	at, isNode := b.nodes[inputs[0]]
	w := b.params[inputs[1]]
	if !isNode || w == nil || len(w.shape) != 2 {
		return fmt.Errorf("it must multiply a node with a matrix of weights")
	}
	x := b.cell.nodes[at]
	weights, rows, columns := w.values, w.shape[0], w.shape[1]
	if transposed, _ := op.Attrs["transpose_b"].(bool); !transposed {
		weights, rows, columns = transpose(weights, rows, columns), columns, rows
	}
	if columns != x.width {
		return fmt.Errorf("it multiplies %d values with weights for %d", x.width, columns)
	}
	n.width = rows
	n.reads = []operand{{node: at, format: x.format, position: x.format.Position}}
	n.product = product{weights: weights, columns: columns, position: w.format.Position, bits: w.format.Bits}
	names := op.Input("bias")
	if len(names) == 0 {
		return nil
	}
	bias := b.params[names[0]]
	if bias == nil || len(bias.values) != rows {
		return fmt.Errorf("its bias must be a parameter of %d values", rows)
	}
	n.product.bias, n.product.biasAt = bias.values, bias.format.Position
	return nil
}

func transpose(values []int16, rows, columns int) []int16 {
	turned := make([]int16, 0, len(values))
	for c := range columns {
		for r := range rows {
			turned = append(turned, values[r*columns+c])
		}
	}
	return turned
}

func (b *builder) param(op, fix *xmodel.Op, format fixed.Format) error {
	reals, err := xmodel.ConstFloats(op)
	if err != nil {
		return err
	}
	p := &param{name: xmodel.NodeName(b.graph.Name, op.Name), format: format, values: make([]int16, len(reals))}
	p.label = xmodel.Label(p.name)
	if strings.HasPrefix(op.Name, xmodel.OpName(b.graph.Name, "")) {
		p.label = b.graph.Name + "::" + p.label
	}
	for _, d := range op.Output.Shape {
		p.shape = append(p.shape, int(d))
	}
	for i, v := range reals {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("const %s holds %v at element %d", op.Name, v, i)
		}
		p.values[i] = int16(fixed.HalfAway.Quantize(float64(v), format))
	}
	b.params[fix.Name] = p
	b.cell.params = append(b.cell.params, p)
	return nil
}

// states finds the inputs of the cell, and makes those that hold a state read what the graph returns, a step later.
func (b *builder) states() error {
	c := b.cell
	c.x, c.h, c.c, c.nextH, c.nextC = c.find("input_0"), c.find("input_1"), c.find("input_2"), -1, -1
	if c.x < 0 {
		return fmt.Errorf("it has no data op input_0")
	}
	returned := b.graph.ReturnOps()
	for i, s := range []struct {
		input int
		next  *int
	}{{c.h, &c.nextH}, {c.c, &c.nextC}} {
		if i >= len(returned) {
			if s.input >= 0 {
				return fmt.Errorf("return_ops names %d ops, what becomes %s is missing", len(returned), c.nodes[s.input].name)
			}
			continue
		}
		at, ok := b.nodes[returned[i]]
		if !ok {
			return fmt.Errorf("return_ops names %s, which is no quantized node", returned[i])
		}
		*s.next = at
		if s.input < 0 {
			continue
		}
		input, from := c.nodes[s.input], c.nodes[at]
		if input.width != from.width {
			return fmt.Errorf("%s has %d values, %s yields %d", input.name, input.width, from.name, from.width)
		}
		input.reads = []operand{{node: at, format: from.format, position: from.format.Position, delay: 1}}
		input.state = state{isState: true, resets: 1}
	}
	if c.nextH < 0 {
		return fmt.Errorf("return_ops names no op that yields h")
	}
	return nil
}

// arrange puts the nodes of a standard cell into the order in which the original executes them; another cell keeps the graph's.
func (c *cell) arrange() {
	kind := xmodel.GRU
	if c.c >= 0 {
		kind = xmodel.LSTM
	}
	rank := map[string]int{}
	for i, n := range xmodel.Nodes(kind) {
		name := xmodel.Sanitize(n.Label)
		rank[xmodel.PreFixName(name)], rank[name] = 2*i, 2*i+1
	}
	order := make([]int, len(c.nodes))
	for i, n := range c.nodes {
		order[i] = i
		if _, known := rank[n.name]; !known {
			return
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rank[c.nodes[a].name], rank[c.nodes[b].name]) })
	place := make([]int, len(order))
	for to, from := range order {
		place[from] = to
	}
	for to, from := range order {
		for _, o := range c.nodes[from].reads {
			if o.delay == 0 && place[o.node] > to {
				return // the names are the standard cell's, the wiring is not
			}
		}
	}
	arranged := make([]*node, len(order))
	for to, from := range order {
		n := c.nodes[from]
		for i := range n.reads {
			n.reads[i].node = place[n.reads[i].node]
		}
		arranged[to], c.index[n.name] = n, to
	}
	c.nodes = arranged
	for _, at := range []*int{&c.x, &c.h, &c.c, &c.nextH, &c.nextC} {
		if *at >= 0 {
			*at = place[*at]
		}
	}
}

// quantizeInPlace lets what reads a node that was cut before read the cut, as the original's memory has it.
func (c *cell) quantizeInPlace() {
	memory := map[int]int{}
	for at, n := range c.nodes {
		source := -1
		if n.op == "fix" {
			source = n.reads[0].node
		}
		for i := range n.reads {
			o := &n.reads[i]
			if held, cut := memory[o.node]; cut && o.delay == 0 {
				o.from(c, held)
			}
		}
		if source >= 0 {
			memory[source] = at
		}
	}
}
