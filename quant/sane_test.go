package quant

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/model"
	"rnnsim/xmodel"
)

func TestSaneGRUOfOneCellHasTheRecordedPositionsUnderItsOwnNames(t *testing.T) {
	compared := 0
	eachRecordedCase(t, func(t *testing.T, c *recordedCase) {
		if c.Cell != "gru" || c.Layers > 1 || c.Bidirectional {
			return
		}
		compared++
		result, err := Calibrate(t.Context(), c.net, c.sequences, Options{WeightBits: c.WeightBits})
		require.NoError(t, err)
		prefix := GraphName(c.net, 0, false) + "::"
		for i, entry := range result.Info.Param {
			name, found := strings.CutPrefix(entry.Name, prefix)
			require.True(t, found, "%q has no graph prefix", entry.Name)
			result.Info.Param[i].Name = name
		}
		require.Equal(t, string(c.quantInfo), string(result.Info.Marshal()))
	})
	require.GreaterOrEqual(t, compared, 2)
}

func TestSaneGRUCellsHaveTheirOwnParameters(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	net := randomNetwork(rng, model.GRU, 3, 4, 2, "both", true, 0.5)
	for _, v := range [][]float32{net.Layers[1].Forward.WeightIH, net.Layers[1].Backward.BiasHH} {
		for i := range v {
			v[i] *= 1000 // so that these parameters need a position of their own
		}
	}
	sequences := randomSequences(rng, 2, 5, 3, 1)
	sane, err := Calibrate(t.Context(), net, sequences, Options{})
	require.NoError(t, err)
	require.Len(t, sane.Info.Param, 4*12)
	compat, err := Calibrate(t.Context(), net, sequences, Options{Compat: xmodel.VAI20})
	require.NoError(t, err)
	require.Len(t, compat.Info.Param, 12)

	position := func(graph string) int {
		format, found := sane.Info.Param.Lookup(graph + "::weight_ii")
		require.True(t, found)
		return format.Position
	}
	shared, found := compat.Info.Param.Lookup("weight_ii")
	require.True(t, found)
	require.Equal(t, shared.Position, position("Rnn_StandardGruCell_layer_0_forward"))
	require.Less(t, position("Rnn_StandardGruCell_layer_1_forward"), shared.Position)
}

func TestSaneDirectionsDoNotSeeEachOther(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	both := randomNetwork(rng, model.LSTM, 3, 4, 1, "both", true, 0.5)
	alone := *both
	alone.Layers = []model.Layer{{Backward: both.Layers[0].Backward}}
	// A large sequence sets a coarse position, at which the forward cell floors the small positive values of the next to zero.
	sequences := append(randomSequences(rng, 1, 6, 3, 1000), slices.Repeat([]float32{0.02}, 9))

	histories := func(net *model.Network, compat xmodel.Compat) []NodeHistory {
		result, err := Calibrate(t.Context(), net, sequences, Options{Compat: compat})
		require.NoError(t, err)
		var out []NodeHistory
		for _, node := range result.History.Output {
			if strings.Contains(node.Name, "backward") {
				out = append(out, node)
			}
		}
		return out
	}
	require.Equal(t, histories(&alone, xmodel.Sane), histories(both, xmodel.Sane))
	require.Equal(t, histories(&alone, xmodel.Sane), histories(&alone, xmodel.VAI20))
	require.NotEqual(t, histories(&alone, xmodel.VAI20), histories(both, xmodel.VAI20),
		"under VAI20 the backward cell reads what the forward cell left of x")
}

func TestGraphName(t *testing.T) {
	net := &model.Network{Name: "encoder.my_RNN.0"}
	require.Equal(t, "EncoderMyRnn0_StandardLstmCell_layer_2_backward", GraphName(net, 2, true))
	net = &model.Network{Kind: model.GRU}
	require.Equal(t, "Gru_StandardGruCell_layer_0_forward", GraphName(net, 0, false))
	net = &model.Network{Name: "LSTM"}
	require.Equal(t, "Lstm_StandardLstmCell_layer_0_forward", GraphName(net, 0, false))
}
