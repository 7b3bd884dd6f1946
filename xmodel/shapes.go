package xmodel

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

func declaredShape(op *Op, _ []*Tensor) ([]int32, error) {
	shape := op.Attrs["shape"].([]int32)
	if len(shape) == 0 {
		return nil, errors.New("attribute \"shape\" is empty; at least one dimension is wanted")
	}
	for _, dim := range shape {
		if dim < 1 && (dim != -1 || op.Type == "const") {
			return nil, fmt.Errorf("attribute \"shape\" is %v; dimensions must be positive", shape)
		}
	}
	text := op.Attrs["data_type"].(string)
	elementType, bits, err := parseDataType(text)
	if err != nil {
		return nil, fmt.Errorf("attribute \"data_type\": %w", err)
	}
	if elementType != op.Output.Type || bits != op.Output.BitWidth {
		return nil, fmt.Errorf("attribute \"data_type\" is %q, the output tensor has %s%d; they must agree", text, op.Output.Type, op.Output.BitWidth)
	}
	return shape, nil
}

// constShape also holds the length of the data against the shape. Compiled models keep consts without data.
func constShape(op *Op, inputs []*Tensor) ([]int32, error) {
	shape, err := declaredShape(op, inputs)
	if err != nil {
		return nil, err
	}
	declared := Tensor{Shape: shape}
	elements := declared.Elements()
	bits := int64(op.Output.BitWidth)
	if elements < 0 || elements > (math.MaxInt64-7)/bits {
		return nil, fmt.Errorf("attribute \"shape\" is %v; a const of that size cannot be", shape)
	}
	want := (elements*bits + 7) / 8
	if got := int64(len(op.Attrs["data"].([]byte))); got != 0 && got != want {
		return nil, fmt.Errorf("attribute \"data\" has %d bytes, shape %v of %s%d wants %d", got, shape, op.Output.Type, bits, want)
	}
	return shape, nil
}

func fixShape(op *Op, inputs []*Tensor) ([]int32, error) {
	if bits := op.Attrs["bit_width"].(int32); bits < 1 || bits > maxFixBits {
		return nil, fmt.Errorf("attribute \"bit_width\" is %d; it must be 1 to %d", bits, maxFixBits)
	}
	if p := op.Attrs["fix_point"].(int32); p < -maxFixPoint || p > maxFixPoint {
		return nil, fmt.Errorf("attribute \"fix_point\" is %d; it must be %d to %d", p, -maxFixPoint, maxFixPoint)
	}
	return inputs[0].Shape, nil
}

func unaryShape(_ *Op, inputs []*Tensor) ([]int32, error) { return inputs[0].Shape, nil }

func broadcastShape(_ *Op, inputs []*Tensor) ([]int32, error) {
	shape := inputs[0].Shape
	for _, t := range inputs[1:] {
		joined, ok := broadcast(shape, t.Shape)
		if !ok {
			return nil, fmt.Errorf("shapes %v and %v do not go together; dimensions must agree or be 1", shape, t.Shape)
		}
		shape = joined
	}
	return shape, nil
}

// broadcast joins two shapes as numpy does: aligned at the last dimension, where 1 stretches and unknown meets anything.
func broadcast(a, b []int32) ([]int32, bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	joined := slices.Clone(a)
	for i, dim := range b {
		at := len(a) - len(b) + i
		switch {
		case joined[at] == dim || dim == 1:
		case joined[at] == 1 || joined[at] == -1:
			joined[at] = dim
		case dim != -1:
			return nil, false
		}
	}
	return joined, true
}

func matmulShape(op *Op, inputs []*Tensor) ([]int32, error) {
	a, err := matrix(inputs[0].Shape, op.Attrs["transpose_a"].(bool))
	if err != nil {
		return nil, err
	}
	b, err := matrix(inputs[1].Shape, op.Attrs["transpose_b"].(bool))
	if err != nil {
		return nil, err
	}
	rows, inner := a[len(a)-2], a[len(a)-1]
	inner2, columns := b[len(b)-2], b[len(b)-1]
	batch, ok := broadcast(a[:len(a)-2], b[:len(b)-2])
	if !ok || inner != inner2 && inner != -1 && inner2 != -1 {
		return nil, fmt.Errorf("shapes %v and %v (after transposition) cannot be multiplied", a, b)
	}
	if len(inputs) == 3 {
		if bias := inputs[2].Shape; !sameShape(bias, []int32{columns}) || len(bias) != 1 {
			return nil, fmt.Errorf("the bias has shape %v, the result's last dimension is %d", bias, columns)
		}
	}
	return append(slices.Clone(batch), rows, columns), nil
}

func matrix(shape []int32, transpose bool) ([]int32, error) {
	if len(shape) < 2 {
		return nil, fmt.Errorf("an input has shape %v; a matmul reads at least two dimensions", shape)
	}
	m := slices.Clone(shape)
	if n := len(m); transpose {
		m[n-2], m[n-1] = m[n-1], m[n-2]
	}
	return m, nil
}

// sameShape compares shapes; an unknown dimension agrees with any.
func sameShape(a, b []int32) bool {
	return slices.EqualFunc(a, b, func(x, y int32) bool { return x == y || x == -1 || y == -1 })
}
