package xmodel

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/shared"
)

func compiledFiles(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(shared.Path(t, "models", "compiled"), "*", "*.xmodel"))
	require.NoError(t, err)
	require.Len(t, paths, 8)
	return paths
}

// compiledGraph is a small compiled model of the form of the real ones: batch 2 on the U50, 3 features, 5 units.
func compiledGraph(t testing.TB, kind CellKind) *Graph {
	t.Helper()
	const batch, input, hidden = 2, 3, 5
	values := map[string][]int16{}
	for _, label := range Parameters(kind, true) {
		shape := (&CellSpec{Input: input, Hidden: hidden}).shape(label)
		n := 1
		for _, dim := range shape {
			n *= int(dim)
		}
		for i := range n {
			values[label] = append(values[label], int16(100*i+len(values)+1))
		}
	}
	blob, err := PackBlob(kind, U50, batch, input, hidden, values)
	require.NoError(t, err)
	registers := func(original uint32) map[string]uint32 {
		return map[string]uint32{"dir": 1, "original_size": original, "aligned_size": 64}
	}
	const op = "dummy_data"
	return &Graph{
		Name: "LSTM_Runtime_XModel",
		Ops: []*Op{{
			Name: op, Type: "data", Attrs: Attrs{"data_type": "FLOAT32", "shape": []int32{2147483647}},
			Output: Tensor{Name: op, Shape: []int32{2147483647}, Type: Float, BitWidth: 32},
		}},
		Root: &Subgraph{
			Name: "root",
			Attrs: Attrs{
				"target": "U50", "batch": int32(batch), "cell_size": int32(1), "weights": blob, "end_bin_instr": make([]byte, 32),
				"input_float2fix": int32(12), "output_fix2float": int32(11), "model_type": "lstm",
				"runner":     map[string]string{"run": "libvart-rnn-runner.so"},
				"git_branch": map[string]string{"compiler": "main"}, "git_commit": map[string]string{"compiler": "0"},
			},
			Children: []*Subgraph{{
				Name: "subgraph_dummy_data", Ops: []string{op},
				Attrs: Attrs{
					"init_bin_instr": make([]byte, 48), "loop_bin_instr": make([]byte, 16),
					"load_src_reg_0": registers(2 * input), "load_src_reg_1": registers(2 * hidden), "save_dst_reg_1": registers(2 * hidden),
					"load_dst_reg_0": []uint32{0x200000, 0x210000}, "load_dst_reg_1": []uint32{0x200002, 0x210002},
					"Xt": []string{"load_src_reg_0", "load_dst_reg_0"},
					"Ht": []string{"load_src_reg_1", "load_dst_reg_1", "save_dst_reg_1"},
				},
			}},
		},
	}
}

func TestReadCompiledOpensTheRealModels(t *testing.T) {
	for _, path := range compiledFiles(t) {
		c, err := ReadCompiled(path)
		require.NoError(t, err)
		name := filepath.Base(path)
		kind, in, out := LSTM, 12, 12
		if strings.HasPrefix(name, "gru") {
			kind, in, out = GRU, 13, 15
		}
		target, words := U50, c.Batch+1
		if strings.Contains(path, "u25") {
			target = U25
		}
		assert.Equal(t, target, c.Target, name)
		assert.Equal(t, fmt.Sprintf("%d", c.Batch), strings.TrimSuffix(name[len(name)-len("1.xmodel"):], ".xmodel"))
		assert.Equal(t, [2]int{in, out}, [2]int{c.InputPosition, c.OutputPosition}, name)
		assert.Equal(t, "lstm", c.ModelType)
		assert.Len(t, c.End, words*instructionSize, "a SAVE a lane, and END")
		require.Len(t, c.Cells, 1)
		cell := c.Cells[0]
		assert.Equal(t, [3]int{32, 100, 100}, [3]int{cell.LoadX.Values(), cell.LoadH.Values(), cell.SaveH.Values()})
		assert.True(t, cell.LoadX.Forward && cell.LoadH.Forward && cell.SaveH.Forward)
		assert.Equal(t, [2]int{64, 256}, [2]int{cell.LoadX.Aligned, cell.LoadH.Aligned})
		assert.Len(t, cell.XLanes, c.Batch)
		assert.Equal(t, uint32(0x200000), cell.XLanes[0])
		got, err := BlobKind(c)
		require.NoError(t, err)
		assert.Equal(t, kind, got, name)
	}
}

func TestInstructionCountsOfTheRealModels(t *testing.T) {
	// Words of init and loop, from the specification of the accelerator.
	want := map[string][2]int{"u25 lstm 1": {289, 54}, "u50lv lstm 3": {308, 72}, "u50lv lstm 4": {316, 77}, "u50lv gru 3": {269, 62}, "u50lv gru 4": {279, 67}}
	for _, path := range compiledFiles(t) {
		c, err := ReadCompiled(path)
		require.NoError(t, err)
		kind, _ := BlobKind(c)
		key := fmt.Sprintf("%s %s %d", filepath.Base(filepath.Dir(path)), kind, c.Batch)
		assert.Equal(t, want[key], [2]int{len(c.Cells[0].Init) / 16, len(c.Cells[0].Loop) / 16}, key)
	}
}

func TestNewCompiledRefuses(t *testing.T) {
	root := func(key string, value any) func(*Graph) { return func(g *Graph) { g.Root.Attrs[key] = value } }
	cell := func(key string, value any) func(*Graph) {
		return func(g *Graph) { g.Root.Children[0].Attrs[key] = value }
	}
	for _, c := range []struct {
		want  string
		alter func(*Graph)
	}{
		{`a quantized cell, a compiled RNN model is wanted`, func(g *Graph) { g.Root = nil }},
		{`"target" is "U280"; only U25 and U50`, root("target", "U280")},
		{`"target" is a int32, a string is wanted`, root("target", int32(50))},
		{`"batch" is 0`, root("batch", int32(0))},
		{`"batch" is a uint32, a int32 is wanted`, root("batch", uint32(2))},
		{`"cell_size" is 2, the subgraph has 1 parts`, root("cell_size", int32(2))},
		{`"weights" has 0 bytes`, root("weights", []byte{})},
		{`"weights" has 3 bytes`, root("weights", make([]byte, 3))},
		{`"end_bin_instr" has 33 bytes; instructions are words of 16`, root("end_bin_instr", make([]byte, 33))},
		{`"input_float2fix" is 99`, root("input_float2fix", int32(99))},
		{`"model_type" is missing`, func(g *Graph) { delete(g.Root.Attrs, "model_type") }},
		{`"runner" is a string`, root("runner", "libvart")},
		{`cell 0.*"loop_bin_instr" has 15 bytes`, cell("loop_bin_instr", make([]byte, 15))},
		{`"init_bin_instr" has 0 bytes`, cell("init_bin_instr", []byte{})},
		{`"load_src_reg_0" has no entry "dir"`, cell("load_src_reg_0", map[string]uint32{"aligned_size": 64, "original_size": 6})},
		{`original_size 66 and aligned_size 64 do not go together`, cell("load_src_reg_0", map[string]uint32{"dir": 1, "aligned_size": 64, "original_size": 66})},
		{`dir is 2; it must be 0 or 1`, cell("load_src_reg_0", map[string]uint32{"dir": 2, "aligned_size": 64, "original_size": 6})},
		{`"load_dst_reg_1" has 1 addresses; batch 2`, cell("load_dst_reg_1", []uint32{1})},
		{`name the register "ghost", which is not there`, cell("Xt", []string{"ghost"})},
		{`load_src_reg_1 and save_dst_reg_1 differ`, cell("save_dst_reg_1", map[string]uint32{"dir": 0, "aligned_size": 64, "original_size": 10})},
	} {
		g := compiledGraph(t, LSTM)
		require.NoError(t, Validate(g))
		c.alter(g)
		_, err := NewCompiled(g)
		require.Error(t, err, c.want)
		assert.Regexp(t, c.want, err.Error())
	}
}

func TestCompiledGraphSurvivesWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.xmodel")
	g := compiledGraph(t, GRU)
	require.NoError(t, WriteFile(path, g))
	c, err := ReadCompiled(path)
	require.NoError(t, err)
	want, err := NewCompiled(g)
	require.NoError(t, err)
	want.Source = path
	assert.Equal(t, want, c)
	assert.Equal(t, []string{"compiler"}, slices.Sorted(maps.Keys(g.Root.Attrs["git_branch"].(map[string]string))))
}

// baseModel is the name of the float model behind a compiled file.
func baseModel(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), "_compiled")
	return name
}
