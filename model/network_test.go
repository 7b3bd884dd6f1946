package model

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sound is a small network with every part.
func sound() *Network {
	cell := func(input int) *Cell {
		return &Cell{
			Input: input, Hidden: 2,
			WeightIH: make([]float32, 6*input), WeightHH: make([]float32, 12), BiasIH: make([]float32, 6), BiasHH: make([]float32, 6),
		}
	}
	return &Network{
		Name: "rnn", Kind: GRU,
		Embedding: &Embedding{Tokens: 5, Features: 3, Weight: make([]float32, 15)},
		Layers:    []Layer{{Forward: cell(3), Backward: cell(3)}, {Backward: cell(4)}},
		Head:      []Dense{{Name: "fc", Input: 2, Output: 1, Weight: make([]float32, 2), Bias: make([]float32, 1)}},
	}
}

func TestValidate(t *testing.T) {
	require.NoError(t, sound().Validate())
	assert.Equal(t, 3, sound().Input())
	assert.Zero(t, (&Network{Layers: []Layer{{}}}).Input())
	for name, c := range map[string]struct {
		spoil func(*Network)
		want  string
	}{
		"no layer":         {func(n *Network) { n.Layers = nil }, `network "rnn" has no recurrent layer`},
		"no cell":          {func(n *Network) { n.Layers[1] = Layer{} }, "layer 1 has no cell"},
		"embedding":        {func(n *Network) { n.Embedding.Tokens = 6 }, "embedding holds 15 values, its shape [6, 3] wants 18"},
		"embedding input":  {func(n *Network) { n.Embedding.Features, n.Embedding.Tokens = 5, 3 }, "layer 0 reads 3 features, what lies before it yields 5"},
		"layer input":      {func(n *Network) { n.Layers[0].Backward = nil }, "layer 1 reads 4 features, what lies before it yields 2"},
		"directions":       {func(n *Network) { n.Layers[0].Backward.Hidden = 3 }, "layer 0: the directions have 2 and 3 units"},
		"kind":             {func(n *Network) { n.Kind = LSTM }, "layer 0, cell 0: weight_ih holds 18 values, 24 wanted"},
		"recurrent weight": {func(n *Network) { n.Layers[0].Backward.WeightHH = nil }, "layer 0, cell 1: weight_hh holds 0 values, 12 wanted"},
		"no units":         {func(n *Network) { n.Layers[1].Backward.Hidden = 0 }, "layer 1, cell 0: 4 inputs and 0 units"},
		"half a bias":      {func(n *Network) { n.Layers[0].Forward.BiasHH = nil }, "only one of bias_ih and bias_hh is there"},
		"short bias":       {func(n *Network) { n.Layers[0].Forward.BiasHH = make([]float32, 5) }, "biases hold 6 and 5 values, 6 wanted"},
		"head input":       {func(n *Network) { n.Head[0].Input = 3 }, "dense layer 0 (fc) reads 3 features, what lies before it yields 2"},
		"head weight":      {func(n *Network) { n.Head[0].Output = 2 }, "dense layer 0 (fc): 2 weights and 1 biases do not fit [2, 2]"},
	} {
		t.Run(name, func(t *testing.T) {
			n := sound()
			c.spoil(n)
			require.ErrorContains(t, n.Validate(), c.want)
		})
	}
}

func TestKinds(t *testing.T) {
	assert.Equal(t, 4, LSTM.Gates())
	assert.Equal(t, 3, GRU.Gates())
	assert.Equal(t, "lstm", LSTM.String())
	assert.Equal(t, "gru", GRU.String())
}
