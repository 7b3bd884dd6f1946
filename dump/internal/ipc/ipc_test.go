package ipc

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type seekBuffer struct{ bytes.Buffer }

func (b *seekBuffer) Seek(int64, int) (int64, error) { return int64(b.Len()), nil }

// library writes a file of two batches with the Arrow library: x = int64 10 to 14, then 20; y = lists of three float32.
func library(t testing.TB, options ...ipc.Option) []byte {
	metadata := arrow.NewMetadata([]string{"k"}, []string{"v"})
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "x", Type: arrow.PrimitiveTypes.Int64},
		{Name: "y", Type: arrow.FixedSizeListOf(3, arrow.PrimitiveTypes.Float32), Nullable: true, Metadata: metadata},
	}, &metadata)
	var file seekBuffer
	w, err := ipc.NewFileWriter(&file, append(options, ipc.WithSchema(schema))...)
	require.NoError(t, err)
	for _, rows := range []string{
		`[{"x":10,"y":[1,2,3]},{"x":11,"y":[4,5,6]},{"x":12,"y":[7,8,9]},{"x":13,"y":[0,0,0]},{"x":14,"y":[0.5,-1,2]}]`, `[{"x":20,"y":[1,1,1]}]`,
	} {
		record, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, bytes.NewReader([]byte(rows)))
		require.NoError(t, err)
		require.NoError(t, w.Write(record))
	}
	require.NoError(t, w.Close())
	return file.Bytes()
}

func TestWindows(t *testing.T) {
	for name, options := range map[string][]ipc.Option{"plain": nil, "zstd": {ipc.WithZstd()}, "lz4": {ipc.WithLZ4()}, "mixed": {ipc.WithZstd(), ipc.WithMinSpaceSavings(0.9)}} {
		t.Run(name, func(t *testing.T) {
			data := library(t, options...)
			f, err := Open(bytes.NewReader(data), int64(len(data)))
			require.NoError(t, err)
			assert.Equal(t, map[string]string{"k": "v"}, f.Schema.Metadata)
			assert.Equal(t, []Column{{Name: "x", Kind: Int64, Metadata: map[string]string{}}, {Name: "y", Kind: Float32, List: 3, Metadata: map[string]string{"k": "v"}}}, f.Schema.Columns)
			require.Equal(t, 2, f.Batches())
			b, err := f.Batch(0)
			require.NoError(t, err)
			assert.EqualValues(t, 5, b.Rows)
			assert.Equal(t, name != "plain", b.Compressed())
			for first := range int64(6) {
				for n := range 6 - first {
					raw, err := b.Window(0, first, n, make([]byte, 16))
					require.NoError(t, err)
					require.Len(t, raw, int(8*n))
					for i := range n {
						assert.Equal(t, uint64(10+first+i), binary.LittleEndian.Uint64(raw[8*i:]))
					}
				}
			}
			raw, err := b.Window(1, 4, 1, nil)
			require.NoError(t, err)
			assert.Equal(t, []float32{0.5, -1, 2}, arrow.Float32Traits.CastFromBytes(raw))
			for _, outside := range [][2]int64{{-1, 1}, {0, 6}, {5, 1}, {0, -1}, {1 << 62, 1 << 62}} {
				_, err = b.Window(0, outside[0], outside[1], nil)
				assert.ErrorContains(t, err, "are not all among 5")
			}
		})
	}
}

// Elements that lead to each other over and over cost no more than the bytes that are there.
func TestOverlappingElements(t *testing.T) {
	b := newBuffer(make([]byte, 64))
	for range 65 {
		b.int32(0)
	}
	assert.ErrorContains(t, b.err, "overlap")
	assert.Zero(t, b.int32(0))
}

// A file that cannot be read fails by name, wherever the reading stops.
func TestReadErrors(t *testing.T) {
	data := library(t)
	for _, end := range []int{0, 5, 100, len(data) / 2} {
		f, err := Open(bytes.NewReader(data[:end]), int64(len(data)))
		if err == nil {
			_, err = f.Batch(0)
		}
		assert.ErrorContains(t, err, "at byte")
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(library(f))
	f.Add(library(f, ipc.WithZstd()))
	f.Add(library(f, ipc.WithLZ4()))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for i := range min(file.Batches(), 100) {
			b, err := file.Batch(i)
			if err != nil {
				continue
			}
			for column, c := range file.Schema.Columns {
				raw, err := b.Window(column, 0, b.Rows, nil)
				if err == nil {
					require.EqualValues(t, b.Rows*c.Stride(), len(raw))
				}
			}
		}
	})
}
