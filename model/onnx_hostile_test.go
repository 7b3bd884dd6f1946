package model

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"rnnsim/model/internal/onnxpb"
)

func TestONNXBadGraphs(t *testing.T) {
	for name, c := range map[string]struct {
		graph *onnxTest
		want  string
	}{
		"no node": {newONNXTest().input("x", onnxFloat, 1), "the graph has no node"},
		"dangling": {oneLSTM().change(func(b *onnxTest) { b.last().Input[0] = "y" }),
			`op LSTM (node "lstm") reads "y", which nothing in the graph yields`},
		"cycle": {oneLSTM().node("Relu", "a", []string{"two"}, []string{"one"}).node("Relu", "b", []string{"one"}, []string{"two"}),
			`op Relu (node "a") reads "two" of op Relu (node "b"), which comes after it: the graph has a cycle or is not sorted`},
		"itself":           {oneLSTM().node("Relu", "a", []string{"one"}, []string{"one"}), "the graph has a cycle"},
		"two nodes":        {oneLSTM().node("Relu", "a", []string{"x"}, []string{"lstm.y"}), `op LSTM (node "lstm") and op Relu (node "a") both yield "lstm.y"`},
		"node and weight":  {oneLSTM().node("Relu", "", []string{"x"}, []string{"lstm.W"}), `op Relu (the node that yields "lstm.W") yields "lstm.W", which is an initializer as well`},
		"two initializers": {oneLSTM().floats("lstm.W", []int64{1}), `two initializers are named "lstm.W"`},
		"two inputs":       {oneLSTM().input("x", onnxFloat, 1), `two inputs are named "x"`},
		"nameless":         {oneLSTM().floats("", []int64{1}), "initializer 3 has no name"},
		"no output":        {oneLSTM().output("z"), `the graph's output "z" is yielded by nothing in it`},
		"two attributes":   {oneLSTM().change(func(b *onnxTest) { b.last().Attribute = append(b.last().Attribute, anInt("clip", 1), anInt("clip", 1)) }), `two attributes "clip"`},
		"short data":       {oneLSTM().change(func(b *onnxTest) { w := b.tensor("lstm.W"); w.RawData = w.RawData[1:] }), `initializer "lstm.W": FLOAT of shape [1 12 2] takes 96 bytes, raw_data has 95`},
		"few values": {oneLSTM().change(func(b *onnxTest) {
			w := b.tensor("lstm.W")
			w.RawData, w.FloatData = nil, []float32{1}
		}), `FLOAT of shape [1 12 2] has 24 values, float_data holds 1`},
		"huge shape":         {oneLSTM().change(func(b *onnxTest) { b.tensor("lstm.W").Dims = []int64{1 << 30, 1 << 30, 1 << 30} }), "is too large"},
		"negative dimension": {oneLSTM().change(func(b *onnxTest) { b.tensor("lstm.W").Dims[0] = -1 }), "dimension 0 is -1"},
		"many dimensions":    {oneLSTM().change(func(b *onnxTest) { b.tensor("lstm.W").Dims = make([]int64, 99) }), "99 dimensions"},
		"strings":            {oneLSTM().change(func(b *onnxTest) { b.tensor("lstm.W").DataType = 8 }), "it holds STRING"},
		"unknown type":       {oneLSTM().change(func(b *onnxTest) { b.tensor("lstm.W").DataType = 99 }), "it holds type 99"},
		"huge input":         {newONNXTest().input("x", onnxFloat, 1<<40, 1, 2).recurrent("LSTM", "lstm", "x", 2), "dimension 0 is 1099511627776"},
		"large input":        {newONNXTest().input("x", onnxFloat, 1<<20, 1<<20, 2).recurrent("LSTM", "lstm", "x", 2), "export it with a batch of 1"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "model.onnx")
			require.NoError(t, os.WriteFile(path, c.graph.output("lstm.y").bytes(t), 0o644))
			_, err := Read(path, ReadOptions{})
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, path)
		})
	}
}

// TestONNXCutShort holds that every beginning of a file is refused.
func TestONNXCutShort(t *testing.T) {
	whole := oneLSTM().output("lstm.y").bytes(t)
	for n := range whole {
		_, err := readBytes(t, whole[:n], ReadOptions{})
		require.Error(t, err, "%d of %d bytes", n, len(whole))
	}
	_, err := readBytes(t, whole, ReadOptions{})
	require.NoError(t, err)
	_, err = readBytes(t, whole[:len(whole)/2], ReadOptions{})
	require.ErrorContains(t, err, "ONNX: field 7 at byte 2 says it is")
	require.ErrorContains(t, err, "the file is cut short or damaged")
}

// TestONNXEveryByte changes every byte of small files in some ways: none may do more harm than an error.
func TestONNXEveryByte(t *testing.T) {
	names, step := []string{"hand-lstm-lengths", "torch-late-step"}, 1
	if testing.Short() {
		step = 11
	}
	for _, name := range names {
		data := content(t, "onnx/"+name+".onnx")
		for i := 0; i < len(data); i += step {
			for _, by := range []byte{0x00, 0x7f, 0xff, data[i] + 1} {
				changed := bytes.Clone(data)
				changed[i] = by
				network, err := readBytes(t, changed, ReadOptions{})
				if err == nil {
					require.NoError(t, network.Validate())
				}
			}
		}
	}
}

// TestONNXTakesLittle holds files that ask for much to a second and 64 MB beyond their size.
func TestONNXTakesLittle(t *testing.T) {
	graph := func(fields []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag([]byte{0x08, 0x08, 0x42, 0x02, 0x10, 0x0e}, onnxModelGraph, protowire.BytesType), fields)
	}
	manyNodes := bytes.Repeat([]byte{onnxGraphNode<<3 | 2, 0}, 4<<20)
	manyNames := protowire.AppendBytes([]byte{onnxGraphNode<<3 | 2}, bytes.Repeat([]byte{1<<3 | 2, 0}, 4<<20))
	manyNumbers := protowire.AppendBytes([]byte{onnxGraphInitializer<<3 | 2}, protowire.AppendBytes([]byte{7<<3 | 2}, make([]byte, 16<<20)))
	growing := newONNXTest().input("x", onnxFloat, 0, 0, 2).ints("twice", 2, 2, 2)
	long := newONNXTest().input("x", onnxFloat, 0, 0, 2).ints("wide", 1<<11, 1<<11).floats("zero", nil, 0)
	from := "x"
	for i := range 40 {
		to := fmt.Sprintf("x%d", i)
		growing.node("Tile", to, []string{from, "twice"}, []string{to})
		long.node("Expand", to, []string{"zero", "wide"}, []string{to})
		from = to
	}
	many := newONNXTest().input("x", onnxFloat, 0, 0, 2).ints("wide", 1<<10, 1<<9).floats("zero", nil, 0)
	for i := range 2000 {
		many.node("Expand", "", []string{"zero", "wide"}, []string{fmt.Sprint(i)}).output(fmt.Sprint(i))
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"nodes":   {graph(manyNodes), "more nodes and attributes than"},
		"names":   {graph(manyNames), "more nodes and attributes than"},
		"numbers": {graph(manyNumbers), "more nodes and attributes than"},
		"growing": {growing.recurrent("LSTM", "lstm", from, 2).output("lstm.y").bytes(t), "sizes in the graph are too large"},
		"long":    {long.recurrent("LSTM", "lstm", "x", 2).output("lstm.y", from).bytes(t), "sizes in the graph are too large"},
		"many":    {many.recurrent("LSTM", "lstm", "x", 2).output("lstm.y").bytes(t), "sizes in the graph are too large"},
	} {
		t.Run(name, func(t *testing.T) {
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := readBytes(t, c.data, ReadOptions{})
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			require.ErrorContains(t, err, c.want)
			assert.Less(t, took, 2*time.Second)
			t.Logf("%d MB allocated for %d MB in %v", (after.TotalAlloc-before.TotalAlloc)>>20, len(c.data)>>20, took)
		})
	}
}

func TestONNXExternalData(t *testing.T) {
	inline, err := Read(filepath.Join("testdata", "onnx", "hand-raw.onnx"), ReadOptions{})
	require.NoError(t, err)
	values, err := os.ReadFile(filepath.Join("testdata", "onnx", "hand-external.bin"))
	require.NoError(t, err)
	entry := func(key, value string) *onnxpb.StringStringEntryProto {
		return &onnxpb.StringStringEntryProto{Key: key, Value: value}
	}
	read := func(t *testing.T, folder string, entries ...*onnxpb.StringStringEntryProto) (*Network, error) {
		graph := oneLSTM().output("lstm.y")
		w := graph.tensor("lstm.W")
		w.RawData, w.ExternalData, w.DataLocation = nil, entries, 1
		path := filepath.Join(folder, "model.onnx")
		require.NoError(t, os.WriteFile(path, graph.bytes(t), 0o644))
		return Read(path, ReadOptions{})
	}
	folder := t.TempDir()
	inside, outside := filepath.Join(folder, "in"), filepath.Join(folder, "secret")
	require.NoError(t, os.MkdirAll(filepath.Join(inside, "sub"), 0o755))
	require.NoError(t, os.WriteFile(outside, values, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(inside, "sub", "data"), values, 0o644))
	require.NoError(t, os.Symlink(outside, filepath.Join(inside, "link")))
	require.NoError(t, os.Symlink(filepath.Join("sub", "data"), filepath.Join(inside, "near")))

	whole, err := Read(filepath.Join("testdata", "onnx", "hand-external.onnx"), ReadOptions{})
	require.NoError(t, err)
	whole.Source, inline.Source = "", ""
	assert.Equal(t, inline, whole)
	for _, location := range []string{"sub/data", "near", "./sub/../sub/data"} {
		network, err := read(t, inside, entry("location", location), entry("offset", "4"), entry("length", "96"))
		require.NoError(t, err)
		again, err := read(t, inside, entry("location", location), entry("offset", "0"))
		require.NoError(t, err)
		assert.Equal(t, again.Layers[0].Forward.WeightIH[1], network.Layers[0].Forward.WeightIH[0])
	}
	for name, c := range map[string]struct {
		entries []*onnxpb.StringStringEntryProto
		want    string
	}{
		"no file":        {nil, "its data are external, and no file is named"},
		"absolute":       {[]*onnxpb.StringStringEntryProto{entry("location", outside)}, "outside the model's folder, which is refused"},
		"above":          {[]*onnxpb.StringStringEntryProto{entry("location", "../secret")}, "outside the model's folder, which is refused"},
		"deeper above":   {[]*onnxpb.StringStringEntryProto{entry("location", "sub/../../secret")}, "outside the model's folder, which is refused"},
		"link":           {[]*onnxpb.StringStringEntryProto{entry("location", "link")}, "must lie in the model's folder"},
		"missing":        {[]*onnxpb.StringStringEntryProto{entry("location", "none")}, "no such file"},
		"folder":         {[]*onnxpb.StringStringEntryProto{entry("location", "sub")}, "not a regular file"},
		"beyond":         {[]*onnxpb.StringStringEntryProto{entry("location", "sub/data"), entry("offset", "200")}, "beyond the end"},
		"far beyond":     {[]*onnxpb.StringStringEntryProto{entry("location", "sub/data"), entry("offset", "9223372036854775807")}, "beyond the end"},
		"length":         {[]*onnxpb.StringStringEntryProto{entry("location", "sub/data"), entry("length", "95")}, "takes 96 bytes, its external data has 95"},
		"no number":      {[]*onnxpb.StringStringEntryProto{entry("location", "sub/data"), entry("offset", "-1")}, `the offset of its external data is "-1"`},
		"another letter": {[]*onnxpb.StringStringEntryProto{entry("location", strings.Repeat("a", 5000))}, "its external data"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(t, inside, c.entries...)
			require.ErrorContains(t, err, `initializer "lstm.W"`)
			require.ErrorContains(t, err, c.want)
		})
	}
}
