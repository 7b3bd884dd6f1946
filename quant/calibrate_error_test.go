package quant

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/model"
	"rnnsim/xmodel"
)

func TestCalibrateRejects(t *testing.T) {
	nan, infinity := float32(math.NaN()), float32(math.Inf(-1))
	sequence := func(values ...float32) [][]float32 { return [][]float32{{1, 2}, values} }
	for name, c := range map[string]struct {
		sequences [][]float32
		options   Options
		change    func(net *model.Network)
		want      string
	}{
		"no sequence":             {sequences: [][]float32{}, want: "there is no calibration sequence"},
		"a sequence without step": {sequences: sequence(), want: "calibration sequence 1 has no timestep"},
		"a wrong feature count":   {sequences: sequence(1, 2, 3), want: "calibration sequence 1 holds 3 values, not a multiple of the 2 features"},
		"a NaN":                   {sequences: sequence(1, 2, 3, nan), want: "calibration sequence 1, step 1, feature 1 is NaN"},
		"an infinity":             {sequences: sequence(infinity, 2), want: "calibration sequence 1, step 0, feature 0 is -Inf"},
		"odd weights":             {options: Options{WeightBits: 12}, want: "weights of 12 bits"},
		"an odd limit":            {options: Options{MaxFixPosition: 32}, want: "a largest fix position of 32"},
		"a negative limit":        {options: Options{MaxFixPosition: -1}, want: "a largest fix position of -1"},
		"no layer":                {change: func(n *model.Network) { n.Layers = nil }, want: "has no recurrent layer"},
		"a NaN weight": {
			change: func(n *model.Network) { n.Layers[0].Forward.WeightHH[10] = nan },
			want:   `parameter "weight_hf" of Rnn_StandardLstmCell_layer_0_forward holds a NaN or an infinity (value 1 of it)`,
		},
		"a bias that overflows": {
			change: func(n *model.Network) {
				n.Layers[0].Forward.BiasIH[0], n.Layers[0].Forward.BiasHH[0] = math.MaxFloat32, math.MaxFloat32
			},
			want: `parameter "bias_i"`,
		},
		"a weight beyond all positions": {
			change: func(n *model.Network) { n.Layers[0].Forward.WeightIH[0] = 1e20 },
			want:   "wants fix position -52, the lowest is -32: scale the model",
		},
		"inputs beyond all positions": {
			sequences: sequence(1e20, 1), want: `sequence 1: step 0: node "input_0" of`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			net := randomNetwork(rand.New(rand.NewPCG(1, 1)), model.LSTM, 2, 3, 1, "forward", true, 0.5)
			net.Source = "net.npz"
			if c.change != nil {
				c.change(net)
			}
			if c.sequences == nil {
				c.sequences = [][]float32{{1, 2}}
			}
			result, err := Calibrate(t.Context(), net, c.sequences, c.options)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "net.npz")
			require.Nil(t, result)
		})
	}
}

// The float weights that VAI20 leaves in later GRU cells are the only values that no position bounds.
func TestCalibrateRejectsSumsThatOverflow(t *testing.T) {
	net := randomNetwork(rand.New(rand.NewPCG(1, 1)), model.GRU, 2, 8, 2, "forward", true, 0.5)
	copy(net.Layers[0].Forward.BiasIH[16:], slices.Repeat([]float32{5}, 8)) // h becomes large and positive
	for i := range net.Layers[1].Forward.WeightIH {
		net.Layers[1].Forward.WeightIH[i] = math.MaxFloat32
	}
	_, err := Calibrate(t.Context(), net, [][]float32{{1, 2}}, Options{Compat: xmodel.VAI20})
	require.ErrorContains(t, err, `sequence 0: step 0: node "w_ii * input_0 + bias_ii" of Rnn_StandardGruCell_layer_1_forward: value 0 is a NaN or an infinity`)
}

func TestCalibrateCanBeCancelled(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	net := randomNetwork(rng, model.LSTM, 2, 3, 2, "both", true, 0.5)
	ctx, cancel := context.WithCancel(t.Context())
	last := 0
	result, err := Calibrate(ctx, net, randomSequences(rng, 3, 1000, 2, 1), Options{Progress: func(done, total int) {
		assert.Equal(t, 3*1000*4, total)
		if done >= 200 {
			cancel()
		}
		last = done
	}})
	require.ErrorIs(t, err, context.Canceled)
	require.Nil(t, result)
	require.Less(t, last, 400, "it goes on long after it was cancelled")
}

func TestCalibrateTellsItsProgress(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	net := randomNetwork(rng, model.GRU, 2, 3, 2, "both", true, 0.5)
	var reports []int
	_, err := Calibrate(t.Context(), net, randomSequences(rng, 3, 50, 2, 1), Options{Progress: func(done, total int) {
		assert.Equal(t, 3*50*4, total)
		reports = append(reports, done)
	}})
	require.NoError(t, err)
	require.True(t, slices.IsSorted(reports))
	require.Equal(t, 3*50*4, reports[len(reports)-1])
	require.Greater(t, len(reports), 5)
}

func TestCalibrateAltersNothingOfTheCallers(t *testing.T) {
	for _, compat := range []xmodel.Compat{xmodel.Sane, xmodel.VAI20} {
		make2 := func() (*model.Network, [][]float32) {
			rng := rand.New(rand.NewPCG(9, 9))
			return randomNetwork(rng, model.GRU, 2, 3, 2, "both", true, 0.5), randomSequences(rng, 2, 4, 2, 1)
		}
		net, sequences := make2()
		_, err := Calibrate(t.Context(), net, sequences, Options{Compat: compat, WeightBits: 8})
		require.NoError(t, err)
		sameNet, sameSequences := make2()
		require.Equal(t, sameNet, net)
		require.Equal(t, sameSequences, sequences)
	}
}
