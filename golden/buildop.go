package golden

import (
	"fmt"
	"slices"

	"rnnsim/xmodel"
)

// widest bounds the inputs of a graph whose parameters are all smaller.
const widest = 1 << 16

// compute gives the node its width, what it reads, and its rule.
func (b *builder) compute(n *node, op *xmodel.Op) error {
	q := newQuantizer(n.format, b.wraps)
	combine, combines := combinations[op.Type]
	switch {
	case op.Type == "data":
		return b.data(n, op)
	case op.Type == "matmul":
		return b.matmul(n, op, q)
	case activations[op.Type] != nil:
		n.rule = &activation{quantizer: q, table: activations[op.Type]}
		return b.elementwise(n, op, 1)
	case combines:
		n.rule = &elementwise{quantizer: q, combine: combine}
		return b.elementwise(n, op, 2)
	}
	return fmt.Errorf("op %s is of type %s; only data, const, fix, matmul, add, sub, mul, sigmoid and tanh can be run", op.Name, op.Type)
}

func (b *builder) data(n *node, op *xmodel.Op) error {
	shape := op.Output.Shape
	if len(shape) == 0 {
		return fmt.Errorf("data %s has no shape", op.Name)
	}
	last := len(shape) - 1
	if shape[last] < 1 || slices.ContainsFunc(shape[:last], func(d int32) bool { return d != 1 }) {
		return fmt.Errorf("data %s has the shape %v; a graph is one timestep of one sequence, [1, features]", op.Name, shape)
	}
	n.width = int(shape[last])
	if n.width > b.borne {
		return fmt.Errorf("data %s claims %d features, more than any parameter of the graph has elements", op.Name, n.width)
	}
	return nil
}

func (b *builder) elementwise(n *node, op *xmodel.Op, arity int) error {
	inputs := op.Input("input")
	if len(inputs) != arity {
		return fmt.Errorf("%s %s reads %d ops, %d can be run", op.Type, op.Name, len(inputs), arity)
	}
	for _, name := range inputs {
		o, err := b.operand(op, name)
		if err != nil {
			return err
		}
		if o.width != n.width && o.width > 1 && n.width > 1 {
			return fmt.Errorf("%s %s combines %d and %d elements", op.Type, op.Name, n.width, o.width)
		}
		n.width = max(n.width, o.width)
		n.reads = append(n.reads, o)
	}
	return nil
}

func (b *builder) matmul(n *node, op *xmodel.Op, q quantizer) error {
	inputs := op.Input("input")
	if len(inputs) != 2 {
		return fmt.Errorf("matmul %s reads %d ops, it must read two", op.Name, len(inputs))
	}
	x, err := b.operand(op, inputs[0])
	if err != nil {
		return err
	}
	w, err := b.operand(op, inputs[1])
	if err != nil {
		return err
	}
	if x.node == nil || w.node != nil || len(w.param.shape) != 2 {
		return fmt.Errorf("matmul %s must multiply values with a parameter of two dimensions", op.Name)
	}
	if transposed, _ := op.Attrs["transpose_a"].(bool); transposed {
		return fmt.Errorf("matmul %s transposes its first input, which is one row", op.Name)
	}
	weights, rows, columns := w.param.values, w.param.shape[0], w.param.shape[1]
	if transposed, _ := op.Attrs["transpose_b"].(bool); !transposed {
		weights = transpose(weights, rows, columns)
		rows, columns = columns, rows
	}
	if columns != x.width {
		return fmt.Errorf("matmul %s multiplies %d values with weights for %d", op.Name, x.width, columns)
	}
	n.width, n.reads = rows, []operand{x, w}
	bias, err := b.bias(n, op)
	if err != nil {
		return err
	}
	n.rule = newMatmul(q, weights, columns, bias)
	return nil
}

func (b *builder) bias(n *node, op *xmodel.Op) (*param, error) {
	names := op.Input("bias")
	if len(names) == 0 {
		return nil, nil
	}
	if len(names) > 1 {
		return nil, fmt.Errorf("matmul %s has %d biases", op.Name, len(names))
	}
	o, err := b.operand(op, names[0])
	if err != nil {
		return nil, err
	}
	if o.node != nil || o.width != n.width {
		return nil, fmt.Errorf("the bias of matmul %s must be a parameter of %d elements", op.Name, n.width)
	}
	n.reads = append(n.reads, o)
	return o.param, nil
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
