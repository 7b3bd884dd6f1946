package model

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGuessOfWeights(t *testing.T) {
	shaped := func(parts ...any) []tensor {
		var all []tensor
		for i := 0; i < len(parts); i += 2 {
			all = append(all, tensor{name: "layer/" + parts[i].(string), shape: parts[i+1].([]int)})
		}
		return all
	}
	for name, one := range map[string]struct {
		tensors []tensor
		class   string
		want    string
	}{
		"LSTM":         {shaped("kernel:0", []int{3, 8}, "recurrent_kernel:0", []int{2, 8}, "bias:0", []int{8}), "LSTM", ""},
		"GRU":          {shaped("kernel", []int{3, 6}, "recurrent_kernel", []int{2, 6}, "bias", []int{2, 6}), "GRU", ""},
		"embedding":    {shaped("embeddings:0", []int{7, 3}), "Embedding", ""},
		"dense":        {shaped("kernel:0", []int{7, 3}), "Dense", ""},
		"dense 1":      {shaped("dense_1_W:0", []int{7, 3}, "dense_1_b:0", []int{3}), "Dense", ""},
		"reset before": {shaped("kernel:0", []int{3, 6}, "recurrent_kernel:0", []int{2, 6}, "bias:0", []int{6}), "", "reset_after=False"},
		"no bias":      {shaped("kernel:0", []int{3, 6}, "recurrent_kernel:0", []int{2, 6}), "", "may reset before or after"},
		"one gate":     {shaped("kernel:0", []int{3, 2}, "recurrent_kernel:0", []int{2, 2}, "bias:0", []int{2}), "", "as a SimpleRNN has"},
		"five gates":   {shaped("kernel:0", []int{3, 10}, "recurrent_kernel:0", []int{2, 10}), "", "its recurrent kernel has shape [2 10]"},
		"convolution":  {shaped("kernel:0", []int{3, 3, 2}, "bias:0", []int{2}), "", `"kernel", "bias"`},
		"norm":         {shaped("gamma:0", []int{3}, "beta:0", []int{3}), "", `"gamma", "beta"`},
		"nothing":      {nil, "", "there are none"},
	} {
		t.Run(name, func(t *testing.T) {
			s := kerasStep{kerasLayer: kerasLayer{name: "layer"}}
			s.guess(one.tensors)
			if one.want == "" {
				require.NoError(t, s.err)
				assert.Equal(t, one.class, s.class)
				return
			}
			require.ErrorContains(t, s.err, `layer "layer": its weights do not say what it is`)
			require.ErrorContains(t, s.err, one.want)
			assert.Equal(t, otherRole, s.role)
		})
	}
	s := kerasStep{kerasLayer: kerasLayer{name: "lstm", class: "LSTM"}}
	s.guess(shaped("0", []int{3, 6}, "1", []int{2, 6}, "2", []int{2, 6}))
	require.ErrorContains(t, s.err, "the gates of the class GRU, and the group is one of the class LSTM")

	for name, role := range map[string]kerasRole{"dropout_3": nothingRole, "input_1": inputRole, "flatten": otherRole, "global_max_pooling1d": otherRole} {
		s := kerasStep{kerasLayer: kerasLayer{name: name}}
		s.withoutWeights(name)
		assert.Equal(t, role, s.role, name)
		assert.Equal(t, role == otherRole, s.err != nil, name)
	}
}

// TestGatesThatDoNotFit holds a case that fuzzing found: a gate that is a scalar, where others are matrices.
func TestGatesThatDoNotFit(t *testing.T) {
	s := kerasStep{kerasLayer: kerasLayer{name: "rnn", class: "LSTM"}, role: recurrentRole, kind: LSTM}
	gates := func(change func(*tensor)) []tensor {
		var all []tensor
		for _, gate := range "icfo" {
			for _, letter := range "WUb" {
				all = append(all, tensor{name: "rnn_" + string(letter) + "_" + string(gate) + ":0", shape: []int{2}})
			}
		}
		change(&all[0])
		return all
	}
	for want, change := range map[string]func(*tensor){
		`layer "rnn" (LSTM): tensor "rnn_W_i:0" has shape []`: func(t *tensor) { t.shape = nil },
		`has shape [2], that of the first gate is [3]`:        func(t *tensor) { t.shape = []int{3} },
		`its weight "rnn_W:0" is none of Keras 1's (…_W_i)`:   func(t *tensor) { t.name = "rnn_W:0" },
		`layer "rnn" (LSTM): its weight W_i is missing`:       func(t *tensor) { t.name = "rnn_W_z:0" },
	} {
		_, err := joinGates(&s, gates(change))
		require.ErrorContains(t, err, want)
	}
	joined, err := joinGates(&s, gates(func(*tensor) {}))
	require.NoError(t, err)
	require.Len(t, joined, 3)
	assert.Equal(t, []int{8}, joined[0].shape)
}
