package quant

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/model"
	"rnnsim/xmodel"
)

func TestCalibrationEqualsTheSlowOne(t *testing.T) {
	adjustments := 0
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		kind := rapid.SampledFrom([]model.Kind{model.LSTM, model.GRU}).Draw(t, "kind")
		input, hidden := rapid.IntRange(1, 6).Draw(t, "input"), rapid.IntRange(1, 9).Draw(t, "hidden")
		layers := rapid.IntRange(1, 3).Draw(t, "layers")
		directions := rapid.SampledFrom([]string{"forward", "backward", "both"}).Draw(t, "directions")
		bias := rapid.Bool().Draw(t, "bias")
		weightScale := rapid.SampledFrom([]float32{0.01, 0.6, 6, 3000, 1e-7}).Draw(t, "weights")
		inputScale := rapid.SampledFrom([]float64{1.5, 40, 3000, 1e-6, 1e7}).Draw(t, "inputs")
		net := randomNetwork(rng, kind, input, hidden, layers, directions, bias, weightScale)
		options := Options{
			WeightBits:     rapid.SampledFrom([]int{8, 16}).Draw(t, "bits"),
			MaxFixPosition: rapid.SampledFrom([]int{12, 12, 8, 15, 25}).Draw(t, "max"),
			Compat:         rapid.SampledFrom([]xmodel.Compat{xmodel.Sane, xmodel.VAI20}).Draw(t, "compat"),
		}
		var sequences [][]float32
		for range rapid.IntRange(1, 3).Draw(t, "sequences") {
			// Sequences of very different magnitude make the positions in force unfit for some of them.
			scale := inputScale * rapid.SampledFrom([]float64{1, 1, 100, 0.001, 0}).Draw(t, "scale")
			sequences = append(sequences, randomSequences(rng, 1, rapid.IntRange(1, 5).Draw(t, "steps"), input, scale)[0])
		}

		slow := newSlowCalibration(options)
		slow.network(net, sequences)
		result, err := Calibrate(t.Context(), net, sequences, options)
		require.NoError(t, err)
		compareHistory(t, slow.output, result.History.Output)
		compareHistory(t, slow.input, result.History.Input)

		param, output, in, adjusted := slow.slowExport(net)
		for _, section := range []struct {
			want map[string]int
			got  Section
		}{{param, result.Info.Param}, {output, result.Info.Output}, {in, result.Info.Input}} {
			got := map[string]int{}
			for _, e := range section.got {
				got[e.Name] = e.Format.Position
			}
			require.Equal(t, section.want, got)
		}
		require.Len(t, result.Warnings, adjusted)
		adjustments += adjusted
	})
	require.Positive(t, adjustments, "no case reached the shift check")
}

func compareHistory(t require.TestingT, want map[string][]int, got []NodeHistory) {
	require.Len(t, got, len(want))
	for _, node := range got {
		require.Equal(t, want[node.Name], ints(node.Positions), node.Name)
	}
}
