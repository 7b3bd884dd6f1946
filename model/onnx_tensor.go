package model

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"

	"rnnsim/model/internal/onnxpb"
)

// Element types of ONNX, by their number.
const (
	onnxFloat    = 1
	onnxUint8    = 2
	onnxInt8     = 3
	onnxUint16   = 4
	onnxInt16    = 5
	onnxInt32    = 6
	onnxInt64    = 7
	onnxBool     = 9
	onnxFloat16  = 10
	onnxDouble   = 11
	onnxUint32   = 12
	onnxUint64   = 13
	onnxBFloat16 = 16
)

// onnxTypes names the element types as ONNX does; those with a size are read.
var onnxTypes = map[int32]struct {
	name string
	size int // bytes in raw data
}{
	onnxFloat: {"FLOAT", 4}, onnxUint8: {"UINT8", 1}, onnxInt8: {"INT8", 1}, onnxUint16: {"UINT16", 2}, onnxInt16: {"INT16", 2},
	onnxInt32: {"INT32", 4}, onnxInt64: {"INT64", 8}, 8: {"STRING", 0}, onnxBool: {"BOOL", 1}, onnxFloat16: {"FLOAT16", 2},
	onnxDouble: {"DOUBLE", 8}, onnxUint32: {"UINT32", 4}, onnxUint64: {"UINT64", 8}, 14: {"COMPLEX64", 0}, 15: {"COMPLEX128", 0},
	onnxBFloat16: {"BFLOAT16", 2}, 17: {"FLOAT8E4M3FN", 0}, 18: {"FLOAT8E4M3FNUZ", 0}, 19: {"FLOAT8E5M2", 0}, 20: {"FLOAT8E5M2FNUZ", 0},
	21: {"UINT4", 0}, 22: {"INT4", 0}, 23: {"FLOAT4E2M1", 0},
}

func onnxIsFloat(elem int32) bool {
	return elem == onnxFloat || elem == onnxFloat16 || elem == onnxDouble || elem == onnxBFloat16
}

func onnxTypeName(elem int32) string {
	if t, ok := onnxTypes[elem]; ok {
		return t.name
	}
	return "type " + strconv.Itoa(int(elem))
}

// maxOnnxRank bounds the dimensions of a tensor.
const maxOnnxRank = 16

// maxOnnxIntegers bounds a constant of integers, which takes up to eight times its size in the file.
const maxOnnxIntegers = 1 << 20

// onnxShape turns a tensor's dimensions into a shape.
func onnxShape(dims []int64) ([]int, error) {
	if len(dims) > maxOnnxRank {
		return nil, fmt.Errorf("it has %d dimensions, the limit is %d", len(dims), maxOnnxRank)
	}
	shape := make([]int, len(dims))
	for i, d := range dims {
		if d < 0 || d > math.MaxInt32 {
			return nil, fmt.Errorf("dimension %d is %d", i, d)
		}
		shape[i] = int(d)
	}
	return shape, nil
}

// constant decodes a tensor. Floats of any width become float32, as everywhere in this package; integers and booleans int64.
func (g *onnxGraph) constant(t *onnxpb.TensorProto) (*onnxValue, error) {
	shape, err := onnxShape(t.Dims)
	if err != nil {
		return nil, err
	}
	n, err := elements(shape)
	if err != nil {
		return nil, err
	}
	kind := onnxTypes[t.DataType]
	if kind.size == 0 {
		return nil, fmt.Errorf("it holds %s, which is not read: save it as FLOAT", onnxTypeName(t.DataType))
	}
	if !onnxIsFloat(t.DataType) && n > maxOnnxIntegers {
		return nil, fmt.Errorf("it holds %d values of %s; integers are read as shapes and indices, up to %d: if the model is quantized, read the float model", n, kind.name, maxOnnxIntegers)
	}
	v := &onnxValue{shape: shape, elem: t.DataType}
	if len(t.ExternalData) > 0 || t.DataLocation != 0 {
		raw, err := g.external(t, n*kind.size)
		if err != nil {
			return nil, err
		}
		v.decodeRaw(raw, kind.size)
		return v, nil
	}
	if len(t.RawData) > 0 || n == 0 {
		if len(t.RawData) != n*kind.size {
			return nil, fmt.Errorf("%s of shape %v takes %d bytes, raw_data has %d: the file is damaged", kind.name, shape, n*kind.size, len(t.RawData))
		}
		v.decodeRaw(t.RawData, kind.size)
		return v, nil
	}
	count, field := 0, ""
	switch t.DataType {
	case onnxFloat:
		count, field = len(t.FloatData), "float_data"
	case onnxDouble:
		count, field = len(t.DoubleData), "double_data"
	case onnxInt64:
		count, field = len(t.Int64Data), "int64_data"
	case onnxUint32, onnxUint64:
		return nil, fmt.Errorf("%s is read from raw_data only", kind.name)
	default:
		count, field = len(t.Int32Data), "int32_data"
	}
	if count != n {
		return nil, fmt.Errorf("%s of shape %v has %d values, %s holds %d: the file is damaged", kind.name, shape, n, field, count)
	}
	v.decodeTyped(t)
	return v, nil
}

func (v *onnxValue) decodeTyped(t *onnxpb.TensorProto) {
	switch t.DataType {
	case onnxFloat:
		v.floats = slices.Clone(t.FloatData)
	case onnxDouble:
		for _, x := range t.DoubleData {
			v.floats = append(v.floats, float32(x))
		}
	case onnxInt64:
		v.ints = slices.Clone(t.Int64Data)
	case onnxFloat16, onnxBFloat16:
		// The bit pattern lies in the low half of the integer.
		kind, pattern := onnxElement(t.DataType), make([]byte, 2)
		for _, x := range t.Int32Data {
			binary.LittleEndian.PutUint16(pattern, uint16(x))
			v.floats = append(v.floats, kind.decode(pattern, binary.LittleEndian))
		}
	default:
		for _, x := range t.Int32Data {
			v.ints = append(v.ints, int64(x))
		}
	}
}

func onnxElement(elem int32) elementKind {
	switch elem {
	case onnxFloat16:
		return float16Kind
	case onnxBFloat16:
		return bfloat16Kind
	case onnxDouble:
		return float64Kind
	}
	return float32Kind
}

// decodeRaw decodes little-endian values of that size each.
func (v *onnxValue) decodeRaw(raw []byte, size int) {
	if onnxIsFloat(v.elem) {
		kind := onnxElement(v.elem)
		v.floats = make([]float32, len(raw)/size)
		for i := range v.floats {
			v.floats[i] = kind.decode(raw[i*size:], binary.LittleEndian)
		}
		return
	}
	v.ints = make([]int64, len(raw)/size)
	for i := range v.ints {
		v.ints[i] = onnxInteger(v.elem, raw[i*size:])
	}
}

func onnxInteger(elem int32, b []byte) int64 {
	switch elem {
	case onnxInt8:
		return int64(int8(b[0]))
	case onnxUint16:
		return int64(binary.LittleEndian.Uint16(b))
	case onnxInt16:
		return int64(int16(binary.LittleEndian.Uint16(b)))
	case onnxInt32:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	case onnxUint32:
		return int64(binary.LittleEndian.Uint32(b))
	case onnxInt64, onnxUint64:
		return int64(binary.LittleEndian.Uint64(b))
	}
	return int64(b[0])
}
