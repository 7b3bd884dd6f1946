package xmodel

import (
	"fmt"
	"strconv"
	"strings"
)

// kindOf names the XIR kind of an attribute's value, for messages and rules.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "value that is not set"
	case bool:
		return "bool"
	case int32:
		return "int32"
	case uint32:
		return "uint32"
	case int64:
		return "int64"
	case uint64:
		return "uint64"
	case float32:
		return "float"
	case float64:
		return "double"
	case string:
		return "string"
	case []byte:
		return "bytes"
	case []int32:
		return "int32_vec"
	case []uint32:
		return "uint32_vec"
	case []string:
		return "string_vec"
	}
	return fmt.Sprintf("%T", value)
}

// String gives XIR's name of the type, without the width.
func (t DataType) String() string {
	switch t {
	case Int:
		return "int"
	case Uint:
		return "uint"
	case XInt:
		return "xint"
	case XUint:
		return "xuint"
	case Float:
		return "float"
	}
	return fmt.Sprintf("type %d", int32(t))
}

// parseDataType reads the text form of an element type, "float32" or "XINT16". XIR takes a name wholly in upper or in lower
// case only.
func parseDataType(text string) (t DataType, bits int32, err error) {
	name := strings.TrimRight(text, "0123456789")
	for t = Int; t <= Float; t++ {
		if name == t.String() || name == strings.ToUpper(t.String()) {
			width, err := strconv.ParseInt(text[len(name):], 10, 32)
			if err != nil || width < 1 || width > maxBitWidth {
				return 0, 0, fmt.Errorf("data type %q needs a width of 1 to %d bits behind the name", text, maxBitWidth)
			}
			return t, int32(width), nil
		}
	}
	return 0, 0, fmt.Errorf("data type %q is unknown; XIR has int, uint, xint, xuint and float, each with a width, as in float32", text)
}
