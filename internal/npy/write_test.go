package npy

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestWriteReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 4).Draw(t, "shape")
		n, err := count(shape)
		require.NoError(t, err)
		data := rapid.OneOf(
			listOf[bool](rapid.Bool(), n), listOf[int8](rapid.Int8(), n), listOf[int16](rapid.Int16(), n),
			listOf[int32](rapid.Int32(), n), listOf[int64](rapid.Int64(), n), listOf[uint8](rapid.Uint8(), n),
			listOf[uint16](rapid.Uint16(), n), listOf[uint32](rapid.Uint32(), n), listOf[uint64](rapid.Uint64(), n),
			listOf[float32](rapid.Float32(), n), listOf[float64](rapid.Float64(), n),
		).Draw(t, "data")
		a := &Array{Shape: append([]int{}, shape...), Data: data}
		var file bytes.Buffer
		require.NoError(t, Write(&file, a))
		back, err := Read(bytes.NewReader(file.Bytes()), int64(file.Len()))
		require.NoError(t, err)
		require.Equal(t, a, back)
	})
}

func listOf[T Element](g *rapid.Generator[T], n int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any { return rapid.SliceOfN(g, n, n).Draw(t, "values") })
}

func TestWriteInManyChunks(t *testing.T) {
	data := make([]int16, 3*chunkBytes+5)
	for i := range data {
		data[i] = int16(i * 7)
	}
	a, err := New(data, len(data))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "long.npy")
	require.NoError(t, WriteFile(path, a))
	back, err := ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, a, back)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, int64(128+2*len(data)), info.Size(), "values start at a multiple of 64")
}

func TestWriteRefuses(t *testing.T) {
	for name, a := range map[string]*Array{
		"no type":          {Shape: []int{1}, Data: []string{"x"}},
		"no data":          {Shape: []int{1}},
		"too few":          {Shape: []int{2, 2}, Data: []int8{1, 2, 3}},
		"negative":         {Shape: []int{-1}, Data: []int8{}},
		"65 dimensions":    {Shape: bytesToInts(bytes.Repeat([]byte{1}, 65)), Data: []int8{1}},
		"overflow":         {Shape: []int{math.MaxInt, 2}, Data: []int8{1}},
		"empty, huge rows": {Shape: []int{math.MaxInt, 0}, Data: []int8{}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "out.npy")
			require.Error(t, WriteFile(path, a))
			assert.NoFileExists(t, path)
		})
	}
	_, err := New([]int8{1}, 2)
	require.ErrorContains(t, err, "wants 2 values, there are 1")
}

func bytesToInts(b []byte) []int {
	out := make([]int, len(b))
	for i, v := range b {
		out[i] = int(v)
	}
	return out
}
