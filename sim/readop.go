package sim

import (
	"fmt"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// readMatmul reads x·W: a vector of the step times a parameter, with a bias or without.
func (r *reader) readMatmul(op *xmodel.Op) error {
	operands, err := r.operands(op, 2)
	if err != nil {
		return err
	}
	x, w := operands[0], operands[1].param
	switch {
	case x.node == nil:
		return fmt.Errorf("its first operand is a parameter; it must be a value of the step")
	case w == nil || len(w.shape) != 2:
		return fmt.Errorf("its second operand must be a parameter of two dimensions")
	case op.Attrs["transpose_a"] == true:
		return fmt.Errorf("transpose_a is not run: x is a row")
	}
	transposed, ok := op.Attrs["transpose_b"].(bool)
	if !ok {
		return fmt.Errorf("it has no attribute transpose_b")
	}
	outputs, inputs := w.shape[0], w.shape[1]
	if !transposed {
		outputs, inputs = inputs, outputs
	}
	if inputs != x.node.width {
		return fmt.Errorf("a matrix of shape %v does not fit %d values of %q", w.shape, x.node.width, x.node.name)
	}
	n := &node{kind: kindMatmul, width: outputs, args: operands, weight: w}
	if !transposed {
		n.weight = transpose(w)
	}
	if biases := op.Input("bias"); len(biases) > 0 {
		b, ok := r.quantized[biases[0]]
		if !ok || b.param == nil || len(biases) > 1 {
			return fmt.Errorf("its bias %q is not one quantized parameter", biases)
		}
		if n.bias = b.param; len(n.bias.values) != outputs {
			return fmt.Errorf("a bias of shape %v does not fit %d outputs", n.bias.shape, outputs)
		}
	}
	r.raw[op.Name] = n
	return checkShape(op, n.width)
}

// transpose gives the matrix with one row an output, which is how it is read.
func transpose(p *param) *param {
	rows, columns := p.shape[0], p.shape[1]
	t := *p
	t.shape, t.values = []int{columns, rows}, make([]int16, len(p.values))
	for i, v := range p.values {
		t.values[i%columns*rows+i/columns] = v
	}
	return &t
}

func (r *reader) readElementwise(op *xmodel.Op) error {
	count := 2
	if op.Type == kindSigmoid || op.Type == kindTanh {
		count = 1
	}
	operands, err := r.operands(op, count)
	if err != nil {
		return err
	}
	n := &node{kind: op.Type, args: operands}
	for _, o := range operands {
		if o.param != nil && len(o.param.values) != o.param.shape[len(o.param.shape)-1] {
			return fmt.Errorf("parameter %q of shape %v is not a row", o.param.name, o.param.shape)
		}
		n.width = max(n.width, o.width())
	}
	for _, o := range operands {
		if o.width() != n.width && o.width() != 1 {
			return fmt.Errorf("operands of %d and %d values do not fit each other", o.width(), n.width)
		}
	}
	r.raw[op.Name] = n
	return checkShape(op, n.width)
}

// operands resolves the op's "input", each of which must be a fix op before it.
func (r *reader) operands(op *xmodel.Op, count int) ([]operand, error) {
	names := op.Input("input")
	if len(names) != count {
		return nil, fmt.Errorf("it has %d operands; it takes %d", len(names), count)
	}
	operands := make([]operand, count)
	for i, name := range names {
		o, ok := r.quantized[name]
		if !ok {
			if r.ops[name] == nil {
				return nil, fmt.Errorf("it reads %q, which no op before it yields", name)
			}
			return nil, fmt.Errorf("it reads %q (%s), which no fix op has quantized", name, r.ops[name].Type)
		}
		operands[i] = o
	}
	return operands, nil
}

// fixFormat reads a fix op's attributes. Values are held in 16 bits, so wider ones are refused.
func fixFormat(op *xmodel.Op) (fixed.Format, error) {
	format, err := xmodel.FixFormat(op)
	if err != nil {
		return format, err
	}
	if format.Bits > 16 {
		return format, fmt.Errorf("%d bits are not run; the accelerator's values have 16 at most", format.Bits)
	}
	return format, nil
}

// vectorWidth is the number of values of an op that yields a row: every dimension but the last must be 1.
func vectorWidth(op *xmodel.Op) (int, error) {
	shape := op.Output.Shape
	if len(shape) == 0 {
		return 0, fmt.Errorf("it has no shape")
	}
	for _, size := range shape[:len(shape)-1] {
		if size != 1 {
			return 0, fmt.Errorf("shape %v is not a row: a graph is one timestep of one sequence", shape)
		}
	}
	width := shape[len(shape)-1]
	if width < 1 || width > maxWidth {
		return 0, fmt.Errorf("shape %v: a row has 1 to %d values", shape, maxWidth)
	}
	return int(width), nil
}

func checkShape(op *xmodel.Op, width int) error {
	declared, err := vectorWidth(op)
	if err != nil {
		return err
	}
	if declared != width {
		return fmt.Errorf("shape %v does not fit its operands, which give %d values", op.Output.Shape, width)
	}
	return nil
}
