package compile_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/compile"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// plainSpec is a cell with all nodes at one fix position, tables at 15.
func plainSpec(kind xmodel.CellKind, layer int, backward bool, input, hidden, position int) xmodel.CellSpec {
	spec := xmodel.CellSpec{
		Name: graphName(kind, layer, backward), Kind: kind, Backward: backward, Input: input, Hidden: hidden, Bias: true,
		Values: map[string][]float32{}, Formats: map[string]fixed.Format{},
	}
	for _, n := range xmodel.Nodes(kind) {
		p := position
		if n.Op == "sigmoid" || n.Op == "tanh" {
			p = 15
		}
		spec.Formats[n.Label] = fixed.Format{Bits: 16, Position: p}
	}
	for i, label := range xmodel.Parameters(kind, true) {
		n := hidden
		switch {
		case strings.HasPrefix(label, "weight_i"):
			n *= input
		case strings.HasPrefix(label, "weight_h"):
			n *= hidden
		}
		spec.Formats[label] = fixed.Format{Bits: 16, Position: position}
		for j := range n {
			q := int16((i*7919+j*104729)%4001 - 2000)
			spec.Values[label] = append(spec.Values[label], float32(fixed.Real(int64(q), position)))
		}
	}
	return spec
}

func modelOf(t testing.TB, specs ...xmodel.CellSpec) *xmodel.Model {
	t.Helper()
	var graphs []*xmodel.Graph
	for _, s := range specs {
		g, err := xmodel.Build(s)
		require.NoError(t, err)
		graphs = append(graphs, g)
	}
	m, err := xmodel.NewModel(graphs...)
	require.NoError(t, err)
	return m
}

func TestCompileRefuses(t *testing.T) {
	u25 := compile.Options{Target: xmodel.U25}
	change := func(labels map[string]int) xmodel.CellSpec {
		s := plainSpec(xmodel.LSTM, 0, false, 5, 7, 12)
		for label, position := range labels {
			s.Formats[label] = fixed.Format{Bits: 16, Position: position}
		}
		return s
	}
	narrow := plainSpec(xmodel.LSTM, 0, false, 5, 7, 7)
	narrow.MatmulInputs = map[string]fixed.Format{}
	for _, n := range xmodel.Nodes(xmodel.LSTM) {
		if n.Op == "matmul" {
			narrow.MatmulInputs[n.Label] = fixed.Format{Bits: 8, Position: 4}
		}
	}
	large := change(map[string]int{"bias_i": 3})
	large.Values["bias_i"][2] = 100
	eight := change(nil)
	eight.Formats["y_i"] = fixed.Format{Bits: 8, Position: 7}
	for name, c := range map[string]struct {
		options compile.Options
		want    string
		specs   []xmodel.CellSpec
	}{
		"another target": {compile.Options{Target: "U280"}, `target "U280" is not known; U25 and U50 are`, []xmodel.CellSpec{change(nil)}},
		"a batch the target lacks": {compile.Options{Target: xmodel.U50, Batch: 2}, "target U50 has no core for batch 2; its cores have [3 4] lanes",
			[]xmodel.CellSpec{change(nil)}},
		"8-bit weights": {u25, "cuts the input of a matrix product to 8 bits, which no instruction does; quantize with 16-bit weights", []xmodel.CellSpec{narrow}},
		"an 8-bit node": {u25, "y_i_fix\" has 8 bits; the instructions compute with 16", []xmodel.CellSpec{eight}},
		"operands apart": {u25, "y_i at fix position 12 adds up w_ii * input_0 + bias_i at 9 and w_hi * input_1 at 12",
			[]xmodel.CellSpec{change(map[string]int{"w_ii * input_0 + bias_i": 9})}},
		"a shift of a sum": {u25, "y_o would have to be shifted right by 40 bits; the instruction shifts by -32 to 31",
			[]xmodel.CellSpec{change(map[string]int{"y_o": -28})}},
		"a bias that does not fit": {u25, "value 2 of bias_i: a bias of 800 at fix position 3 does not fit 16 bits at 12", []xmodel.CellSpec{large}},
		"directions apart": {u25, "yield h at fix positions 12 and 11; the two directions of the last layer are saved together, at one position",
			[]xmodel.CellSpec{plainSpec(xmodel.GRU, 0, false, 3, 4, 12), plainSpec(xmodel.GRU, 0, true, 3, 4, 11)}},
	} {
		m := modelOf(t, c.specs...)
		_, err := compile.Compile(m, c.options)
		assert.ErrorContains(t, err, c.want, name)
		if c.options.Batch == 0 && c.options.Target == xmodel.U25 {
			findings, err := compile.Lint(m, c.options)
			require.NoError(t, err)
			found := false
			for _, f := range findings {
				found = found || f.Severity == compile.Error && strings.Contains(f.String(), c.want)
			}
			assert.True(t, found, "%s: %v", name, findings)
		}
	}
}

func TestWhatDoesNotFitIsSaidWithWhatWould(t *testing.T) {
	big := modelOf(t, plainSpec(xmodel.LSTM, 0, false, 64, 720, 12))
	_, err := compile.Compile(big, compile.Options{Target: xmodel.U25})
	require.ErrorContains(t, err, "64 features and 720 units: the matrices need 159744 bytes of each weight bank, which has 131072 on U25 (28672 too few): up to 640 units fit with 64 features")
	if !testing.Short() {
		_, err = compile.Compile(modelOf(t, plainSpec(xmodel.LSTM, 0, false, 64, 640, 12)), compile.Options{Target: xmodel.U25})
		require.NoError(t, err)
	}

	wide := modelOf(t, plainSpec(xmodel.GRU, 0, false, 20000, 3, 12))
	_, err = compile.Compile(wide, compile.Options{Target: xmodel.U50, Batch: 4})
	require.ErrorContains(t, err, "up to 10848 features fit with 3 units")
}

func TestEveryErrorIsToldAtOnce(t *testing.T) {
	s := plainSpec(xmodel.LSTM, 0, false, 5, 7, 12)
	for _, gate := range []string{"i", "f", "o"} {
		s.Formats["w_h"+gate+" * input_1"] = fixed.Format{Bits: 16, Position: 10}
	}
	findings, err := compile.Lint(modelOf(t, s), compile.Options{Target: xmodel.U50})
	require.NoError(t, err)
	errors := 0
	for _, f := range findings {
		errors += map[compile.Severity]int{compile.Error: 1}[f.Severity]
	}
	assert.Equal(t, 3, errors, findings)
}

func TestLintSaysWhatPaddingCosts(t *testing.T) {
	findings, err := compile.Lint(modelOf(t, plainSpec(xmodel.LSTM, 0, false, 32, 100, 12)), compile.Options{Target: xmodel.U25})
	require.NoError(t, err)
	var text []string
	for _, f := range findings {
		text = append(text, f.String())
	}
	assert.Equal(t, []string{
		"note: Lstm_StandardLstmCell_layer_0_forward: 100 units are padded to 128, the next multiple of 64; the values behind stay zero",
		"note: Lstm_StandardLstmCell_layer_0_forward: 52800 of 81920 multiplications a step are of use (64.5 %); the rest multiplies padding",
		"note: Lstm_StandardLstmCell_layer_0_forward: the matrices take 5120 of the 131072 bytes of each weight bank (3.9 %), 3300 of them with values",
		"note: Lstm_StandardLstmCell_layer_0_forward: the frames of x and h take 320 of the 32768 bytes of the vector bank (1.0 %)",
		"note: the weight blob has 165632 of 33554432 bytes (0.5 %)",
	}, text)
}
