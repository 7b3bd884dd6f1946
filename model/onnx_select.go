package model

import (
	"fmt"
	"math"
	"slices"
)

// The ops that take parts of tensors.

// onnxGather takes elements along an axis. With a table of floats and token ids as indices it is an embedding.
func onnxGather(c *onnxCall) ([]*onnxValue, error) {
	v, known, err := c.moved(0)
	if err != nil || !known {
		return one(v), err
	}
	indices, err := c.need(1)
	if err != nil {
		return nil, err
	}
	axis, err := onnxAxis(c.int("axis", 0), len(v.shape))
	if err != nil {
		return nil, err
	}
	if v.constant() && onnxIsFloat(v.elem) && indices.tracked() {
		return c.embedding(v, indices, axis)
	}
	if indices.opaque() {
		return one(onnxOpaque(indices.why)), nil
	}
	list, err := indices.integers()
	if err != nil {
		return nil, err
	}
	size := v.shape[axis]
	index := make([]int, len(list))
	for i, at := range list {
		if at < -int64(size) || at >= int64(size) {
			return nil, fmt.Errorf("index %d along an axis of %d", at, size)
		}
		if at < 0 {
			at += int64(size)
		}
		index[i] = int(at)
	}
	w, err := c.along(v, axis, index)
	if err != nil {
		return nil, err
	}
	shape := slices.Concat(v.shape[:axis], indices.shape, v.shape[axis+1:])
	return one(w.as(shape)), nil
}

// along takes the elements with these indices along an axis.
func (c *onnxCall) along(v *onnxValue, axis int, index []int) (*onnxValue, error) {
	shape := slices.Clone(v.shape)
	shape[axis] = len(index)
	if v.opaque() {
		_, err := elements(shape)
		return v.as(shape), err
	}
	if err := c.run.spend(shape); err != nil {
		return nil, err
	}
	inner := 1
	for _, d := range v.shape[axis+1:] {
		inner *= d
	}
	outer := 1
	for _, d := range v.shape[:axis] {
		outer *= d
	}
	from := make([]int32, 0, outer*len(index)*inner)
	for o := range outer {
		for _, at := range index {
			start := (o*v.shape[axis] + at) * inner
			for i := range inner {
				from = append(from, int32(start+i))
			}
		}
	}
	return v.pick(shape, from), nil
}

func onnxSlice(c *onnxCall) ([]*onnxValue, error) {
	v, known, err := c.moved(0)
	if err != nil || !known {
		return one(v), err
	}
	var lists [4][]int64 // starts, ends, axes, steps
	for i, name := range []string{"starts", "ends", "axes", "steps"} {
		list, ok, err := c.ints(name, i+1)
		if err != nil || !ok && i < 2 {
			return nil, orMissing(err, name+" are missing")
		}
		if ok && len(list) != len(lists[0]) && i > 0 {
			return nil, fmt.Errorf("%d %s for %d starts", len(list), name, len(lists[0]))
		}
		lists[i] = list
	}
	for i, start := range lists[0] {
		axis, step := int64(i), int64(1)
		if lists[2] != nil {
			axis = lists[2][i]
		}
		if lists[3] != nil {
			step = lists[3][i]
		}
		at, err := onnxAxis(axis, len(v.shape))
		if err != nil {
			return nil, err
		}
		if err := c.run.spend(v.shape[at : at+1]); err != nil {
			return nil, err
		}
		index, err := sliceOnnx(start, lists[1][i], step, v.shape[at])
		if err != nil {
			return nil, err
		}
		if v, err = c.along(v, at, index); err != nil {
			return nil, err
		}
	}
	return one(v), nil
}

// sliceOnnx lists the indices of start:end:step along an axis of that size. What lies beyond it is cut as ONNX says: with a negative
// step, a start before the first element is the first element, unlike in NumPy.
func sliceOnnx(start, end, step int64, size int) ([]int, error) {
	if step == 0 || step == math.MinInt64 {
		return nil, fmt.Errorf("a slice with step %d", step)
	}
	clamp := func(at, low, high int64) int64 {
		if at < 0 {
			at += int64(size)
		}
		return max(low, min(at, high))
	}
	var index []int
	if size == 0 {
		return nil, nil
	}
	if step > 0 {
		end = clamp(end, 0, int64(size))
		for at := clamp(start, 0, int64(size)); at < end; at += min(step, int64(size)) {
			index = append(index, int(at))
		}
		return index, nil
	}
	end = clamp(end, -1, int64(size)-1)
	for at := clamp(start, 0, int64(size)-1); at > end; at += max(step, -int64(size)) {
		index = append(index, int(at))
	}
	return index, nil
}

func onnxSplit(c *onnxCall) ([]*onnxValue, error) {
	v, known, err := c.moved(0)
	if err != nil {
		return nil, err
	}
	if !known {
		return fillOnnx(c.node, v), nil
	}
	axis, err := onnxAxis(c.int("axis", 0), len(v.shape))
	if err != nil {
		return nil, err
	}
	parts, ok, err := c.ints("split", 1)
	if err != nil {
		return nil, err
	}
	if err := c.run.spend(v.shape[axis : axis+1]); err != nil {
		return nil, err
	}
	size, count := v.shape[axis], len(c.node.Output)
	if !ok {
		// Equal parts, of which the last may be smaller.
		each := (size + count - 1) / max(count, 1)
		for i := range count {
			parts = append(parts, int64(max(0, min(each, size-i*each))))
		}
	}
	var out []*onnxValue
	at := 0
	for _, n := range parts {
		if n < 0 || n > int64(size-at) {
			return nil, fmt.Errorf("parts %v of an axis of %d", parts, size)
		}
		index := make([]int, n)
		for i := range index {
			index[i] = at + i
		}
		w, err := c.along(v, axis, index)
		if err != nil {
			return nil, err
		}
		out, at = append(out, w), at+int(n)
	}
	if at != size || len(out) != count {
		return nil, fmt.Errorf("parts %v of an axis of %d, and %d outputs", parts, size, count)
	}
	return out, nil
}

// onnxReverseSequence reverses each sequence of a batch up to its length, which must be known.
func onnxReverseSequence(c *onnxCall) ([]*onnxValue, error) {
	v, known, err := c.moved(0)
	if err != nil || !known {
		return one(v), err
	}
	lengths, err := c.sizes(1)
	if err != nil {
		return nil, err
	}
	times, batches := c.int("time_axis", 0), c.int("batch_axis", 1)
	if len(v.shape) < 2 || times+batches != 1 || times*batches != 0 || len(lengths) != v.shape[batches] {
		return nil, fmt.Errorf("time axis %d and batch axis %d of shape %v, with %d lengths", times, batches, v.shape, len(lengths))
	}
	if v.opaque() {
		return one(v), nil
	}
	if err := c.run.spend(v.shape); err != nil {
		return nil, err
	}
	inner := product(v.shape[2:])
	index := make([]int32, v.count())
	for i := range index {
		at := [2]int{i / inner / v.shape[1], i / inner % v.shape[1]}
		length := lengths[at[batches]]
		if length > v.shape[times] {
			return nil, fmt.Errorf("a length of %d along an axis of %d", length, v.shape[times])
		}
		if at[times] < length {
			at[times] = length - 1 - at[times]
		}
		index[i] = int32((at[0]*v.shape[1]+at[1])*inner + i%inner)
	}
	return one(v.pick(v.shape, index)), nil
}
