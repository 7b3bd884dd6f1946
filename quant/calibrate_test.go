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
			// Sequences of very different magnitude make the positions in force unfit for some of them, up to values that no
			// int32 holds on the grid.
			scale := inputScale * rapid.SampledFrom([]float64{1, 1, 100, 1e-3, 1e-8, 0}).Draw(t, "scale")
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
	})
}

func compareHistory(t require.TestingT, want map[string][]int, got []NodeHistory) {
	require.Len(t, got, len(want))
	for _, node := range got {
		require.Equal(t, want[node.Name], ints(node.Positions), node.Name)
	}
}

func TestLargeWeightsAreWarnedOf(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	net := randomNetwork(rng, model.LSTM, 8, 16, 1, "forward", true, 3000)
	sequences := randomSequences(rng, 3, 8, 8, 3000)
	slow := newSlowCalibration(Options{WeightBits: 16, MaxFixPosition: 12})
	slow.network(net, sequences)
	_, _, _, adjusted := slow.slowExport(net)
	require.Positive(t, adjusted)
	result, err := Calibrate(t.Context(), net, sequences, Options{})
	require.NoError(t, err)
	require.Len(t, result.Warnings, adjusted)
	require.Contains(t, result.Warnings[0], "Rnn_StandardLstmCell_layer_0_forward::w_ii * input_0 + bias_i: output fix position lowered from 12")
}

// TestInputsAreSearchedWithOneCandidate uses a tensor that has another position with five: clamping the one large value a
// little costs less than the coarse unit costs all the others.
func TestInputsAreSearchedWithOneCandidate(t *testing.T) {
	x := []float32{65536.2, 3.9, 3.9, 3.9, 3.9, 3.9, 3.9, 3.9}
	low, high, _ := extremes(x)
	require.Equal(t, -1, searchFloor(x, low, high, 16, nodeCandidates, 12))

	rng := rand.New(rand.NewPCG(1, 1))
	for _, bits := range []int{16, 8} {
		net := randomNetwork(rng, model.LSTM, len(x), 3, 1, "forward", true, 0.5)
		result, err := Calibrate(t.Context(), net, [][]float32{x}, Options{WeightBits: bits})
		require.NoError(t, err)
		require.Equal(t, []int8{-2}, result.History.Output[0].Positions)
	}
}

func TestLaterValuesBeyondInt32(t *testing.T) {
	// The first three steps set position 12, at which the fourth value leaves the range of an int32.
	net := &model.Network{Name: "rnn", Layers: []model.Layer{{Forward: &model.Cell{
		Input: 1, Hidden: 1, WeightIH: []float32{1, 1, 1, 1}, WeightHH: make([]float32, 4),
	}}}}
	sequences := [][]float32{{1, 1, 1, 1e6}}
	for compat, want := range map[xmodel.Compat]float32{xmodel.Sane: 32767.0 / 4096, xmodel.VAI20: -8} {
		options, err := Options{Compat: compat}.withDefaults()
		require.NoError(t, err)
		c, err := newCalibration(net, options)
		require.NoError(t, err)
		require.NoError(t, c.run(t.Context(), sequences))
		require.Equal(t, want, c.layers[0][0].values[nodeX][0])
	}
}
