package model

import (
	"fmt"
	"slices"
)

// onnxValue is a tensor while the graph is run. It holds constants (floats or ints), or, for a tensor that depends on what the
// network is given, the origin of each element: its number among the elements of all [onnxUnit]s. Moving data about moves these
// numbers. A value that neither says what it is made of nor can be computed is opaque.
type onnxValue struct {
	shape  []int
	elem   int32 // ONNX's element type
	floats []float32
	ints   []int64
	ids    []int32

	// why says what makes the value opaque, in words that follow "it reads"; its shape may still be known.
	why      string
	shapeful bool
	// zeros says that nothing but the shape is unknown: all elements are zero. PyTorch makes so the states that a network starts from,
	// of the batch of what goes in.
	zeros bool

	// from are the names of the initializers that a constant of floats was made of.
	from []string
}

func onnxOpaque(why string) *onnxValue { return &onnxValue{why: why} }

// opaqueOf is an opaque value of known shape.
func onnxOpaqueOf(shape []int, elem int32, why string) *onnxValue {
	return &onnxValue{shape: shape, elem: elem, why: why, shapeful: true}
}

// onnxZeros is a value of unknown shape, all of whose elements are zero.
func onnxZeros(why string) *onnxValue { return &onnxValue{elem: onnxFloat, why: why, zeros: true} }

func onnxInts(shape []int, ints []int64) *onnxValue {
	return &onnxValue{shape: shape, elem: onnxInt64, ints: ints}
}

func (v *onnxValue) opaque() bool   { return v.why != "" }
func (v *onnxValue) tracked() bool  { return v.ids != nil }
func (v *onnxValue) constant() bool { return v.why == "" && v.ids == nil }
func (v *onnxValue) shaped() bool   { return v.why == "" || v.shapeful }

func (v *onnxValue) count() int {
	n := 1
	for _, d := range v.shape {
		n *= d
	}
	return n
}

// all tells whether a constant's elements are all that number.
func (v *onnxValue) all(number int64) bool {
	return v.constant() && !slices.ContainsFunc(v.ints, func(x int64) bool { return x != number }) &&
		!slices.ContainsFunc(v.floats, func(x float32) bool { return x != float32(number) })
}

// as gives the value with another shape of as many elements.
func (v *onnxValue) as(shape []int) *onnxValue {
	w := *v
	w.shape = shape
	return &w
}

// pick gives the value of that shape whose elements are those of v with the given numbers.
func (v *onnxValue) pick(shape []int, index []int32) *onnxValue {
	w := v.as(shape)
	switch {
	case v.opaque():
	case v.tracked():
		w.ids = pickOnnx(v.ids, index)
	case v.floats != nil || onnxIsFloat(v.elem):
		w.floats = pickOnnx(v.floats, index)
	default:
		w.ints = pickOnnx(v.ints, index)
	}
	return w
}

func pickOnnx[T any](from []T, index []int32) []T {
	out := make([]T, len(index))
	for i, at := range index {
		out[i] = from[at]
	}
	return out
}

// scalarInts gives the elements of a constant of integers.
func (v *onnxValue) integers() ([]int64, error) {
	switch {
	case v.opaque():
		return nil, fmt.Errorf("its axes, sizes or indices depend on %s", v.why)
	case v.tracked():
		return nil, fmt.Errorf("its axes, sizes or indices depend on what the network is given")
	case onnxIsFloat(v.elem):
		return nil, fmt.Errorf("its axes, sizes or indices are %s", onnxTypeName(v.elem))
	}
	return v.ints, nil
}

// onnxStrides are the distances of neighbours along each axis of a row-major tensor.
func onnxStrides(shape []int) []int {
	strides, n := make([]int, len(shape)), 1
	for i := len(shape) - 1; i >= 0; i-- {
		strides[i] = n
		n *= shape[i]
	}
	return strides
}

// onnxIndex lists, for the elements of a tensor of that shape in order, offset + Σ coordinate × stride.
func onnxIndex(shape, strides []int, offset int) []int32 {
	n := 1
	for _, d := range shape {
		n *= d
	}
	index := make([]int32, n)
	at, where := make([]int, len(shape)), offset
	for i := range index {
		index[i] = int32(where)
		for axis := len(shape) - 1; axis >= 0; axis-- {
			at[axis]++
			where += strides[axis]
			if at[axis] < shape[axis] {
				break
			}
			where -= at[axis] * strides[axis]
			at[axis] = 0
		}
	}
	return index
}

// broadcastOnnx gives the common shape of two, as NumPy has it.
func broadcastOnnx(a, b []int) ([]int, error) {
	shape := make([]int, max(len(a), len(b)))
	for i := range shape {
		x, y := 1, 1
		if at := i - len(shape) + len(a); at >= 0 {
			x = a[at]
		}
		if at := i - len(shape) + len(b); at >= 0 {
			y = b[at]
		}
		switch {
		case x == y || y == 1:
			shape[i] = x
		case x == 1:
			shape[i] = y
		default:
			return nil, fmt.Errorf("shapes %v and %v do not fit", a, b)
		}
	}
	return shape, nil
}

// broadcastIndex lists which elements of a tensor of shape from those of one of shape to are.
func broadcastIndex(from, to []int) []int32 {
	strides, own := make([]int, len(to)), onnxStrides(from)
	for i, d := range from {
		if d != 1 {
			strides[len(to)-len(from)+i] = own[i]
		}
	}
	return onnxIndex(to, strides, 0)
}

// joinFrom lists the names of both, each once, and no more than there is use for.
func joinFrom(values ...*onnxValue) []string {
	const most = 64
	var from []string
	for _, v := range values {
		for _, name := range v.from {
			if len(from) < most && !slices.Contains(from, name) {
				from = append(from, name)
			}
		}
	}
	return from
}
