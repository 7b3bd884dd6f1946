package model

import (
	"encoding/binary"
	"math"

	"rnnsim/internal/half"
)

// elementKind is a type of values in a file's raw bytes.
type elementKind struct {
	name string
	size int // bytes
	// float says that values can be decoded; other types are kept out of networks, and only their size matters.
	float  bool
	decode func([]byte, binary.ByteOrder) float32
}

var (
	float16Kind = elementKind{"float16", 2, true, func(b []byte, order binary.ByteOrder) float32 {
		return half.Float16(order.Uint16(b))
	}}
	bfloat16Kind = elementKind{"bfloat16", 2, true, func(b []byte, order binary.ByteOrder) float32 {
		return half.BFloat16(order.Uint16(b))
	}}
	float32Kind = elementKind{"float32", 4, true, func(b []byte, order binary.ByteOrder) float32 {
		return math.Float32frombits(order.Uint32(b))
	}}
	// float64 values are rounded to the nearest float32, which is what the quantizer works on.
	float64Kind = elementKind{"float64", 8, true, func(b []byte, order binary.ByteOrder) float32 {
		return float32(math.Float64frombits(order.Uint64(b)))
	}}
)

func otherKind(name string, size int) elementKind {
	return elementKind{name: name, size: size}
}
