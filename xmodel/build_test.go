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
	for _, path := range recorded(t) {
		want, err := ReadFile(path)
		require.NoError(t, err)
		got, err := Build(specOf(t, want))
		require.NoError(t, err)
		require.NoError(t, Validate(got))
		assert.Equal(t, want.Name, got.Name)
		for i := range want.Ops {
			require.Equal(t, want.Ops[i], got.Ops[i], "%s op %d", path, i)
		}
		require.Equal(t, want, got, path)
	}
}
