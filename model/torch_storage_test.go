package model

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/internal/pickle"
)

// storageOf holds 0, 1, 2, … as float32 in that byte order.
func storageOf(count int, order binary.ByteOrder) *torchStorage {
	raw := make([]byte, 4*count)
	for i := range count {
		order.PutUint32(raw[4*i:], math.Float32bits(float32(i)))
	}
	return &torchStorage{
		key: "0", kind: float32Kind, count: int64(count), order: order, use: &storageUse{},
		read: func() ([]byte, error) { return raw, nil },
	}
}

// A view's value at an index is the storage's at offset + Σ index × stride; a view is refused just when one of these lies outside.
func TestViewsOfStorages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(0, 60).Draw(t, "count")
		shape := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 4).Draw(t, "shape")
		strides := rapid.SliceOfN(rapid.Int64Range(0, 12), len(shape), len(shape)).Draw(t, "strides")
		offset := rapid.Int64Range(0, 20).Draw(t, "offset")
		order := rapid.SampledFrom([]binary.ByteOrder{binary.LittleEndian, binary.BigEndian}).Draw(t, "order")

		want := []float32{}
		outside := false
		var walk func(dimension int, at int64)
		walk = func(dimension int, at int64) {
			if dimension == len(shape) {
				want = append(want, float32(at))
				outside = outside || at >= int64(count)
				return
			}
			for i := range shape[dimension] {
				walk(dimension+1, at+int64(i)*strides[dimension])
			}
		}
		walk(0, offset)

		s := storageOf(count, order)
		tensor, err := newTorchTensor(storageView{storage: s, count: s.count}, s.kind, offset, shape, strides)
		require.Equal(t, outside, err != nil, "%v", err)
		if err != nil {
			return
		}
		got, err := tensor.values()
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

// Files of PyTorch before version 0.4 have views of storages, and tensors of _rebuild_tensor in them.
func TestViewsOfStorageViews(t *testing.T) {
	r := newTorchReader(binary.LittleEndian, func(string) func() ([]byte, error) { return storageOf(10, binary.LittleEndian).read })
	view, err := r.persistent(pickle.Tuple{"storage", pickle.Global{Module: "torch", Name: "FloatStorage"}, "7", "cpu", int64(10),
		pickle.Tuple{"8", int64(4), int64(5)}})
	require.NoError(t, err)
	value, known, err := r.call(pickle.Global{Module: "torch._utils", Name: "_rebuild_tensor"},
		pickle.Tuple{view, int64(1), pickle.Tuple{int64(2), int64(2)}, &pickle.List{Items: []any{int64(1), int64(2)}}})
	require.True(t, known)
	require.NoError(t, err)
	got, err := value.(*torchTensor).values()
	require.NoError(t, err)
	assert.Equal(t, []float32{5, 7, 6, 8}, got)

	_, _, err = r.call(pickle.Global{Module: "torch._utils", Name: "_rebuild_tensor"},
		pickle.Tuple{view, int64(2), pickle.Tuple{int64(2), int64(2)}, pickle.Tuple{int64(1), int64(2)}})
	require.ErrorContains(t, err, "lies outside its storage of 5 values")
}

// Newer versions of PyTorch write the type beside an untyped storage, whose count is in bytes.
func TestUntypedStorages(t *testing.T) {
	r := newTorchReader(binary.BigEndian, func(string) func() ([]byte, error) { return storageOf(4, binary.BigEndian).read })
	view, err := r.persistent(pickle.Tuple{"storage", pickle.Global{Module: "torch.storage", Name: "UntypedStorage"}, "0", "cpu", int64(16)})
	require.NoError(t, err)
	rebuild := func(count int64, kind string) (any, error) {
		value, known, err := r.call(pickle.Global{Module: "torch._utils", Name: "_rebuild_tensor_v3"}, pickle.Tuple{
			view, int64(1), pickle.Tuple{count}, pickle.Tuple{int64(1)}, false, &pickle.Dict{}, pickle.Global{Module: "torch", Name: kind}})
		require.True(t, known)
		return value, err
	}
	value, err := rebuild(3, "float32")
	require.NoError(t, err)
	got, err := value.(*torchTensor).values()
	require.NoError(t, err)
	assert.Equal(t, []float32{1, 2, 3}, got)
	_, err = rebuild(4, "float32")
	require.ErrorContains(t, err, "lies outside its storage of 4 values")
	_, err = rebuild(3, "float4")
	require.ErrorContains(t, err, "torch.float4 is not known")
	value, err = rebuild(3, "int32")
	require.NoError(t, err)
	_, err = value.(*torchTensor).values()
	require.ErrorContains(t, err, "it holds int32")
}

func TestTensorsOfSubclasses(t *testing.T) {
	r := newTorchReader(binary.LittleEndian, func(string) func() ([]byte, error) { return storageOf(2, binary.LittleEndian).read })
	view, err := r.persistent(pickle.Tuple{"storage", pickle.Global{Module: "torch", Name: "FloatStorage"}, "0", "cpu", int64(2)})
	require.NoError(t, err)
	rebuild := pickle.Global{Module: "torch._utils", Name: "_rebuild_tensor_v2"}
	args := pickle.Tuple{view, int64(0), pickle.Tuple{int64(2)}, pickle.Tuple{int64(1)}, false, &pickle.Dict{}}
	subclass := pickle.Global{Module: "torch._tensor", Name: "_rebuild_from_type_v2"}
	value, known, err := r.call(subclass, pickle.Tuple{rebuild, pickle.Global{Module: "shop", Name: "Tensor"}, args, nil})
	require.True(t, known)
	require.NoError(t, err)
	assert.Equal(t, []int{2}, value.(*torchTensor).shape)

	_, known, err = r.call(subclass, pickle.Tuple{pickle.Global{Module: "os", Name: "system"}, nil, pickle.Tuple{"echo"}, nil})
	require.True(t, known)
	require.ErrorContains(t, err, "calls os.system, which is refused")
}
