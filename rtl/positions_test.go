package rtl

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/fixed"
	"rnnsim/internal/needs"
	"rnnsim/xmodel"
)

// unevenModel makes a small LSTM whose nodes have fix positions and widths of their own, so that every alignment and shift of
// the design is used, to both sides.
func unevenModel(t *testing.T, random *rand.Rand, bits int, bias bool) *xmodel.Model {
	t.Helper()
	input, hidden := 1+random.IntN(5), 1+random.IntN(7)
	spec := xmodel.CellSpec{
		Name: "Net_StandardLstmCell_layer_0_forward", Kind: xmodel.LSTM, Input: input, Hidden: hidden, Bias: bias,
		Values: map[string][]float32{}, Formats: map[string]fixed.Format{},
	}
	near := func(bits int) fixed.Format { return fixed.Format{Bits: bits, Position: 6 + random.IntN(10)} }
	parameter := func(label string, size, bits int) {
		f := near(bits)
		spec.Formats[label] = f
		half := 1 << (bits - 1)
		for range size {
			v := random.IntN(2*half) - half
			if random.IntN(2) == 0 {
				v >>= bits / 2
			}
			spec.Values[label] = append(spec.Values[label], float32(math.Ldexp(float64(v), -f.Position)))
		}
	}
	for _, n := range xmodel.Nodes(xmodel.LSTM) {
		width := 16
		if n.Op != "data" && random.IntN(3) == 0 {
			width = 5 + random.IntN(8)
		}
		spec.Formats[n.Label] = near(width)
		if n.Op == "sigmoid" || n.Op == "tanh" {
			spec.Formats[n.Label] = fixed.Format{Bits: width, Position: 14 + random.IntN(2)}
		}
		if n.Op != "matmul" {
			continue
		}
		columns := hidden
		if n.Reads[0] == "input_0" {
			columns = input
		}
		parameter(n.Weight, hidden*columns, bits)
		if n.Bias != "" && bias {
			parameter(n.Bias, hidden, 16)
		}
		if bits != 16 {
			if spec.MatmulInputs == nil {
				spec.MatmulInputs = map[string]fixed.Format{}
			}
			spec.MatmulInputs[n.Label] = fixed.Format{Bits: bits, Position: 3 + random.IntN(6)}
		}
	}
	graph, err := xmodel.Build(spec)
	require.NoError(t, err)
	model, err := xmodel.NewModel(graph)
	require.NoError(t, err)
	return model
}

func TestTheDesignFollowsAnyFixPositions(t *testing.T) {
	needs.Program(t, "iverilog", "apt-get install iverilog")
	cells := 8
	if testing.Short() {
		cells = 2
	}
	random := rand.New(rand.NewPCG(11, 12))
	for i := range cells {
		bits, bias := 16-8*(i%2), i%3 != 2
		t.Run(fmt.Sprintf("%d: %d bits, bias %t", i, bits, bias), func(t *testing.T) {
			model := unevenModel(t, random, bits, bias)
			b := newTestBench(t, model, harsh(model, 5, 6), 1+random.IntN(4))
			requireExact(t, b, 30, "--simulator", "icarus")
		})
	}
}
