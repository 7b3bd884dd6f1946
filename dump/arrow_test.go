package dump

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/internal/needs"
)

func TestArrowRoundTrip(t *testing.T) {
	for _, zstd := range []bool{false, true} {
		for _, saturations := range []bool{false, true} {
			h := testHeader()
			frames := testFrames(h, []int{4, 0, 1, 7}, saturations, rand.New(rand.NewPCG(1, 2)))
			dir := filepath.Join(t.TempDir(), "trace")
			write(t, NewArrowSink(dir, ArrowOptions{Zstd: zstd, BatchBytes: 100}), h, frames)
			s, err := OpenArrow(dir)
			require.NoError(t, err)
			assert.Equal(t, h, s.Header())
			assert.Equal(t, frames, readAll(t, s))
			noLeftovers(t, filepath.Dir(dir), "trace")
		}
	}
}

func TestArrowRoundTripOfAnyTrace(t *testing.T) {
	parent := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		h := Header{Meta: rapid.MapOf(rapid.StringMatching("rnnsim\\.[a-z]+"), rapid.String()).Draw(t, "meta")}
		for i := range rapid.IntRange(1, 3).Draw(t, "cells") {
			cell := Cell{Graph: "cell_" + string(rune('a'+i)), Layer: rapid.IntRange(0, 9).Draw(t, "layer"), Backward: rapid.Bool().Draw(t, "backward")}
			for k := range rapid.IntRange(1, 4).Draw(t, "nodes") {
				node := Node{Name: "n" + string(rune('a'+k)), Label: "l", Op: "mul", Width: rapid.IntRange(1, 9).Draw(t, "width"), Bits: rapid.IntRange(1, 16).Draw(t, "bits"), Position: rapid.IntRange(-32, 31).Draw(t, "position")}
				if rapid.Bool().Draw(t, "float") {
					node.Float, node.Bits = true, 32
				}
				cell.Nodes = append(cell.Nodes, node)
			}
			h.Cells = append(h.Cells, cell)
		}
		lengths := rapid.SliceOfN(rapid.IntRange(0, 20), 0, 4).Draw(t, "lengths")
		frames := testFrames(h, lengths, rapid.Bool().Draw(t, "saturations"), rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)))
		dir := filepath.Join(parent, "trace")
		sink := NewArrowSink(dir, ArrowOptions{Zstd: rapid.Bool().Draw(t, "zstd"), BatchBytes: rapid.IntRange(1, 500).Draw(t, "batch"), Replace: true})
		require.NoError(t, sink.Begin(h))
		for _, f := range frames {
			require.NoError(t, sink.Write(f))
		}
		require.NoError(t, sink.Close())
		s, err := OpenArrow(dir)
		require.NoError(t, err)
		require.Equal(t, h, s.Header())
		got, err := drain(s)
		require.NoError(t, err)
		require.NoError(t, s.Close())
		require.Equal(t, frames, got)
	})
}

// The library's own reader finds the values, types and metadata that were written.
func TestArrowFilesAreReadByTheLibrary(t *testing.T) {
	h := testHeader()
	frames := testFrames(h, []int{5, 3}, true, rand.New(rand.NewPCG(3, 4)))
	dir := filepath.Join(t.TempDir(), "trace")
	write(t, NewArrowSink(dir, ArrowOptions{BatchBytes: 150}), h, frames)
	f, err := os.Open(filepath.Join(dir, h.Cells[1].Graph+".arrow"))
	require.NoError(t, err)
	defer f.Close()
	r, err := ipc.NewFileReader(f)
	require.NoError(t, err)
	schema := r.Schema()
	assert.Equal(t, "backward", value(schema.Metadata(), "direction"))
	assert.Equal(t, "test", value(schema.Metadata(), "rnnsim.version"))
	assert.Equal(t, "-2", value(schema.Field(5).Metadata, "fix_position"))
	assert.Equal(t, "w_ii * input_0 + bias_i", value(schema.Field(3).Metadata, "label"))
	row := 0
	var want []*Frame
	for _, frame := range frames {
		if frame.Cell == 1 {
			want = append(want, frame)
		}
	}
	require.Greater(t, r.NumRecords(), 2)
	for i := range r.NumRecords() {
		record, err := r.Record(i)
		require.NoError(t, err)
		for k := range int(record.NumRows()) {
			assert.EqualValues(t, want[row].Sequence, record.Column(0).(*array.Int32).Value(k))
			assert.EqualValues(t, want[row].Step, record.Column(1).(*array.Int32).Value(k))
			for n, node := range h.Cells[1].Nodes {
				list := record.Column(2 + n).(*array.FixedSizeList)
				values := list.ListValues().(*array.Int16).Int16Values()
				assert.Equal(t, want[row].Fixed[n], values[k*node.Width:(k+1)*node.Width])
			}
			counts := record.Column(6).(*array.FixedSizeList).ListValues().(*array.Int32).Int32Values()
			assert.Equal(t, want[row].Saturations, counts[4*k:4*k+4])
			row++
		}
	}
	assert.Equal(t, len(want), row)
}

func value(m arrow.Metadata, key string) string {
	v, _ := m.GetValue(key)
	return v
}

func TestArrowBytesAreTheSameEachTime(t *testing.T) {
	h := testHeader()
	var first []byte
	for i := range 5 {
		dir := filepath.Join(t.TempDir(), "trace")
		write(t, NewArrowSink(dir, ArrowOptions{}), h, testFrames(h, []int{5}, true, rand.New(rand.NewPCG(3, 4))))
		data, err := os.ReadFile(filepath.Join(dir, h.Cells[0].Graph+".arrow"))
		require.NoError(t, err)
		if i == 0 {
			first = data
		}
		require.True(t, bytes.Equal(first, data))
	}
}

func TestArrowSinkRefuses(t *testing.T) {
	h := testHeader()
	frame := randomFrame(h, 0, 0, 0, false, rand.New(rand.NewPCG(1, 1)))
	begin := func(change func(*Header)) error {
		h := testHeader()
		change(&h)
		return NewArrowSink(filepath.Join(t.TempDir(), "x"), ArrowOptions{}).Begin(h)
	}
	assert.ErrorContains(t, begin(func(h *Header) { h.Cells = nil }), "no cells")
	assert.ErrorContains(t, begin(func(h *Header) { h.Cells[0].Graph = "../x" }), "separator")
	assert.ErrorContains(t, begin(func(h *Header) { h.Cells[1].Graph = h.Cells[0].Graph }), "taken")
	assert.ErrorContains(t, begin(func(h *Header) { h.Cells[0].Nodes[1].Name = "step" }), "another column")
	assert.ErrorContains(t, begin(func(h *Header) { h.Cells[0].Nodes[1].Name = "h_next" }), "twice")
	assert.ErrorContains(t, begin(func(h *Header) { h.Cells[0].Nodes[1].Bits = 17 }), "bit width 17")
	assert.ErrorContains(t, begin(func(h *Header) { h.Meta = map[string]string{"graph": "x"} }), "the format's own")
	assert.ErrorContains(t, begin(func(h *Header) { h.Cells[0].Params[0].Values = nil }), "has 0 values")

	dir := filepath.Join(t.TempDir(), "trace")
	sink := NewArrowSink(dir, ArrowOptions{})
	require.NoError(t, sink.Begin(h))
	require.NoError(t, sink.Write(frame))
	assert.ErrorContains(t, sink.Write(frame), "comes after sequence 0, step 0")
	assert.ErrorContains(t, sink.Write(&Frame{Cell: 7}), "frame of cell 7")
	narrow := randomFrame(h, 1, 0, 0, false, rand.New(rand.NewPCG(1, 1)))
	narrow.Fixed[3] = narrow.Fixed[3][:2]
	assert.ErrorContains(t, sink.Write(narrow), `"h_next" of sequence 0, step 0 has 2 values, not 5`)
	assert.ErrorContains(t, sink.Write(randomFrame(h, 0, 0, 1, true, rand.New(rand.NewPCG(1, 1)))), "saturation counts")
	require.NoError(t, sink.Abort())
	noLeftovers(t, filepath.Dir(dir))
}

func TestFoldersThatExist(t *testing.T) {
	h := testHeader()
	frames := testFrames(h, []int{2}, false, rand.New(rand.NewPCG(1, 1)))
	dir := filepath.Join(t.TempDir(), "trace")
	write(t, NewArrowSink(dir, ArrowOptions{}), h, frames)
	assert.ErrorIs(t, NewArrowSink(dir, ArrowOptions{}).Begin(h), fs.ErrExist)
	write(t, NewArrowSink(dir, ArrowOptions{Replace: true}), h, frames[:1])
	s, err := OpenArrow(dir)
	require.NoError(t, err)
	assert.Len(t, readAll(t, s), 1)

	precious := filepath.Join(dir, "thesis.tex")
	require.NoError(t, os.WriteFile(precious, nil, 0o666))
	assert.ErrorContains(t, NewArrowSink(dir, ArrowOptions{Replace: true}).Begin(h), "thesis.tex is no file of a trace")
	noLeftovers(t, filepath.Dir(dir), "trace")

	// A folder that appears while the trace is written is not touched either.
	late := filepath.Join(t.TempDir(), "late")
	sink := NewArrowSink(late, ArrowOptions{})
	require.NoError(t, sink.Begin(h))
	require.NoError(t, os.Mkdir(late, 0o777))
	assert.ErrorIs(t, sink.Close(), fs.ErrExist)
	noLeftovers(t, filepath.Dir(late), "late")
}

// A file that cannot be written to fails the run and leaves nothing.
func TestArrowWriteError(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		needs.Lacking(t, "/dev/full")
	}
	h := testHeader()
	dir := filepath.Join(t.TempDir(), "trace")
	sink := NewArrowSink(dir, ArrowOptions{BatchBytes: 1})
	require.NoError(t, sink.Begin(h))
	sink.cells[0].path = "/dev/full"
	var err error
	for step := 0; err == nil && step < 100; step++ {
		err = sink.Write(randomFrame(h, 0, 0, step, false, rand.New(rand.NewPCG(1, 1))))
	}
	require.ErrorContains(t, err, "no space left")
	require.ErrorContains(t, sink.Close(), "no space left")
	noLeftovers(t, filepath.Dir(dir))
}

func TestArrowFramesAreCountedUnread(t *testing.T) {
	h := testHeader()
	for _, options := range []ArrowOptions{{}, {Zstd: true, BatchBytes: 200}} {
		frames := testFrames(h, []int{5, 40, 1}, true, rand.New(rand.NewPCG(1, 2)))
		path := filepath.Join(t.TempDir(), "trace")
		write(t, NewArrowSink(path, options), h, frames)
		s, err := OpenArrow(path)
		require.NoError(t, err)
		count, err := s.Frames()
		require.NoError(t, err)
		assert.Equal(t, len(frames), count)
		assert.Equal(t, frames, readAll(t, s))
	}
}
