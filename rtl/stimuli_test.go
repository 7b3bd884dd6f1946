package rtl

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// harsh gives stimuli between the grid's values and beyond its range: noise of several sizes, and constant sequences, under which c
// grows until it saturates.
func harsh(model *xmodel.Model, sequences, steps int) []dump.Sequence {
	features, err := model.Cells[0].Input()
	if err != nil {
		panic(err)
	}
	random := rand.New(rand.NewPCG(20, 26))
	var stimuli []dump.Sequence
	for s := range sequences {
		size := math.Ldexp(1, s%5-1)
		constant := make([]float64, features)
		for i := range constant {
			constant[i] = size * random.NormFloat64()
		}
		x := make([]float32, steps*features)
		for i := range x {
			if x[i] = float32(constant[i%features]); s%2 == 0 {
				x[i] = float32(size * random.NormFloat64())
			}
		}
		stimuli = append(stimuli, dump.Sequence{Float: x})
	}
	return stimuli
}

// randomModel makes an LSTM with random weights at the positions that the quantizer's export gives.
func randomModel(t *testing.T, input, hidden int) *xmodel.Model {
	t.Helper()
	random := rand.New(rand.NewPCG(32, 100))
	grid := fixed.Format{Bits: 16, Position: 12}
	spec := xmodel.CellSpec{
		Name: "Rnn_StandardLstmCell_layer_0_forward", Kind: xmodel.LSTM, Input: input, Hidden: hidden, Bias: true,
		Values: map[string][]float32{}, Formats: map[string]fixed.Format{},
	}
	parameter := func(label string, size int) {
		spec.Formats[label] = grid
		for range size {
			spec.Values[label] = append(spec.Values[label], float32(math.Floor(random.NormFloat64()*600)/4096))
		}
	}
	for _, n := range xmodel.Nodes(xmodel.LSTM) {
		spec.Formats[n.Label] = grid
		switch n.Op {
		case "sigmoid", "tanh":
			spec.Formats[n.Label] = fixed.Format{Bits: 16, Position: 15}
		case "matmul":
			columns := hidden
			if n.Reads[0] == "input_0" {
				columns = input
			}
			parameter(n.Weight, hidden*columns)
			if n.Bias != "" {
				parameter(n.Bias, hidden)
			}
		}
	}
	graph, err := xmodel.Build(spec)
	require.NoError(t, err)
	model, err := xmodel.NewModel(graph)
	require.NoError(t, err)
	return model
}

type namedFault struct {
	name   string
	number int
}

// readFaults reads the list of faults from the design's source.
func readFaults(t *testing.T) (faults []namedFault) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("src", "fault_pkg.sv"))
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`localparam fault_t (\w+) = (\d+);`).FindAllStringSubmatch(string(text), -1) {
		number, err := strconv.Atoi(m[2])
		require.NoError(t, err)
		if number > 0 {
			faults = append(faults, namedFault{m[1], number})
		}
	}
	return faults
}
