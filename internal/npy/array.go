package npy

import (
	"fmt"
	"math"
)

// Element is a type that an array can hold.
type Element interface {
	bool | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

// Array is an n-dimensional array in C (row-major) order. A scalar has an empty shape and one value.
type Array struct {
	Shape []int
	// Data is a []T of as many values as the shape has, T being one of the types of [Element].
	Data any
}

// New gives an array of the shape over data, which is not copied. It fails if their sizes differ.
func New[T Element](data []T, shape ...int) (*Array, error) {
	n, err := count(shape)
	if err != nil {
		return nil, err
	}
	if n != len(data) {
		return nil, fmt.Errorf("shape %v wants %d values, there are %d", shape, n, len(data))
	}
	return &Array{Shape: shape, Data: data}, nil
}

// Type is the type of the values in memory.
func (a *Array) Type() Type {
	switch a.Data.(type) {
	case []bool:
		return Bool
	case []int8:
		return Int8
	case []int16:
		return Int16
	case []int32:
		return Int32
	case []int64:
		return Int64
	case []uint8:
		return Uint8
	case []uint16:
		return Uint16
	case []uint32:
		return Uint32
	case []uint64:
		return Uint64
	case []float32:
		return Float32
	case []float64:
		return Float64
	}
	return Invalid
}

// Len is the number of values: the product of the shape.
func (a *Array) Len() int {
	n := 1
	for _, d := range a.Shape {
		n *= d
	}
	return n
}

// largestEmptyDimension bounds the dimensions of an array without values, which no data bounds: a loop over them must end.
const largestEmptyDimension = 1 << 20

// count is the number of values of a shape. Negative dimensions and products beyond an int are errors.
func count(shape []int) (int, error) {
	n, empty, largest := 1, false, 0
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("shape %v has a negative dimension", shape)
		}
		largest = max(largest, d)
		if d == 0 {
			empty = true
			continue
		}
		if n > math.MaxInt/16/d {
			return 0, fmt.Errorf("shape %v is too large", shape)
		}
		n *= d
	}
	if !empty {
		return n, nil
	}
	if largest > largestEmptyDimension {
		return 0, fmt.Errorf("shape %v has no values, yet a dimension beyond %d", shape, largestEmptyDimension)
	}
	return 0, nil
}
