package xmodel

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/shared"
)

func TestNames(t *testing.T) {
	const g = "Rnn_StandardLstmCell_layer_0_forward"
	for op, want := range map[string]string{
		g + "__h_next":     "h_next",
		g + "__h_next_fix": "h_next",
		g + "__w_ii___input_0___bias_i_pre_fix_i0": "w_ii___input_0___bias_i_pre_fix_i0",
		"weight_ii_fix": "weight_ii",
		g + "__it__w_hg___input_1___bias_hg__fix": "it__w_hg___input_1___bias_hg_",
		"other__h_next": "other__h_next",
	} {
		assert.Equal(t, want, NodeName(g, op))
	}
	assert.Equal(t, "y", NodeName("a.b", "a_b__y"), "the prefix is sanitized too")
	for node, want := range map[string]string{
		"w_ii___input_0___bias_i":            "w_ii * input_0 + bias_i",
		"w_ho___input_1":                     "w_ho * input_1",
		"w_hg___input_1___bias_hg":           "w_hg * input_1 + bias_hg",
		"it_cct":                             "it*cct",
		"ft_input_2":                         "ft*input_2",
		"ft_input_1":                         "ft*input_1",
		"cct_ft_cct":                         "cct-ft*cct",
		"it__w_hg___input_1___bias_hg_":      "it*(w_hg * input_1 + bias_hg)",
		"w_ii___input_0___bias_i_pre_fix_i0": "w_ii * input_0 + bias_i_pre_fix_i0",
		"h_next":                             "h_next",
		"weight_ii":                          "weight_ii",
		"custom_op_7":                        "custom_op_7",
	} {
		assert.Equal(t, want, Label(node))
		assert.Equal(t, node, Sanitize(want))
	}
}

// TestNodesAreThoseOfQuantInfo holds the tables of cells against the recorded quant_info files: names, and their order.
func TestNodesAreThoseOfQuantInfo(t *testing.T) {
	eachRecorded(t, func(t *testing.T, path string) {
		g, err := ReadFile(path)
		require.NoError(t, err)
		text, err := os.ReadFile(filepath.Join(filepath.Dir(path), "..", "quant_info.json"))
		require.NoError(t, err)
		spec := specOf(t, g)
		var wantOutput, wantInput []string
		for _, n := range Nodes(spec.Kind) {
			wantOutput = append(wantOutput, n.Label)
			if n.Op == "matmul" && len(spec.MatmulInputs) > 0 {
				wantInput = append(wantInput, n.Label)
			}
		}
		assert.Equal(t, wantOutput, section(t, text, "output", g.Name), path)
		assert.Equal(t, wantInput, section(t, text, "input", g.Name), path)
		prefix := g.Name
		if spec.Kind == GRU {
			prefix = ""
		}
		assert.Equal(t, Parameters(spec.Kind, spec.Bias), section(t, text, "param", prefix), path)
	})
}

// section lists the labels of one graph in a section of quant_info.json, in the order of the file.
func section(t *testing.T, text []byte, name, graph string) []string {
	t.Helper()
	var info map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &info))
	var entries map[string][]int
	require.NoError(t, json.Unmarshal(info[name], &entries))
	keys := slices.SortedFunc(maps.Keys(entries), func(a, b string) int {
		return strings.Index(string(info[name]), `"`+a+`"`) - strings.Index(string(info[name]), `"`+b+`"`)
	})
	var labels []string
	for _, key := range keys {
		if graph == "" {
			labels = append(labels, key)
		} else if label, ok := strings.CutPrefix(key, graph+"::"); ok {
			labels = append(labels, label)
		}
	}
	return labels
}

func TestLabelsHaveNoTwoMeanings(t *testing.T) {
	meaning := map[string]string{}
	for _, kind := range []CellKind{LSTM, GRU} {
		for _, n := range Nodes(kind) {
			key := Sanitize(n.Label)
			if before, ok := meaning[key]; ok {
				assert.Equal(t, before, n.Label)
			}
			meaning[key] = n.Label
		}
	}
	assert.Equal(t, "i f g o i f g lstm gru", strings.Join(append(append(LSTM.Gates(), GRU.Gates()...), LSTM.String(), GRU.String()), " "))
}

func TestIndexAndLookups(t *testing.T) {
	g, err := ReadFile(shared.Path(t, "vectors", "gru", "xmodel", "Rnn_StandardGruCell_layer_0_forward_int.xmodel"))
	require.NoError(t, err)
	assert.Len(t, g.Index(), len(g.Ops))
	assert.Same(t, g.Index()["weight_ii"], g.Node("weight_ii"))
	assert.Same(t, g.Op(g.Name+"__y_i"), g.Node("y_i"))
	assert.Nil(t, g.Op("y_i"))
	assert.Nil(t, g.Node("ghost"))
	assert.Equal(t, []string{g.Name + "__h_next_fix"}, g.ReturnOps())
	assert.Nil(t, g.Node("y_i").Input("bias"))
	_, err = Attr[string](g.Attrs, "return_ops")
	assert.EqualError(t, err, `attribute "return_ops" is a string_vec, a string is wanted`)
}
