package model

import (
	"fmt"
	"slices"
)

// The ops that make one tensor of several.

func onnxConcat(c *onnxCall) ([]*onnxValue, error) {
	first, err := c.need(0)
	if err != nil {
		return nil, err
	}
	for i := range c.in {
		v, err := c.need(i)
		if err != nil {
			return nil, err
		}
		if v.opaque() {
			return one(onnxOpaque(v.why)), nil
		}
		if v.tracked() != first.tracked() || onnxIsFloat(v.elem) != onnxIsFloat(first.elem) || len(v.shape) != len(first.shape) {
			return nil, fmt.Errorf("it joins what the network computes with constants, or tensors of different types and dimensions")
		}
	}
	axis, err := onnxAxis(c.int("axis", 0), len(first.shape))
	if err != nil {
		return nil, err
	}
	shape, outer := slices.Clone(first.shape), 1
	shape[axis] = 0
	for _, v := range c.in {
		for i, d := range v.shape {
			if i != axis && d != first.shape[i] {
				return nil, fmt.Errorf("it joins shapes %v and %v along axis %d", first.shape, v.shape, axis)
			}
		}
		shape[axis] += v.shape[axis]
	}
	if err := c.run.spend(shape); err != nil {
		return nil, err
	}
	for _, d := range shape[:axis] {
		outer *= d
	}
	w := &onnxValue{shape: shape, elem: first.elem, from: joinFrom(c.in...)}
	switch {
	case first.tracked():
		w.ids = joinOnnx(c.in, outer, func(v *onnxValue) []int32 { return v.ids })
	case onnxIsFloat(first.elem):
		w.floats = joinOnnx(c.in, outer, func(v *onnxValue) []float32 { return v.floats })
	default:
		w.ints = joinOnnx(c.in, outer, func(v *onnxValue) []int64 { return v.ints })
	}
	return one(w), nil
}

func joinOnnx[T any](values []*onnxValue, outer int, of func(*onnxValue) []T) []T {
	out := []T{}
	for o := range outer {
		for _, v := range values {
			from := of(v)
			n := len(from) / outer
			out = append(out, from[o*n:(o+1)*n]...)
		}
	}
	return out
}

// onnxWhere chooses between two values by a constant.
func onnxWhere(c *onnxCall) ([]*onnxValue, error) {
	condition, err := c.need(0)
	if err != nil {
		return nil, err
	}
	for i := range 2 {
		if v, err := c.need(i + 1); err != nil {
			return nil, err
		} else if condition.all(int64(1 - i)) {
			if shape, err := broadcastOnnx(v.shape, condition.shape); err == nil && v.shaped() {
				w, err := c.expand(v, shape)
				return one(w), err
			}
			return one(v), nil
		}
	}
	if condition.constant() && c.in[1].constant() && c.in[2].constant() && !onnxIsFloat(c.in[1].elem) && !onnxIsFloat(c.in[2].elem) {
		return c.elementwise(c.in, func(x []int64) (int64, error) { return x[2-truth(x[0] != 0)], nil }, nil)
	}
	return nil, fmt.Errorf("it chooses by a condition that depends on what the network is given")
}
