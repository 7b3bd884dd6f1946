package xmodel

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/fixed"
	"rnnsim/internal/shared"
)

// recorded lists the graphs of all recorded cases.
func recorded(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(shared.Path(t, "vectors"), "*", "xmodel", "*.xmodel"))
	require.NoError(t, err)
	require.Len(t, paths, 27, "the recorded cases have 27 cells")
	return paths
}

// eachRecorded runs a check on the recorded graphs: those that the project ships in any clone, and all where they are there.
func eachRecorded(t *testing.T, check func(t *testing.T, path string)) {
	t.Helper()
	t.Run("shipped", func(t *testing.T) {
		paths, err := filepath.Glob(filepath.Join("..", "vectors", "digits-*", "xmodel", "*.xmodel"))
		require.NoError(t, err)
		require.Len(t, paths, 8, "the shipped cases have 8 cells")
		for _, path := range paths {
			check(t, path)
		}
	})
	t.Run("all", func(t *testing.T) {
		for _, path := range recorded(t) {
			check(t, path)
		}
	})
}

// specOf takes a recorded graph apart into what Build wants: everything by label, nothing of the graph's form.
func specOf(t testing.TB, g *Graph) CellSpec {
	t.Helper()
	spec := CellSpec{
		Name: g.Name, Kind: LSTM, Backward: strings.HasSuffix(g.Name, "_backward"),
		Values: map[string][]float32{}, Formats: map[string]fixed.Format{}, MatmulInputs: map[string]fixed.Format{},
	}
	if strings.Contains(g.Name, "Gru") {
		spec.Kind = GRU
	}
	for _, op := range g.Ops {
		label := Label(NodeName(g.Name, op.Name))
		switch op.Type {
		case "const":
			values, err := ConstFloats(op)
			require.NoError(t, err)
			spec.Values[label] = values
			spec.Bias = spec.Bias || strings.HasPrefix(label, "bias_")
		case "fix":
			format, err := FixFormat(op)
			require.NoError(t, err)
			if linear, ok := strings.CutSuffix(label, "_pre_fix_i0"); ok {
				spec.MatmulInputs[linear] = format
			} else {
				spec.Formats[label] = format
			}
		case "data":
			if label == "input_0" {
				spec.Input = int(op.Output.Shape[1])
			} else {
				spec.Hidden = int(op.Output.Shape[1])
			}
		}
	}
	return spec
}

func TestBuildGivesTheRecordedGraphs(t *testing.T) {
	eachRecorded(t, func(t *testing.T, path string) {
		want, err := ReadFile(path)
		require.NoError(t, err)
		got, err := Build(specOf(t, want))
		require.NoError(t, err)
		require.NoError(t, Validate(got))
		require.NoError(t, Equal(want, got), path)
		require.Equal(t, want, got, "%s: the same meaning, but not the same order", path)
	})
}

func TestBuildRefuses(t *testing.T) {
	for _, c := range []struct {
		want  string
		alter func(*CellSpec)
	}{
		{`build graph "": the graph needs a name`, func(s *CellSpec) { s.Name = "" }},
		{`the graph needs a name, in UTF-8`, func(s *CellSpec) { s.Name = "\xff" }},
		{`cell kind 5 does not exist`, func(s *CellSpec) { s.Kind = 5 }},
		{`0 inputs and 3 units`, func(s *CellSpec) { s.Input = 0 }},
		{`parameter weight_ii has 5 values, its shape [3 2] wants 6`, func(s *CellSpec) { s.Values["weight_ii"] = make([]float32, 5) }},
		{`parameter bias_o has 0 values`, func(s *CellSpec) { delete(s.Values, "bias_o") }},
		{`parameter weight_xx is not one of this cell (lstm, bias true)`, func(s *CellSpec) { s.Values["weight_xx"] = nil }},
		{`parameter bias_f is not one of this cell (lstm, bias false)`, func(s *CellSpec) { s.Bias = false }},
		{`node "it*cct" has no format`, func(s *CellSpec) { delete(s.Formats, "it*cct") }},
		{`node "weight_ho" has no format`, func(s *CellSpec) { delete(s.Formats, "weight_ho") }},
		{`node "y_i": bit width 0`, func(s *CellSpec) { s.Formats["y_i"] = fixed.Format{} }},
		{`matmul input "w_hi * input_1" has no format`, func(s *CellSpec) { delete(s.MatmulInputs, "w_hi * input_1") }},
	} {
		spec := testSpec("g", LSTM, false, 2, 3, true, true)
		c.alter(&spec)
		_, err := Build(spec)
		assert.ErrorContains(t, err, c.want)
	}
}

func TestBuiltCellsHaveTheKnownNumberOfOps(t *testing.T) {
	for _, c := range []struct {
		kind         CellKind
		bias, narrow bool
		ops          int
	}{
		{LSTM, true, false, 72}, {LSTM, true, true, 80}, {LSTM, false, false, 64}, {LSTM, false, true, 72},
		{GRU, true, false, 62}, {GRU, true, true, 68}, {GRU, false, false, 50}, {GRU, false, true, 56},
	} {
		g := testCell(t, "g", c.kind, true, 2, 3, c.bias, c.narrow)
		assert.Len(t, g.Ops, c.ops)
		assert.NoError(t, Validate(g))
		assert.Empty(t, Oddities(g))
	}
}
