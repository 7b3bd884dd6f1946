package npy

import (
	"encoding/binary"
	"fmt"
	"strconv"
)

// Type is the type of an array's values.
type Type int

// The types of values. Float16 exists in files only; in memory it is Float32.
const (
	Invalid Type = iota
	Bool
	Int8
	Int16
	Int32
	Int64
	Uint8
	Uint16
	Uint32
	Uint64
	Float16
	Float32
	Float64
)

// types holds what each type is called and how NumPy writes it: kind and size in bytes.
var types = [...]struct {
	name string
	code string
	size int
}{
	Invalid: {"invalid", "", 0},
	Bool:    {"bool", "b1", 1},
	Int8:    {"int8", "i1", 1},
	Int16:   {"int16", "i2", 2},
	Int32:   {"int32", "i4", 4},
	Int64:   {"int64", "i8", 8},
	Uint8:   {"uint8", "u1", 1},
	Uint16:  {"uint16", "u2", 2},
	Uint32:  {"uint32", "u4", 4},
	Uint64:  {"uint64", "u8", 8},
	Float16: {"float16", "f2", 2},
	Float32: {"float32", "f4", 4},
	Float64: {"float64", "f8", 8},
}

// String gives NumPy's name of the type, such as "int16".
func (t Type) String() string {
	if t < 0 || int(t) >= len(types) {
		return "Type(" + strconv.Itoa(int(t)) + ")"
	}
	return types[t].name
}

// descr is the type as NumPy writes it for little-endian data: "<i2", "|b1".
func (t Type) descr() string {
	if types[t].size == 1 {
		return "|" + types[t].code
	}
	return "<" + types[t].code
}

// parseDescr reads a type description: a byte order ('<', '>', '|', '=' or none) and a type code.
func parseDescr(descr string) (Type, binary.ByteOrder, error) {
	var order binary.ByteOrder = binary.LittleEndian
	code := descr
	if descr != "" {
		switch descr[0] {
		case '>', '!':
			order = binary.BigEndian
			code = descr[1:]
		case '<', '|', '=':
			code = descr[1:]
		}
	}
	switch code {
	case "?":
		return Bool, order, nil
	case "b":
		return Int8, order, nil
	case "B":
		return Uint8, order, nil
	}
	for t := Bool; t <= Float64; t++ {
		if types[t].code != code {
			continue
		}
		if types[t].size > 1 && descr[0] == '|' {
			break
		}
		return t, order, nil
	}
	if code != "" && code[0] == 'O' {
		return Invalid, nil, fmt.Errorf("type %q is Python objects, which only a pickle holds: save a numeric array (array.astype(numpy.float32))", descr)
	}
	return Invalid, nil, fmt.Errorf("type %q is not a boolean, integer or float of at most 8 bytes: convert it (array.astype(numpy.float32))", descr)
}
