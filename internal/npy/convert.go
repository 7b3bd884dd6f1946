package npy

import (
	"fmt"
	"math"
)

// Float32s gives the values as float32. Float64 values are rounded to the nearest float32, and fail if that makes a finite
// value infinite; integers fail where float32 does not hold them exactly. For a float32 array it is the array's own data.
func (a *Array) Float32s() ([]float32, error) {
	if own, ok := a.Data.([]float32); ok {
		return own, nil
	}
	if wide, ok := a.Data.([]float64); ok {
		return convert(wide, "float32", func(v float64) (float32, bool) {
			narrow := float32(v)
			return narrow, !math.IsInf(float64(narrow), 0) || math.IsInf(v, 0)
		})
	}
	return exactly[float32](a, "float32")
}

// Float64s gives the values as float64; int64 and uint64 values fail where float64 does not hold them exactly.
func (a *Array) Float64s() ([]float64, error) {
	if own, ok := a.Data.([]float64); ok {
		return own, nil
	}
	return exactly[float64](a, "float64")
}

// Int16s gives the values as int16, and fails at the first that is not one: out of range, or with a fraction.
func (a *Array) Int16s() ([]int16, error) {
	if own, ok := a.Data.([]int16); ok {
		return own, nil
	}
	return exactly[int16](a, "int16")
}

// Int64s gives the values as int64, and fails at the first that is not one: out of range, or with a fraction.
func (a *Array) Int64s() ([]int64, error) {
	if own, ok := a.Data.([]int64); ok {
		return own, nil
	}
	return exactly[int64](a, "int64")
}

type number interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

// exactly converts every value of a to a T that stands for the same number.
func exactly[T number](a *Array, name string) ([]T, error) {
	switch data := a.Data.(type) {
	case []bool:
		return convert(data, name, func(v bool) (T, bool) {
			if v {
				return 1, true
			}
			return 0, true
		})
	case []int8:
		return convert(data, name, same[int8, T])
	case []int16:
		return convert(data, name, same[int16, T])
	case []int32:
		return convert(data, name, same[int32, T])
	case []int64:
		return convert(data, name, same[int64, T])
	case []uint8:
		return convert(data, name, same[uint8, T])
	case []uint16:
		return convert(data, name, same[uint16, T])
	case []uint32:
		return convert(data, name, same[uint32, T])
	case []uint64:
		return convert(data, name, same[uint64, T])
	case []float32:
		return convert(data, name, same[float32, T])
	case []float64:
		return convert(data, name, same[float64, T])
	}
	return nil, fmt.Errorf("convert to %s: an array of %T has no values", name, a.Data)
}

// same converts one number and tells whether the result is the same number. Go leaves the conversion of a float that the
// target cannot hold to the machine, so a float's range is looked at first; integers wrap by the language's rule, which the
// way back and the sign reveal.
func same[F, T number](v F) (T, bool) {
	if v != v {
		return T(v), isFloat[T]()
	}
	if isFloat[F]() && !within[T](float64(v)) {
		return 0, false
	}
	to := T(v)
	// int64(-1) and uint64(1<<64 - 1) convert into each other.
	if (v < 0) != (to < 0) {
		return 0, false
	}
	if isFloat[T]() && !within[F](float64(to)) {
		return 0, false
	}
	return to, F(to) == v
}

// within tells whether v lies in the range of an integer type T; every v lies in that of a float type.
func within[T number](v float64) bool {
	low, high, integer := integerRange[T]()
	return !integer || (v >= low && v < high)
}

func isFloat[T number]() bool {
	_, _, integer := integerRange[T]()
	return !integer
}

// integerRange is the half-open range [low, high) of an integer type as float64; ok is false for a float type.
func integerRange[T number]() (low, high float64, ok bool) {
	var zero T
	switch any(zero).(type) {
	case int8:
		return -0x1p7, 0x1p7, true
	case int16:
		return -0x1p15, 0x1p15, true
	case int32:
		return -0x1p31, 0x1p31, true
	case int64:
		return -0x1p63, 0x1p63, true
	case uint8:
		return 0, 0x1p8, true
	case uint16:
		return 0, 0x1p16, true
	case uint32:
		return 0, 0x1p32, true
	case uint64:
		return 0, 0x1p64, true
	}
	return 0, 0, false
}

func convert[F, T any](data []F, name string, one func(F) (T, bool)) ([]T, error) {
	out := make([]T, len(data))
	for i, v := range data {
		to, ok := one(v)
		if !ok {
			return nil, fmt.Errorf("convert to %s: value %d is %v, which %s does not hold", name, i, v, name)
		}
		out[i] = to
	}
	return out, nil
}
