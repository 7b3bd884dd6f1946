package model

import (
	"fmt"
	"slices"
)

// The ops that give a tensor another shape, or its elements another order.

func onnxIdentity(c *onnxCall) ([]*onnxValue, error) {
	v, err := c.need(0)
	return one(v), err
}

func onnxTranspose(c *onnxCall) ([]*onnxValue, error) {
	v, known, err := c.moved(0)
	if err != nil || !known {
		return one(v), err
	}
	rank := len(v.shape)
	perm := make([]int, rank)
	for i := range perm {
		perm[i] = rank - 1 - i
	}
	if a := c.attr["perm"]; a != nil {
		if len(a.Ints) != rank {
			return nil, fmt.Errorf("perm %v for a tensor of shape %v", a.Ints, v.shape)
		}
		seen := make([]bool, rank)
		for i, p := range a.Ints {
			if p < 0 || p >= int64(rank) || seen[p] {
				return nil, fmt.Errorf("perm %v is no permutation", a.Ints)
			}
			seen[p], perm[i] = true, int(p)
		}
	}
	own := onnxStrides(v.shape)
	shape, strides := make([]int, rank), make([]int, rank)
	for i, p := range perm {
		shape[i], strides[i] = v.shape[p], own[p]
	}
	moved, err := c.pick(v, shape, strides, 0)
	return one(moved), err
}

func onnxReshape(c *onnxCall) ([]*onnxValue, error) {
	v, known, err := c.moved(0)
	if err != nil || !known {
		return one(v), err
	}
	wanted, ok, err := c.ints("shape", 1)
	if err != nil || !ok || len(wanted) > maxOnnxRank {
		return nil, orMissing(err, "its new shape is missing or too long")
	}
	shape, infer := make([]int, len(wanted)), -1
	for i, d := range wanted {
		switch {
		case d == 0 && c.int("allowzero", 0) == 0:
			if i >= len(v.shape) {
				return nil, fmt.Errorf("shape %v keeps a dimension that %v has not", wanted, v.shape)
			}
			shape[i] = v.shape[i]
		case d == -1 && infer < 0:
			shape[i], infer = 1, i
		case d < 0 || d > maxOnnxLive:
			return nil, fmt.Errorf("shape %v", wanted)
		default:
			shape[i] = int(d)
		}
	}
	n, err := elements(shape)
	if err != nil {
		return nil, err
	}
	total := v.count()
	if infer >= 0 && n > 0 && total%n == 0 {
		shape[infer] = total / n
		n = total
	}
	if n != total {
		return nil, fmt.Errorf("a tensor of shape %v cannot have shape %v", v.shape, wanted)
	}
	return one(v.as(shape)), nil
}

func orMissing(err error, text string) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("%s", text)
}

func onnxFlatten(c *onnxCall) ([]*onnxValue, error) {
	v, known, err := c.moved(0)
	if err != nil || !known {
		return one(v), err
	}
	axis := c.int("axis", 1)
	if axis < 0 {
		axis += int64(len(v.shape))
	}
	if axis < 0 || axis > int64(len(v.shape)) {
		return nil, fmt.Errorf("axis %d of a tensor of %d dimensions", axis, len(v.shape))
	}
	shape := []int{1, 1}
	for i, d := range v.shape {
		if i < int(axis) {
			shape[0] *= d
		} else {
			shape[1] *= d
		}
	}
	return one(v.as(shape)), nil
}

func onnxSqueeze(c *onnxCall) ([]*onnxValue, error) {
	v, known, err := c.moved(0)
	if err != nil || !known {
		return one(v), err
	}
	axes, ok, err := c.ints("axes", 1)
	if err != nil {
		return nil, err
	}
	drop := make([]bool, len(v.shape))
	for i, d := range v.shape {
		drop[i] = !ok && d == 1
	}
	for _, a := range axes {
		axis, err := onnxAxis(a, len(v.shape))
		if err != nil {
			return nil, err
		}
		if v.shape[axis] != 1 {
			return nil, fmt.Errorf("axis %d of shape %v is not 1", a, v.shape)
		}
		drop[axis] = true
	}
	var shape []int
	for i, d := range v.shape {
		if !drop[i] {
			shape = append(shape, d)
		}
	}
	return one(v.as(shape)), nil
}

func onnxUnsqueeze(c *onnxCall) ([]*onnxValue, error) {
	v, known, err := c.moved(0)
	if err != nil || !known {
		return one(v), err
	}
	axes, ok, err := c.ints("axes", 1)
	if err != nil || !ok {
		return nil, orMissing(err, "its axes are missing")
	}
	rank := len(v.shape) + len(axes)
	if rank > maxOnnxRank {
		return nil, fmt.Errorf("%d dimensions", rank)
	}
	added := make([]bool, rank)
	for _, a := range axes {
		axis, err := onnxAxis(a, rank)
		if err != nil {
			return nil, err
		}
		if added[axis] {
			return nil, fmt.Errorf("axes %v", axes)
		}
		added[axis] = true
	}
	shape, rest := make([]int, rank), v.shape
	for i := range shape {
		if shape[i] = 1; !added[i] {
			shape[i], rest = rest[0], rest[1:]
		}
	}
	return one(v.as(shape)), nil
}

func onnxExpand(c *onnxCall) ([]*onnxValue, error) {
	v, known, err := c.moved(0)
	if err != nil || !known {
		return one(v), err
	}
	sizes, err := c.sizes(1)
	if err != nil && v.all(0) && onnxIsFloat(v.elem) {
		return one(onnxZeros(fmt.Sprintf("%s: %v", onnxNodeName(c.node), err))), nil
	}
	if err != nil {
		return nil, err
	}
	shape, err := broadcastOnnx(v.shape, sizes)
	if err != nil && v.count() > 0 && v.all(0) {
		// PyTorch fixes the batch that it traced in the zeros that packed sequences start from, and lets Expand check it.
		v, shape, err = v.pick(nil, []int32{0}), sizes, nil
	}
	if err != nil {
		return nil, err
	}
	w, err := c.expand(v, shape)
	return one(w), err
}

// expand broadcasts a value to a shape that it fits.
func (c *onnxCall) expand(v *onnxValue, shape []int) (*onnxValue, error) {
	if v.opaque() || slices.Equal(v.shape, shape) {
		_, err := elements(shape)
		return v.as(shape), err
	}
	if err := c.run.spend(shape); err != nil {
		return nil, err
	}
	return v.pick(shape, broadcastIndex(v.shape, shape)), nil
}

// sizes reads an input that is a shape.
func (c *onnxCall) sizes(input int) ([]int, error) {
	v, err := c.need(input)
	if err != nil {
		return nil, err
	}
	dims, err := v.integers()
	if err != nil {
		return nil, err
	}
	return onnxShape(dims)
}

func onnxTile(c *onnxCall) ([]*onnxValue, error) {
	v, known, err := c.moved(0)
	if err != nil || !known {
		return one(v), err
	}
	repeats, err := c.sizes(1)
	if err != nil {
		return nil, err
	}
	if len(repeats) != len(v.shape) {
		return nil, fmt.Errorf("repeats %v for a tensor of shape %v", repeats, v.shape)
	}
	// Each axis is two: the repeat, over which the tensor stays where it is, and the axis itself.
	var shape, strides, joined []int
	for i, stride := range onnxStrides(v.shape) {
		shape, strides = append(shape, repeats[i], v.shape[i]), append(strides, 0, stride)
		joined = append(joined, repeats[i]*v.shape[i])
	}
	w, err := c.pick(v, shape, strides, 0)
	if err != nil {
		return nil, err
	}
	return one(w.as(joined)), nil
}
