package model

import (
	"fmt"
	"math"
	"slices"
)

// The ops that make constants: of nothing, of shapes, of other constants' types.

func onnxConstant(c *onnxCall) ([]*onnxValue, error) {
	for name, a := range c.attr {
		switch name {
		case "value":
			if a.T == nil {
				return nil, fmt.Errorf("its value is no tensor")
			}
			v, err := c.run.constant(a.T)
			return one(v), err
		case "value_int":
			return one(onnxInts(nil, []int64{a.I})), nil
		case "value_ints":
			return one(onnxInts([]int{len(a.Ints)}, a.Ints)), nil
		case "value_float":
			return one(&onnxValue{elem: onnxFloat, floats: []float32{a.F}}), nil
		case "value_floats":
			return one(&onnxValue{shape: []int{len(a.Floats)}, elem: onnxFloat, floats: a.Floats}), nil
		}
	}
	return nil, fmt.Errorf("its value is of a kind that is not read")
}

func onnxConstantOfShape(c *onnxCall) ([]*onnxValue, error) {
	v := &onnxValue{elem: onnxFloat, floats: []float32{0}}
	var err error
	if a := c.attr["value"]; a != nil && a.T != nil {
		if v, err = c.run.constant(a.T); err != nil {
			return nil, err
		}
		if v.count() != 1 {
			return nil, fmt.Errorf("its value has %d elements", v.count())
		}
		v = v.as(nil)
	}
	shape, err := c.sizes(0)
	if err != nil && v.all(0) && onnxIsFloat(v.elem) {
		return one(onnxZeros(fmt.Sprintf("%s: %v", onnxNodeName(c.node), err))), nil
	}
	if err != nil {
		return nil, err
	}
	w, err := c.expand(v, shape)
	return one(w), err
}

func onnxShapeOf(c *onnxCall) ([]*onnxValue, error) {
	v, err := c.need(0)
	if err != nil {
		return nil, err
	}
	if !v.shaped() {
		return one(onnxOpaque(v.why)), nil
	}
	// From opset 15, a part of the shape.
	rank := int64(len(v.shape))
	index, err := sliceOnnx(c.int("start", 0), c.int("end", rank), 1, len(v.shape))
	if err != nil {
		return nil, err
	}
	dims := make([]int64, len(index))
	for i, axis := range index {
		dims[i] = int64(v.shape[axis])
	}
	return one(onnxInts([]int{len(dims)}, dims)), nil
}

func onnxSize(c *onnxCall) ([]*onnxValue, error) {
	v, err := c.need(0)
	if err != nil {
		return nil, err
	}
	if !v.shaped() {
		return one(onnxOpaque(v.why)), nil
	}
	return one(onnxInts(nil, []int64{int64(v.count())})), nil
}

// onnxProduct multiplies the elements of a vector, as the sizes of merged axes are computed.
func onnxProduct(c *onnxCall) ([]*onnxValue, error) {
	v, err := c.need(0)
	if err != nil {
		return nil, err
	}
	list, err := v.integers()
	axes, _, axesErr := c.ints("axes", 1)
	if err != nil || axesErr != nil || len(v.shape) > 1 {
		return onnxComputed(c)
	}
	if len(v.shape) == 0 || len(axes) == 0 && c.int("noop_with_empty_axes", 0) != 0 {
		return one(v), nil
	}
	n := int64(1)
	for _, x := range list {
		n *= x
	}
	var shape []int
	if c.int("keepdims", 1) != 0 {
		shape = []int{1}
	}
	return one(onnxInts(shape, []int64{n})), nil
}

func onnxRange(c *onnxCall) ([]*onnxValue, error) {
	var bounds [3]int64
	for i := range bounds {
		v, err := c.need(i)
		if err != nil {
			return nil, err
		}
		list, err := v.integers()
		if err != nil || len(list) != 1 {
			return nil, orMissing(err, "a bound that is no number")
		}
		bounds[i] = list[0]
	}
	start, limit, delta := bounds[0], bounds[1], bounds[2]
	if delta == 0 || max(start, limit, delta) > math.MaxInt32 || min(start, limit, delta) < -math.MaxInt32 {
		return nil, fmt.Errorf("from %d to %d by %d", start, limit, delta)
	}
	n := max(0, (limit-start+delta-sign(delta))/delta)
	if err := c.run.spend([]int{int(n)}); err != nil {
		return nil, err
	}
	v := onnxInts([]int{int(n)}, make([]int64, n))
	for i := range v.ints {
		v.ints[i] = start + int64(i)*delta
	}
	return one(v), nil
}

func sign(x int64) int64 {
	if x < 0 {
		return -1
	}
	return 1
}

// onnxCast changes the type of a constant. What depends on the network's input keeps its origins, unless floats become integers.
func onnxCast(c *onnxCall) ([]*onnxValue, error) {
	v, err := c.need(0)
	if err != nil || v.opaque() {
		return one(v), err
	}
	to := int32(c.int("to", 0))
	if c.node.OpType == "CastLike" {
		like, err := c.need(1)
		if err != nil {
			return nil, err
		}
		to = like.elem
	}
	if onnxTypes[to].size == 0 {
		return nil, fmt.Errorf("to %s", onnxTypeName(to))
	}
	w := v.as(v.shape)
	w.elem = to
	switch float := onnxIsFloat(v.elem); {
	case float == onnxIsFloat(to):
	case v.tracked() && float:
		return onnxComputed(c)
	case v.tracked():
	case float:
		if err := c.run.spend(v.shape); err != nil {
			return nil, err
		}
		w.floats, w.ints = nil, make([]int64, len(v.floats))
		for i, x := range v.floats {
			if !(math.Abs(float64(x)) < 1<<62) {
				return nil, fmt.Errorf("%v to an integer", x)
			}
			w.ints[i] = int64(x)
		}
	default:
		if err := c.run.spend(v.shape); err != nil {
			return nil, err
		}
		w.ints, w.floats = nil, make([]float32, len(v.ints))
		for i, x := range v.ints {
			w.floats[i] = float32(x)
		}
	}
	if to == onnxBool && w.ints != nil {
		w.ints = slices.Clone(w.ints)
		for i, x := range w.ints {
			w.ints[i] = truth(x != 0)
		}
	}
	return one(w), nil
}
