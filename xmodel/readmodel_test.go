package xmodel

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/fixed"
	"rnnsim/internal/shared"
)

// testCell builds a small cell whose parameters are grid values that depend on their place only.
func testCell(t testing.TB, name string, kind CellKind, backward bool, input, hidden int, bias, narrow bool) *Graph {
	t.Helper()
	g, err := Build(testSpec(name, kind, backward, input, hidden, bias, narrow))
	require.NoError(t, err)
	return g
}

func testSpec(name string, kind CellKind, backward bool, input, hidden int, bias, narrow bool) CellSpec {
	spec := CellSpec{
		Name: name, Kind: kind, Backward: backward, Input: input, Hidden: hidden, Bias: bias,
		Values: map[string][]float32{}, Formats: map[string]fixed.Format{}, MatmulInputs: map[string]fixed.Format{},
	}
	weights := fixed.Format{Bits: 16, Position: 12}
	if narrow {
		weights = fixed.Format{Bits: 8, Position: 7}
	}
	for _, n := range Nodes(kind) {
		spec.Formats[n.Label] = fixed.Format{Bits: 16, Position: 12}
		if n.Op == "matmul" && narrow {
			spec.MatmulInputs[n.Label] = fixed.Format{Bits: 8, Position: 5}
		}
	}
	for _, label := range Parameters(kind, bias) {
		format, size := weights, 1
		if strings.HasPrefix(label, "bias_") {
			format = fixed.Format{Bits: 16, Position: 12}
		}
		for _, dim := range spec.shape(label) {
			size *= int(dim)
		}
		values := make([]float32, size)
		for i := range values {
			values[i] = float32(fixed.Real(int64((i*37+len(label))%201)-100, format.Position))
		}
		spec.Values[label], spec.Formats[label] = values, format
	}
	return spec
}

func (m *Model) names() []string {
	var names []string
	for _, c := range m.Cells {
		names = append(names, c.Graph.Name)
	}
	return names
}

func TestReadModelOrdersTheRecordedCells(t *testing.T) {
	m, err := ReadModel(shared.Path(t, "vectors", "digits-bilstm16"))
	require.NoError(t, err)
	const scope = "Lstm_StandardLstmCell_layer_"
	assert.Equal(t, []string{scope + "0_forward", scope + "0_backward", scope + "1_forward", scope + "1_backward"}, m.names())
	assert.Equal(t, []int{0, 0, 1, 1}, []int{m.Cells[0].Layer, m.Cells[1].Layer, m.Cells[2].Layer, m.Cells[3].Layer})
	assert.True(t, m.Cells[1].Backward && m.Cells[3].Backward && !m.Cells[0].Backward && !m.Cells[2].Backward)

	folder, err := ReadModel(shared.Path(t, "vectors", "digits-bilstm16", "xmodel"))
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(shared.Path(t, "vectors", "digits-bilstm16", "xmodel"), "*"))
	require.NoError(t, err)
	slices.Reverse(files)
	single, err := ReadModel(files...)
	require.NoError(t, err)
	assert.Equal(t, m.Digest(), folder.Digest())
	assert.Equal(t, m.Digest(), single.Digest())
	assert.Regexp(t, "^[0-9a-f]{64}$", m.Digest())
}

func TestReadModelOpensEveryRecordedCase(t *testing.T) {
	cases, err := filepath.Glob(filepath.Join(shared.Path(t, "vectors"), "*", "xmodel"))
	require.NoError(t, err)
	require.Len(t, cases, 18)
	digests := map[string]string{}
	for _, dir := range cases {
		m, err := ReadModel(dir)
		require.NoError(t, err)
		for _, c := range m.Cells {
			assert.Empty(t, Oddities(c.Graph))
		}
		assert.Empty(t, digests[m.Digest()], "%s has the digest of another model", dir)
		digests[m.Digest()] = dir
	}
}

func TestReadModelRefusesWhatIsNoModel(t *testing.T) {
	for _, c := range []struct {
		want  string
		paths []string
	}{
		{"no path was given", nil},
		{"compiled RNN model", []string{shared.Path(t, "models", "compiled", "u25", "lstm_sentiment_detection_compiled_batch_1.xmodel")}},
		{"is not an RNN cell: op .* has type conv2d", []string{shared.Path(t, "models", "quantized", "VoxelNet_int.xmodel")}},
		{"different networks", []string{shared.Path(t, "vectors", "gru"), shared.Path(t, "vectors", "sat")}},
		{"has no .xmodel file", []string{t.TempDir()}},
		{"no such file", []string{filepath.Join(t.TempDir(), "absent")}},
		{"has no name", []string{shared.Path(t, "hostile", "xmodel", "no_graph_name.xmodel")}},
		{"type my_sigmoid, which cannot be run", []string{shared.Path(t, "hostile", "xmodel", "unknown_op_type_with_shape.xmodel")}},
	} {
		_, err := ReadModel(c.paths...)
		require.Error(t, err)
		assert.Regexp(t, c.want, err.Error())
	}
}

func TestNewModelChecksTheNetwork(t *testing.T) {
	cell := func(layer string, input, hidden int) *Graph {
		return testCell(t, "Rnn_StandardLstmCell_layer_"+layer, LSTM, layer[2:] == "backward", input, hidden, true, false)
	}
	for _, c := range []struct {
		name   string
		graphs []*Graph
		want   string
	}{
		{"stacked", []*Graph{cell("1_forward", 4, 3), cell("0_forward", 2, 4)}, ""},
		{"both directions", []*Graph{cell("1_forward", 7, 3), cell("0_backward", 2, 3), cell("1_backward", 7, 3), cell("0_forward", 2, 4)}, ""},
		{"one cell of a later layer", []*Graph{cell("3_backward", 2, 4)}, ""},
		{"missing layer", []*Graph{cell("0_forward", 2, 4), cell("2_forward", 4, 4)}, "layer 1 is missing, graph .* is of layer 2"},
		{"missing first layer", []*Graph{cell("1_forward", 4, 4), cell("2_forward", 4, 4)}, "layer 0 is missing"},
		{"missing backward", []*Graph{cell("0_forward", 2, 4), cell("0_backward", 2, 4), cell("1_forward", 8, 4)}, "layer 1 has no backward cell"},
		{"missing forward", []*Graph{cell("0_backward", 2, 4), cell("1_backward", 4, 4), cell("1_forward", 4, 4)}, "layer 0 has no forward cell"},
		{"twice", []*Graph{cell("0_forward", 2, 4), cell("0_forward", 2, 4)}, "layer 0 is there twice"},
		{"width", []*Graph{cell("0_forward", 2, 4), cell("1_forward", 5, 4)}, "reads 5 features, layer 0 yields 4"},
		{"width of the pair", []*Graph{cell("0_forward", 2, 4), cell("0_backward", 3, 4)}, "read the same sequence, but 2 and 3 features"},
		{"nothing", nil, "at least one cell"},
		{"unplaced", []*Graph{testCell(t, "a", GRU, false, 2, 3, true, false), testCell(t, "b", GRU, false, 2, 3, true, false)}, "does not tell its layer"},
	} {
		m, err := NewModel(c.graphs...)
		if c.want == "" {
			require.NoError(t, err, c.name)
			assert.Len(t, m.Cells, len(c.graphs))
			continue
		}
		require.Error(t, err, c.name)
		assert.Regexp(t, c.want, err.Error(), c.name)
	}
	contradiction := cell("0_forward", 2, 4)
	contradiction.Attrs["direction"] = "backward"
	_, err := NewModel(contradiction)
	assert.ErrorContains(t, err, "which the name contradicts")
}

func TestTensorFlowCellsAreCounted(t *testing.T) {
	counted := func(n string, backward bool, input, hidden int) *Graph {
		return testCell(t, "rnn_cell_"+n, LSTM, backward, input, hidden, true, false)
	}
	m, err := NewModel(counted("2", false, 6, 4), counted("0", false, 2, 3), counted("1", true, 2, 3))
	require.NoError(t, err)
	assert.Equal(t, []string{"rnn_cell_0", "rnn_cell_1", "rnn_cell_2"}, m.names())
	assert.Equal(t, []int{0, 0, 1}, []int{m.Cells[0].Layer, m.Cells[1].Layer, m.Cells[2].Layer})

	_, err = NewModel(counted("0", false, 2, 3), counted("2", false, 3, 3))
	assert.ErrorContains(t, err, "cell rnn_cell_1 is missing")
	_, err = NewModel(counted("0", false, 2, 3), counted("0", false, 2, 3))
	assert.ErrorContains(t, err, `"rnn_cell_0" is there twice`)
}

func TestFolderWithOneLateLayer(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x_int.xmodel")
	require.NoError(t, WriteFile(path, testCell(t, "Rnn_StandardGruCell_layer_1_forward", GRU, false, 3, 3, true, false)))
	_, err := ReadModel(dir)
	assert.ErrorContains(t, err, "layer 0 is missing")
	_, err = ReadModel(path)
	assert.NoError(t, err, "a cell that is named itself can be run alone")

	// A float graph beside the quantized ones is not read.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x_float.xmodel"), []byte("no graph"), 0o644))
	require.NoError(t, WriteFile(path, testCell(t, "Rnn_StandardGruCell_layer_0_forward", GRU, false, 3, 3, true, false)))
	_, err = ReadModel(dir)
	assert.NoError(t, err)
}
