package quant

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/model"
	"rnnsim/xmodel"
)

func TestBuildRejectsAQuantInfoThatDoesNotFit(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	lstm := randomNetwork(rng, model.LSTM, 2, 3, 1, "forward", true, 0.5)
	lstm.Source = "net.npz"
	larger := randomNetwork(rng, model.LSTM, 2, 3, 2, "forward", true, 0.5)
	gru := randomNetwork(rng, model.GRU, 2, 3, 1, "forward", true, 0.5)
	infoOf := func(net *model.Network, options Options) *Info {
		result, err := Calibrate(t.Context(), net, randomSequences(rng, 1, 3, 2, 1), options)
		require.NoError(t, err)
		result.Info.Source = "quant_info.json"
		return result.Info
	}
	remove := func(s *Section, name string) {
		for i, e := range *s {
			if strings.HasSuffix(e.Name, name) {
				*s = append((*s)[:i], (*s)[i+1:]...)
				return
			}
		}
		require.Fail(t, "there is no such entry", name)
	}
	const graph = "Rnn_StandardLstmCell_layer_0_forward"
	for name, c := range map[string]struct {
		net    *model.Network
		info   *Info
		change func(i *Info)
		compat xmodel.Compat
		want   string
	}{
		"a missing parameter": {
			net: lstm, info: infoOf(lstm, Options{}), change: func(i *Info) { remove(&i.Param, "::bias_f") },
			want: `quant_info.json has no param entry "` + graph + `::bias_f": it is of another model`,
		},
		"a missing output": {
			net: lstm, info: infoOf(lstm, Options{}), change: func(i *Info) { remove(&i.Output, "::it*cct") },
			want: `quant_info.json has no output entry "` + graph + `::it*cct"`,
		},
		"a missing matmul input": {
			net: lstm, info: infoOf(lstm, Options{WeightBits: 8}), change: func(i *Info) { remove(&i.Input, "::w_ho * input_1") },
			want: `quant_info.json has no input entry "` + graph + `::w_ho * input_1"`,
		},
		"all matmul inputs missing": {
			net: lstm, info: infoOf(lstm, Options{WeightBits: 8}), change: func(i *Info) { i.Input = nil },
			want: `gives param entry "` + graph + `::weight_ii" a width of 8 bits, it must be 16`,
		},
		"a wrong width": {
			net: lstm, info: infoOf(lstm, Options{}), change: func(i *Info) { i.Output[5].Format.Bits = 8 },
			want: "a width of 8 bits, it must be 16",
		},
		"a position out of range": {
			net: lstm, info: infoOf(lstm, Options{}), change: func(i *Info) { i.Output[0].Format.Position = 99 },
			want: `quant_info.json, output entry "` + graph + `::input_0": fix position 99 is outside`,
		},
		"more layers than the network": {
			net: lstm, info: infoOf(larger, Options{}),
			want: `quant_info.json has the param entry "Rnn_StandardLstmCell_layer_1_forward::bias_f", which the network does not have`,
		},
		"fewer layers than the network": {
			net: larger, info: infoOf(lstm, Options{}),
			want: `has no output entry "Rnn_StandardLstmCell_layer_1_forward::input_0"`,
		},
		"another kind of cell": {net: gru, info: infoOf(lstm, Options{}), want: `has no output entry "Rnn_StandardGruCell_layer_0_forward::input_0"`},
		"shared GRU parameters read sanely": {
			net: gru, info: infoOf(gru, Options{Compat: xmodel.VAI20}),
			want: "the original tool's shared GRU parameters, which only the vai2.0 compatibility mode reads",
		},
		"own GRU parameters read as the original": {
			net: gru, info: infoOf(gru, Options{}), compat: xmodel.VAI20,
			want: "each of its GRU cells has its own parameters",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if c.change != nil {
				c.change(c.info)
			}
			_, err := Build(c.net, c.info, c.compat)
			require.ErrorContains(t, err, c.want)
		})
	}
	t.Run("a NaN in the network", func(t *testing.T) {
		info := infoOf(lstm, Options{})
		lstm.Layers[0].Forward.WeightIH[0] = float32(math.NaN())
		_, err := Build(lstm, info, xmodel.Sane)
		require.ErrorContains(t, err, `parameter "weight_ii" holds a NaN`)
		require.ErrorContains(t, err, "net.npz")
	})
}

func TestBuildFromARecordedQuantInfoGivesTheCalibratedGraphs(t *testing.T) {
	eachRecordedCase(t, func(t *testing.T, c *recordedCase) {
		info, err := ParseInfo(c.quantInfo)
		require.NoError(t, err)
		built, err := Build(c.net, info, xmodel.VAI20)
		require.NoError(t, err)
		result, err := Calibrate(t.Context(), c.net, c.sequences, Options{WeightBits: c.WeightBits, Compat: xmodel.VAI20})
		require.NoError(t, err)
		require.Equal(t, result.Model.Digest(), built.Digest())
	})
}

func TestBuildMarksPlaces(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	net := randomNetwork(rng, model.LSTM, 2, 3, 2, "both", false, 0.5)
	result, err := Calibrate(t.Context(), net, randomSequences(rng, 1, 3, 2, 1), Options{})
	require.NoError(t, err)
	require.Len(t, result.Model.Cells, 4)
	for i, cell := range result.Model.Cells {
		require.Equal(t, i/2, cell.Layer)
		require.Equal(t, i%2 == 1, cell.Backward)
		require.NoError(t, xmodel.Validate(cell.Graph))
	}
}
