package model

import (
	"fmt"
	"math"
)

func truth(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

func floatTruth(yes bool) float32 { return float32(truth(yes)) }

// comparison makes a comparison of numbers an op that yields booleans.
func onnxComparison(ints func(a, b int64) bool, floats func(a, b float32) bool, other onnxOp) onnxOp {
	compute := onnxBinary(
		func(a, b int64) (int64, error) { return truth(ints(a, b)), nil },
		func(a, b float32) float32 { return floatTruth(floats(a, b)) }, other)
	return func(c *onnxCall) ([]*onnxValue, error) {
		out, err := compute(c)
		if err == nil && out[0].constant() && onnxIsFloat(out[0].elem) {
			v := onnxInts(out[0].shape, make([]int64, len(out[0].floats)))
			for i, x := range out[0].floats {
				v.ints[i] = int64(x)
			}
			out[0] = v
		}
		if err == nil && out[0].constant() {
			w := out[0].as(out[0].shape)
			w.elem = onnxBool
			out[0] = w
		}
		return out, err
	}
}

// divide truncates, as ONNX does for integers.
func divideOnnx(a, b int64) (int64, error) {
	if b == 0 || a == math.MinInt64 && b == -1 {
		return 0, fmt.Errorf("%d divided by %d", a, b)
	}
	return a / b, nil
}

func onnxNot(c *onnxCall) ([]*onnxValue, error) {
	return c.unary(func(x int64) int64 { return truth(x == 0) }, nil)
}

func onnxNegate(c *onnxCall) ([]*onnxValue, error) {
	return c.unary(func(x int64) int64 { return -x }, func(x float32) float32 { return -x })
}

func (c *onnxCall) unary(ints func(int64) int64, floats func(float32) float32) ([]*onnxValue, error) {
	v, err := c.need(0)
	if err != nil || !v.constant() {
		return orComputed(c, err)
	}
	f := func(x []float32) float32 { return floats(x[0]) }
	if floats == nil {
		f = nil
	}
	return c.elementwise(c.in[:1], func(x []int64) (int64, error) { return ints(x[0]), nil }, f)
}

func orComputed(c *onnxCall, err error) ([]*onnxValue, error) {
	if err != nil {
		return nil, err
	}
	return onnxComputed(c)
}
