package dump

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	aipc "github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/dump/internal/ipc"
)

// smallFile is the Arrow file of a small trace.
func smallFile(t testing.TB, zstd bool) []byte {
	h := testHeader()
	dir := filepath.Join(t.TempDir(), "trace")
	write(t, NewArrowSink(dir, ArrowOptions{Zstd: zstd, BatchBytes: 150}), h, testFrames(h, []int{4, 3}, true, rand.New(rand.NewPCG(5, 6))))
	data, err := os.ReadFile(filepath.Join(dir, h.Cells[0].Graph+".arrow"))
	require.NoError(t, err)
	return data
}

// readBytes reads a file that lies in memory, to its end or its first error.
func readBytes(data []byte) ([]*Frame, error) {
	source, err := openBytes(data)
	if err != nil {
		return nil, err
	}
	return drain(source)
}

func openBytes(data []byte) (*ArrowSource, error) {
	file, err := ipc.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	reader, _, err := newArrowReader("trace", file)
	if err != nil {
		return nil, err
	}
	return &ArrowSource{cells: []*arrowReader{reader}, header: Header{Cells: []Cell{reader.cell}}, sequence: -1}, nil
}

func FuzzArrow(f *testing.F) {
	f.Add(smallFile(f, false))
	f.Add(smallFile(f, true))
	f.Add([]byte("ARROW1\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		frames, err := readBytes(data)
		if err == nil {
			for _, frame := range frames {
				require.NotEmpty(t, frame.Fixed)
			}
		}
		source, opening := openBytes(data)
		if opening != nil || !Seekable(source) {
			return
		}
		rest, seeking := RestOf(source)
		if seeking != nil {
			require.Error(t, err, "what cannot be indexed cannot be read")
			return
		}
		var again []*Frame
		if again, seeking = drainRest(rest, 0); seeking == nil && err == nil {
			require.ElementsMatch(t, frames, again)
		}
	})
}

// A damaged file gives frames or an error, in memory of the order of the file, whatever length was hit.
func TestArrowDamagedFiles(t *testing.T) {
	rounds := 6000
	if testing.Short() {
		rounds = 500
	}
	random := rand.New(rand.NewPCG(7, 8))
	extremes := []uint64{0, 1, 0x7f, 0xff, 1 << 15, 1 << 28, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 40, 1 << 60, 1<<63 - 1, 1 << 63, 1<<64 - 1}
	for _, zstd := range []bool{false, true} {
		whole := smallFile(t, zstd)
		failed := 0
		for range rounds {
			data := bytes.Clone(whole)
			for range 1 + random.IntN(3) {
				at := random.IntN(len(data) - 8)
				switch random.IntN(4) {
				case 0:
					data[at] ^= 1 << random.IntN(8)
				case 1:
					binary.LittleEndian.PutUint32(data[at&^3:], uint32(extremes[random.IntN(len(extremes))]))
				case 2:
					binary.LittleEndian.PutUint64(data[at&^7:], extremes[random.IntN(len(extremes))])
				case 3:
					data = data[:max(9, len(data)-random.IntN(200))]
				}
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := readBytes(data)
			runtime.ReadMemStats(&after)
			// A zstd frame may ask for its window, within bounds, whatever comes out of it.
			limit := uint64(2 << 20)
			if zstd {
				limit = 64 << 20
			}
			require.Less(t, after.TotalAlloc-before.TotalAlloc, limit)
			if err != nil {
				failed++
			}
		}
		assert.Greater(t, failed, rounds/4)
	}
}

func TestArrowCutOff(t *testing.T) {
	whole := smallFile(t, false)
	for n := range whole {
		_, err := readBytes(whole[:n])
		require.ErrorIs(t, err, ipc.ErrFormat, "cut to %d bytes", n)
	}
}

// What another program writes is read or refused by name.
func TestArrowForeignFiles(t *testing.T) {
	about := arrow.NewMetadata([]string{"cell", "direction", "format_version", "graph", "layer"}, []string{"0", "forward", "1", "g", "0"})
	format := arrow.NewMetadata([]string{"bit_width", "fix_position"}, []string{"16", "12"})
	write := func(fields []arrow.Field, json string, about *arrow.Metadata, options ...aipc.Option) error {
		schema := arrow.NewSchema(fields, about)
		record, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, bytes.NewReader([]byte(json)))
		require.NoError(t, err)
		var file bytes.Buffer
		w, err := aipc.NewFileWriter(&seekBuffer{&file}, append(options, aipc.WithSchema(schema))...)
		require.NoError(t, err)
		require.NoError(t, w.Write(record))
		require.NoError(t, w.Close())
		frames, err := readBytes(file.Bytes())
		if err == nil {
			assert.Equal(t, []int16{1, 2}, frames[0].Fixed[0])
			assert.Equal(t, []int16{3, 4}, frames[1].Fixed[0])
		}
		return err
	}
	column := func(name string, t arrow.DataType) arrow.Field {
		return arrow.Field{Name: name, Type: t, Nullable: true, Metadata: format}
	}
	list := arrow.FixedSizeListOf(2, arrow.PrimitiveTypes.Int16)
	step, sequence, h := column("step", arrow.PrimitiveTypes.Int64), column("sequence", arrow.PrimitiveTypes.Int64), column("h", list)
	const two = `[{"sequence":0,"step":0,"h":[1,2]},{"sequence":0,"step":1,"h":[3,4]}]`
	good := []arrow.Field{step, sequence, h}
	assert.NoError(t, write(good, two, &about))
	assert.NoError(t, write(good, two, &about, aipc.WithLZ4()))
	assert.NoError(t, write(good, two, &about, aipc.WithZstd()))
	assert.ErrorContains(t, write(good, two, nil), "it is no trace")
	assert.ErrorContains(t, write(good[1:], two, &about), `no column "step"`)
	assert.ErrorContains(t, write(good, `[{"sequence":0,"step":0,"h":null}]`, &about), "nulls")
	assert.ErrorContains(t, write(good, `[{"sequence":0,"step":0,"h":[1,null]}]`, &about), "nulls")
	assert.NoError(t, write(good, `[{"sequence":1,"step":0,"h":[1,2]},{"sequence":0,"step":0,"h":[3,4]}]`, &about))
	assert.ErrorContains(t, write(good, `[{"sequence":1,"step":1,"h":[1,2]},{"sequence":1,"step":0,"h":[1,2]}]`, &about), "batch 0, row 1: sequence 1, step 0 comes after sequence 1, step 1: the steps of a sequence must ascend")
	const pieces = `[{"sequence":1,"step":0,"h":[1,2]},{"sequence":0,"step":0,"h":[1,2]},{"sequence":1,"step":1,"h":[1,2]}]`
	assert.ErrorContains(t, write(good, pieces, &about), "batch 0, row 2: sequence 1, step 1 comes after sequence 0, step 0, and other frames of sequence 1 before that")
	assert.ErrorContains(t, write(good, `[{"sequence":-1,"step":0,"h":[1,2]}]`, &about), "sequence -1")
	h.Metadata = arrow.Metadata{}
	assert.ErrorContains(t, write([]arrow.Field{step, sequence, h}, two, &about), `column "h": its metadata have bit_width ""`)
	for _, bad := range []arrow.DataType{arrow.PrimitiveTypes.Uint16, arrow.PrimitiveTypes.Float64, arrow.ListOf(arrow.PrimitiveTypes.Int16), arrow.PrimitiveTypes.Int16, arrow.BinaryTypes.String} {
		assert.Error(t, write([]arrow.Field{step, sequence, column("x", bad)}, `[]`, &about), bad)
	}
	dictionary := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.PrimitiveTypes.Int32}
	assert.ErrorContains(t, write([]arrow.Field{column("step", dictionary), sequence, h}, `[]`, &about), "dictionary-encoded")
}

// seekBuffer lets the library ask where it is.
type seekBuffer struct{ *bytes.Buffer }

func (b *seekBuffer) Seek(int64, int) (int64, error) { return int64(b.Len()), nil }

func TestOpenArrowRefuses(t *testing.T) {
	dir := t.TempDir()
	_, err := OpenArrow(filepath.Join(dir, "missing"))
	assert.ErrorContains(t, err, "missing")
	_, err = OpenArrow(dir)
	assert.ErrorContains(t, err, "no .arrow files")
	data := smallFile(t, false)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.arrow"), data, 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b.arrow"), data, 0o666))
	_, err = OpenArrow(dir)
	assert.ErrorContains(t, err, "are both of graph")
	require.NoError(t, os.Remove(filepath.Join(dir, "b.arrow")))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "c.arrow"), 0o777))
	_, err = OpenArrow(dir)
	assert.ErrorContains(t, err, "c.arrow: it is no regular file")
}
