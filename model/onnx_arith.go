package model

import (
	"errors"
	"slices"
)

// The arithmetic of constants, as shapes and initial states are computed with, and what it does to values that are no constants:
// adding zero and multiplying by one leave them as they are, multiplying by zero makes zeros of them.

// elementwise computes a constant of each element of its inputs, which are constants. Either function may be nil.
func (c *onnxCall) elementwise(in []*onnxValue, ints func([]int64) (int64, error), floats func([]float32) float32) ([]*onnxValue, error) {
	var shape []int
	var err error
	float := onnxIsFloat(in[len(in)-1].elem)
	for i, v := range in {
		if shape, err = broadcastOnnx(shape, v.shape); err != nil {
			return nil, err
		}
		if onnxIsFloat(v.elem) != float && i > 0 {
			return nil, errors.New("its inputs have different types")
		}
	}
	if err := c.run.spend(shape); err != nil {
		return nil, err
	}
	index := make([][]int32, len(in))
	for i, v := range in {
		index[i] = broadcastIndex(v.shape, shape)
	}
	w := &onnxValue{shape: shape, elem: in[len(in)-1].elem, from: joinFrom(in...)}
	if float {
		if floats == nil {
			return nil, errors.New("it is not computed here for floats")
		}
		row := make([]float32, len(in))
		w.floats = make([]float32, len(index[0]))
		for i := range w.floats {
			for j, v := range in {
				row[j] = v.floats[index[j][i]]
			}
			w.floats[i] = floats(row)
		}
		return one(w), nil
	}
	row := make([]int64, len(in))
	w.ints = make([]int64, len(index[0]))
	for i := range w.ints {
		for j, v := range in {
			row[j] = v.ints[index[j][i]]
		}
		if w.ints[i], err = ints(row); err != nil {
			return nil, err
		}
	}
	return one(w), nil
}

// onnxBinary computes constants; other computes what else the op does.
func onnxBinary(ints func(a, b int64) (int64, error), floats func(a, b float32) float32, other onnxOp) onnxOp {
	return func(c *onnxCall) ([]*onnxValue, error) {
		a, err := c.need(0)
		if err != nil {
			return nil, err
		}
		b, err := c.need(1)
		if err != nil {
			return nil, err
		}
		if !a.constant() || !b.constant() {
			return other(c)
		}
		return c.elementwise([]*onnxValue{a, b},
			func(x []int64) (int64, error) { return ints(x[0], x[1]) },
			func(x []float32) float32 { return floats(x[0], x[1]) })
	}
}

// onnxNeutral leaves the one input as it is if the other is constantly that number, and hands on to other if it is not.
func onnxNeutral(number int64, first bool, other onnxOp) onnxOp {
	return func(c *onnxCall) ([]*onnxValue, error) {
		for i, v := range c.in[:2] {
			if i == 1 && !first {
				break
			}
			by := c.in[1-i]
			if !by.all(number) || !v.shaped() {
				continue
			}
			if shape, err := broadcastOnnx(v.shape, by.shape); err == nil && slices.Equal(shape, v.shape) {
				return one(v), nil
			}
		}
		return other(c)
	}
}

// onnxVanish makes zeros of what is multiplied by zero.
func onnxVanish(c *onnxCall) ([]*onnxValue, error) {
	for i, v := range c.in[:2] {
		by := c.in[1-i]
		if !by.all(0) || !v.shaped() {
			continue
		}
		shape, err := broadcastOnnx(v.shape, by.shape)
		if err != nil {
			return nil, err
		}
		w, err := c.expand(by, shape)
		return one(w), err
	}
	return onnxComputed(c)
}

// onnxComputed is what is computed from the network's data in a way that has no place in a network.
func onnxComputed(c *onnxCall) ([]*onnxValue, error) {
	var shape []int
	shaped := true
	why := ""
	for _, v := range c.in {
		if v == nil {
			continue
		}
		if v.opaque() && why == "" {
			why = v.why
		}
		joint, err := broadcastOnnx(shape, v.shape)
		shaped = shaped && v.shaped() && err == nil
		shape = joint
	}
	if why == "" {
		why = onnxNodeName(c.node) + ", which has no place in a network of recurrent and dense layers"
	}
	if !shaped {
		return fillOnnx(c.node, onnxOpaque(why)), nil
	}
	return fillOnnx(c.node, onnxOpaqueOf(shape, c.in[0].elem, why)), nil
}

// onnxLess knows that token ids are not negative, which is what Keras asks before it looks them up.
func onnxLess(c *onnxCall) ([]*onnxValue, error) {
	if c.in[0].tracked() && c.in[1].all(0) && c.run.tokens(c.in[0]) {
		shape, err := broadcastOnnx(c.in[0].shape, c.in[1].shape)
		if err != nil {
			return nil, err
		}
		if err := c.run.spend(shape); err != nil {
			return nil, err
		}
		zeros := onnxInts(shape, nil)
		zeros.ints, zeros.elem = make([]int64, zeros.count()), onnxBool
		return one(zeros), nil
	}
	return onnxComputed(c)
}
