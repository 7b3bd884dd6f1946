package xmodel

import (
	"fmt"

	"rnnsim/xmodel/internal/xir"
)

// attrOf gives an attribute the dynamic type that Attrs promises. Slices and maps are never nil, so that an empty vector and
// an attribute without a value stay apart.
func attrOf(m *xir.AttrValue) (any, error) {
	switch v := m.GetValue().(type) {
	case nil:
		return nil, nil
	case *xir.AttrValue_BoolValue:
		return v.BoolValue, nil
	case *xir.AttrValue_Int32Value:
		return v.Int32Value, nil
	case *xir.AttrValue_Uint32Value:
		return v.Uint32Value, nil
	case *xir.AttrValue_Int64Value:
		return v.Int64Value, nil
	case *xir.AttrValue_Uint64Value:
		return v.Uint64Value, nil
	case *xir.AttrValue_FloatValue:
		return v.FloatValue, nil
	case *xir.AttrValue_DoubleValue:
		return v.DoubleValue, nil
	case *xir.AttrValue_StringValue:
		return v.StringValue, nil
	case *xir.AttrValue_BytesValue:
		return full(v.BytesValue.GetValue()), nil
	case *xir.AttrValue_BoolVecValue:
		return full(v.BoolVecValue.GetValue()), nil
	case *xir.AttrValue_Int32VecValue:
		return full(v.Int32VecValue.GetValue()), nil
	case *xir.AttrValue_Uint32VecValue:
		return full(v.Uint32VecValue.GetValue()), nil
	case *xir.AttrValue_Int64VecValue:
		return full(v.Int64VecValue.GetValue()), nil
	case *xir.AttrValue_Uint64VecValue:
		return full(v.Uint64VecValue.GetValue()), nil
	case *xir.AttrValue_FloatVecValue:
		return full(v.FloatVecValue.GetValue()), nil
	case *xir.AttrValue_DoubleVecValue:
		return full(v.DoubleVecValue.GetValue()), nil
	case *xir.AttrValue_StringVecValue:
		return full(v.StringVecValue.GetValue()), nil
	case *xir.AttrValue_BytesVecValue:
		return full(v.BytesVecValue.GetValue()), nil
	case *xir.AttrValue_MapInt32Value:
		return fullMap(v.MapInt32Value.GetValue()), nil
	case *xir.AttrValue_MapUint32Value:
		return fullMap(v.MapUint32Value.GetValue()), nil
	case *xir.AttrValue_MapInt64Value:
		return fullMap(v.MapInt64Value.GetValue()), nil
	case *xir.AttrValue_MapUint64Value:
		return fullMap(v.MapUint64Value.GetValue()), nil
	case *xir.AttrValue_MapStringValue:
		return fullMap(v.MapStringValue.GetValue()), nil
	case *xir.AttrValue_MapBytesValue:
		return unwrap[*xir.Bytes, byte](v.MapBytesValue.GetValue()), nil
	case *xir.AttrValue_MapInt32VecValue:
		return unwrap[*xir.Int32Vec, int32](v.MapInt32VecValue.GetValue()), nil
	case *xir.AttrValue_MapUint32VecValue:
		return unwrap[*xir.Uint32Vec, uint32](v.MapUint32VecValue.GetValue()), nil
	case *xir.AttrValue_MapInt64VecValue:
		return unwrap[*xir.Int64Vec, int64](v.MapInt64VecValue.GetValue()), nil
	case *xir.AttrValue_MapUint64VecValue:
		return unwrap[*xir.Uint64Vec, uint64](v.MapUint64VecValue.GetValue()), nil
	case *xir.AttrValue_MapStringVecValue:
		return unwrap[*xir.StringVec, string](v.MapStringVecValue.GetValue()), nil
	}
	return nil, fmt.Errorf("a value of kind %T, which is not one of XIR's", m.GetValue())
}

func full[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func fullMap[T any](m map[string]T) map[string]T {
	if m == nil {
		return map[string]T{}
	}
	return m
}

func unwrap[W interface{ GetValue() []T }, T any](m map[string]W) map[string][]T {
	out := make(map[string][]T, len(m))
	for key, w := range m {
		out[key] = full(w.GetValue())
	}
	return out
}

// messageOf is the inverse of attrOf.
func messageOf(value any) (*xir.AttrValue, error) {
	m := new(xir.AttrValue)
	switch v := value.(type) {
	case nil:
	case bool:
		m.Value = &xir.AttrValue_BoolValue{BoolValue: v}
	case int32:
		m.Value = &xir.AttrValue_Int32Value{Int32Value: v}
	case uint32:
		m.Value = &xir.AttrValue_Uint32Value{Uint32Value: v}
	case int64:
		m.Value = &xir.AttrValue_Int64Value{Int64Value: v}
	case uint64:
		m.Value = &xir.AttrValue_Uint64Value{Uint64Value: v}
	case float32:
		m.Value = &xir.AttrValue_FloatValue{FloatValue: v}
	case float64:
		m.Value = &xir.AttrValue_DoubleValue{DoubleValue: v}
	case string:
		m.Value = &xir.AttrValue_StringValue{StringValue: v}
	case []byte:
		m.Value = &xir.AttrValue_BytesValue{BytesValue: &xir.Bytes{Value: v}}
	case []bool:
		m.Value = &xir.AttrValue_BoolVecValue{BoolVecValue: &xir.BoolVec{Value: v}}
	case []int32:
		m.Value = &xir.AttrValue_Int32VecValue{Int32VecValue: &xir.Int32Vec{Value: v}}
	case []uint32:
		m.Value = &xir.AttrValue_Uint32VecValue{Uint32VecValue: &xir.Uint32Vec{Value: v}}
	case []int64:
		m.Value = &xir.AttrValue_Int64VecValue{Int64VecValue: &xir.Int64Vec{Value: v}}
	case []uint64:
		m.Value = &xir.AttrValue_Uint64VecValue{Uint64VecValue: &xir.Uint64Vec{Value: v}}
	case []float32:
		m.Value = &xir.AttrValue_FloatVecValue{FloatVecValue: &xir.FloatVec{Value: v}}
	case []float64:
		m.Value = &xir.AttrValue_DoubleVecValue{DoubleVecValue: &xir.DoubleVec{Value: v}}
	case []string:
		m.Value = &xir.AttrValue_StringVecValue{StringVecValue: &xir.StringVec{Value: v}}
	case [][]byte:
		m.Value = &xir.AttrValue_BytesVecValue{BytesVecValue: &xir.BytesVec{Value: v}}
	default:
		return mapMessageOf(value)
	}
	return m, nil
}

func mapMessageOf(value any) (*xir.AttrValue, error) {
	m := new(xir.AttrValue)
	switch v := value.(type) {
	case map[string]int32:
		m.Value = &xir.AttrValue_MapInt32Value{MapInt32Value: &xir.MapInt32{Value: v}}
	case map[string]uint32:
		m.Value = &xir.AttrValue_MapUint32Value{MapUint32Value: &xir.MapUint32{Value: v}}
	case map[string]int64:
		m.Value = &xir.AttrValue_MapInt64Value{MapInt64Value: &xir.MapInt64{Value: v}}
	case map[string]uint64:
		m.Value = &xir.AttrValue_MapUint64Value{MapUint64Value: &xir.MapUint64{Value: v}}
	case map[string]string:
		m.Value = &xir.AttrValue_MapStringValue{MapStringValue: &xir.MapString{Value: v}}
	case map[string][]byte:
		w := wrap(v, func(s []byte) *xir.Bytes { return &xir.Bytes{Value: s} })
		m.Value = &xir.AttrValue_MapBytesValue{MapBytesValue: &xir.MapBytes{Value: w}}
	case map[string][]int32:
		w := wrap(v, func(s []int32) *xir.Int32Vec { return &xir.Int32Vec{Value: s} })
		m.Value = &xir.AttrValue_MapInt32VecValue{MapInt32VecValue: &xir.MapInt32Vec{Value: w}}
	case map[string][]uint32:
		w := wrap(v, func(s []uint32) *xir.Uint32Vec { return &xir.Uint32Vec{Value: s} })
		m.Value = &xir.AttrValue_MapUint32VecValue{MapUint32VecValue: &xir.MapUint32Vec{Value: w}}
	case map[string][]int64:
		w := wrap(v, func(s []int64) *xir.Int64Vec { return &xir.Int64Vec{Value: s} })
		m.Value = &xir.AttrValue_MapInt64VecValue{MapInt64VecValue: &xir.MapInt64Vec{Value: w}}
	case map[string][]uint64:
		w := wrap(v, func(s []uint64) *xir.Uint64Vec { return &xir.Uint64Vec{Value: s} })
		m.Value = &xir.AttrValue_MapUint64VecValue{MapUint64VecValue: &xir.MapUint64Vec{Value: w}}
	case map[string][]string:
		w := wrap(v, func(s []string) *xir.StringVec { return &xir.StringVec{Value: s} })
		m.Value = &xir.AttrValue_MapStringVecValue{MapStringVecValue: &xir.MapStringVec{Value: w}}
	default:
		return nil, fmt.Errorf("a %T is not one of XIR's kinds", value)
	}
	return m, nil
}

func wrap[W, T any](m map[string][]T, of func([]T) W) map[string]W {
	out := make(map[string]W, len(m))
	for key, s := range m {
		out[key] = of(s)
	}
	return out
}
