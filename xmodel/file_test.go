package xmodel

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"rnnsim/internal/fixed"
	"rnnsim/internal/shared"
	"rnnsim/xmodel/internal/xir"
)

// requireRoundTrip writes a file's graph and reads it back.
func requireRoundTrip(t *testing.T, path string) {
	t.Helper()
	g, err := ReadFile(path)
	require.NoError(t, err)
	copied := filepath.Join(t.TempDir(), "copy.xmodel")
	require.NoError(t, WriteFile(copied, g))
	again, err := ReadFile(copied)
	require.NoError(t, err)
	require.NoError(t, Equal(g, again), path)
	require.Equal(t, g, again, path)
}

func TestWrittenFilesMeanTheSame(t *testing.T) {
	eachRecorded(t, requireRoundTrip)
	for _, path := range compiledFiles(t) {
		requireRoundTrip(t, path)
	}
	requireRoundTrip(t, shared.Path(t, "models", "quantized", "VoxelNet_int.xmodel"))
	requireRoundTrip(t, shared.Path(t, "hostile", "xmodel", "deep_50.xmodel"))
}

// TestLibraryDecodesWhatWeDecode holds the decoder, with its field by field reading, against plain proto.Unmarshal.
func TestLibraryDecodesWhatWeDecode(t *testing.T) {
	eachRecorded(t, func(t *testing.T, path string) {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		message := new(xir.Graph)
		require.NoError(t, proto.Unmarshal(data, message))
		want, err := graphOf(message)
		require.NoError(t, err)
		got, err := Parse(data)
		require.NoError(t, err)
		require.Equal(t, want, got, path)
	})
}

func TestMarshalIsDeterministic(t *testing.T) {
	for _, path := range recorded(t)[:4] {
		first, err := ReadFile(path)
		require.NoError(t, err)
		want, err := first.Marshal()
		require.NoError(t, err)
		for range 5 {
			g, err := ReadFile(path) // maps are new, and so is their order
			require.NoError(t, err)
			got, err := g.Marshal()
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
}

func TestEveryKindOfAttributeSurvives(t *testing.T) {
	g := testCell(t, "g", LSTM, false, 2, 3, true, false)
	g.Attrs["nan"], g.Attrs["unset"] = float32(math.NaN()), nil
	for i, v := range []any{
		true, int32(-5), uint32(6), int64(-7), uint64(1 << 63), float32(0.5), 0.25, "text", []byte{1, 0, 255}, []byte{},
		[]bool{true, false}, []int32{-1, 2}, []int32{}, []uint32{3}, []int64{-1 << 62}, []uint64{9}, []float32{1, -2}, []float64{3},
		[]string{"a", ""}, [][]byte{{1}, {}}, map[string]int32{"a": -1}, map[string]uint32{"b": 2}, map[string]int64{"c": -3},
		map[string]uint64{"d": 4}, map[string]string{"e": "f"}, map[string][]byte{"g": {1}, "h": {}}, map[string][]int32{"i": {-1}},
		map[string][]uint32{"j": {2}}, map[string][]int64{"k": {3}}, map[string][]uint64{"l": {4}}, map[string][]string{"m": {"n", ""}},
		map[string]string{},
	} {
		g.Attrs[string(rune('a'+i%26))+string(rune('a'+i/26))] = v
	}
	data, err := g.Marshal()
	require.NoError(t, err)
	again, err := Parse(data)
	require.NoError(t, err)
	require.NoError(t, Equal(g, again))
	for key, value := range g.Attrs {
		if key != "nan" {
			assert.Equal(t, value, again.Attrs[key], key)
		}
	}
}

func TestUnsayableAttributes(t *testing.T) {
	for where, alter := range map[string]func(*Graph){
		`encode graph "g": attribute "a": a int is not`:                                      func(g *Graph) { g.Attrs["a"] = 5 },
		`encode op "g__input_2": attribute "a": a []int8 is not`:                             func(g *Graph) { g.Ops[0].Attrs["a"] = []int8{1} },
		`encode op "g__input_2": output tensor: attribute "a": a map[string]bool is not one`: func(g *Graph) { g.Ops[0].Output.Attrs = Attrs{"a": map[string]bool{}} },
		`encode subgraph "root": attribute "a": a int16`:                                     func(g *Graph) { g.Root.Attrs = Attrs{"a": int16(1)} },
		`encode graph "g\xff"`: func(g *Graph) { g.Name = "g\xff" },
	} {
		g := testCell(t, "g", LSTM, false, 2, 3, true, false)
		alter(g)
		_, err := g.Marshal()
		assert.ErrorContains(t, err, where)
	}
}

func TestWriteFileLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "c.xmodel")
	require.NoError(t, os.WriteFile(path, []byte("before"), 0o644))
	g := testCell(t, "g", GRU, false, 2, 3, true, false)
	g.Ops[0].Output.BitWidth = 0
	assert.ErrorContains(t, WriteFile(path, g), "bit width is 0")
	g.Ops[0].Output.BitWidth, g.Attrs["bad"] = 32, struct{}{}
	assert.ErrorContains(t, WriteFile(path, g), `attribute "bad"`)
	delete(g.Attrs, "bad")
	assert.Error(t, WriteFile(filepath.Join(dir, "absent", "c.xmodel"), g))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "before", string(text))
}

// BenchmarkReadFile reads a cell of 25 million parameters.
func BenchmarkReadFile(b *testing.B) {
	const hidden = 1768
	spec := testSpec("Big_StandardLstmCell_layer_0_forward", LSTM, false, hidden, hidden, true, false)
	g, err := Build(spec)
	require.NoError(b, err)
	path := filepath.Join(b.TempDir(), "big.xmodel")
	require.NoError(b, WriteFile(path, g))
	info, err := os.Stat(path)
	require.NoError(b, err)
	b.SetBytes(info.Size())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadFile(path); err != nil {
			b.Fatal(err)
		}
	}
}

func TestConstFloats(t *testing.T) {
	op := &Op{Name: "c", Type: "const", Attrs: Attrs{"data": []byte{}}, Output: Tensor{Shape: []int32{2}, Type: Float, BitWidth: 32}}
	_, err := ConstFloats(op)
	assert.ErrorContains(t, err, `op "c" has 0 bytes of data, its shape [2] wants 8`)
	op.Attrs["data"] = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, math.Float32bits(-1.5)), 1)
	values, err := ConstFloats(op)
	require.NoError(t, err)
	assert.Equal(t, []float32{-1.5, math.SmallestNonzeroFloat32}, values)
	op.Output.Type = XInt
	_, err = ConstFloats(op)
	assert.ErrorContains(t, err, "elements of type xint32, float32 is wanted")
	_, err = ConstFloats(&Op{Name: "d", Type: "data"})
	assert.ErrorContains(t, err, "a const is wanted")
}

func TestFixFormat(t *testing.T) {
	op := &Op{Name: "f", Type: "fix", Attrs: Attrs{"bit_width": int32(8), "fix_point": int32(-3), "if_signed": true}}
	f, err := FixFormat(op)
	require.NoError(t, err)
	assert.Equal(t, fixed.Format{Bits: 8, Position: -3}, f)
	op.Attrs["if_signed"] = false
	_, err = FixFormat(op)
	assert.ErrorContains(t, err, "only signed values can be run")
	op.Attrs["fix_point"] = "12"
	_, err = FixFormat(op)
	assert.ErrorContains(t, err, `op "f": attribute "fix_point" is a string, a int32 is wanted`)
	_, err = FixFormat(&Op{Name: "d", Type: "data"})
	assert.ErrorContains(t, err, "a fix is wanted")
}
