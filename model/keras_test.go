package model

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/shared"
)

func kerasFixture(name string) string { return filepath.Join("keras", name) }

// withoutNotes is a network for comparison with one of another format.
func withoutNotes(n *Network) *Network {
	n.Notes = nil
	return n
}

func TestKerasEqualsPyTorch(t *testing.T) {
	for name, files := range map[string][]string{
		"lstm-torch.npz": {"keras1-lstm.h5", "keras2-lstm.h5", "keras2-lstm.keras", "keras2-divided.h5", "keras2-weights.h5", "keras3-lstm.keras"},
		"gru-torch.npz":  {"keras2-gru.h5", "keras3-gru.h5", "keras3-gru.keras"},
	} {
		want := read(t, kerasFixture(name), ReadOptions{})
		for _, file := range files {
			t.Run(file, func(t *testing.T) {
				got := read(t, kerasFixture(file), ReadOptions{})
				if file != "keras2-weights.h5" {
					assert.Empty(t, got.Notes)
				}
				assert.Equal(t, want, withoutNotes(got))
				assert.Equal(t, want, withoutNotes(read(t, kerasFixture(file), ReadOptions{RNN: "rnn"})))
			})
		}
	}
}

func TestKerasVersionsAgree(t *testing.T) {
	want := read(t, kerasFixture("keras2-stacked.h5"), ReadOptions{})
	assert.False(t, want.LastStepOnly)
	assert.Equal(t, "rnn", want.Name)
	require.Len(t, want.Layers, 2)
	require.NotNil(t, want.Embedding)
	assert.Equal(t, [2]int{7, 3}, [2]int{want.Embedding.Tokens, want.Embedding.Features})
	require.Len(t, want.Head, 1)
	assert.Equal(t, "relu", want.Head[0].Activation)
	assert.Empty(t, want.Unused)
	for _, file := range []string{"keras2-stacked.keras", "keras2.12-stacked.keras", "keras3-stacked.h5", "keras3-stacked.keras"} {
		t.Run(file, func(t *testing.T) {
			assert.Equal(t, want, read(t, kerasFixture(file), ReadOptions{}))
		})
	}
}

func TestKerasWeightsAlone(t *testing.T) {
	want := read(t, kerasFixture("keras2-bidirectional_gru.h5"), ReadOptions{})
	assert.Equal(t, "sigmoid", want.Head[0].Activation)
	want.Head[0].Activation = ""
	for _, file := range []string{"keras2-numbered.weights.h5", "keras3-numbered.weights.h5"} {
		t.Run(file, func(t *testing.T) {
			got := read(t, kerasFixture(file), ReadOptions{})
			require.Len(t, got.Notes, 1)
			assert.Contains(t, got.Notes[0], "the file holds weights and no configuration")
			assert.Equal(t, want, withoutNotes(got))
		})
	}
	// TimeDistributed may be wrapped around anything, and where it lies is not in the file.
	_, err := Read(fixture(kerasFixture("keras3-unclear.weights.h5")), ReadOptions{})
	require.ErrorContains(t, err, `layer "time_distributed": the file does not say where it lies and what it computes: read the whole model`)
}

func TestKerasLayers(t *testing.T) {
	backwards := read(t, kerasFixture("keras3-backwards.keras"), ReadOptions{})
	var runs []bool
	for _, layer := range backwards.Layers {
		require.Len(t, layer.Cells(), 1)
		runs = append(runs, layer.Backward != nil)
	}
	assert.Equal(t, []bool{true, true, false, true}, runs)
	assert.True(t, backwards.LastStepOnly)

	nobias := read(t, kerasFixture("keras3-nobias.keras"), ReadOptions{})
	assert.Nil(t, nobias.Layers[0].Forward.BiasIH)
	assert.Nil(t, nobias.Head[0].Bias)
	assert.Equal(t, "softmax", nobias.Head[0].Activation)

	for file, want := range map[string]string{
		"keras2-masked.h5":       `layer "masking" (Masking) leaves out the steps all of whose features are -1: leave them out of the sequences`,
		"keras3-masked.keras":    `layer "masking" (Masking) leaves out the steps all of whose features are -1: leave them out of the sequences`,
		"keras2-mask_zero.h5":    `layer "embedding" (Embedding) leaves out the steps whose token is 0 (mask_zero): leave them out of the sequences`,
		"keras3-mask_zero.keras": `layer "embedding" (Embedding) leaves out the steps whose token is 0 (mask_zero): leave them out of the sequences`,
	} {
		assert.Equal(t, []string{want}, read(t, kerasFixture(file), ReadOptions{}).Notes, file)
	}
}

func TestRealKerasModels(t *testing.T) {
	imdb, err := Read(shared.Path(t, "models", "imdb_lstm_keras.h5"), ReadOptions{})
	require.NoError(t, err)
	assert.Empty(t, imdb.Notes)
	assert.Empty(t, imdb.Unused)
	require.NotNil(t, imdb.Embedding)
	assert.Equal(t, [2]int{5000, 32}, [2]int{imdb.Embedding.Tokens, imdb.Embedding.Features})
	require.Len(t, imdb.Layers, 1)
	assert.Equal(t, 100, imdb.Layers[0].Output())
	require.Len(t, imdb.Head, 1)
	assert.Equal(t, "sigmoid", imdb.Head[0].Activation)
	assert.True(t, imdb.LastStepOnly)

	path := shared.Path(t, "models", "customer_satisfaction_lstm_keras.h5")
	_, err = Read(path, ReadOptions{})
	require.ErrorContains(t, err, `layer "lstm" (LSTM): its recurrent_activation is hard_sigmoid; the accelerator computes gates with its sigmoid table`)
	customer, err := Read(path, ReadOptions{ReplaceHardSigmoid: true})
	require.NoError(t, err)
	assert.Equal(t, []string{
		`layer "lstm" (LSTM) has the recurrent_activation hard_sigmoid: the sigmoid stands in for it, and outputs differ from the file's`,
		"the network starts behind layers that it cannot hold: what it reads is what embedding (Embedding), conv1d (Conv1D), max_pooling1d (MaxPooling1D) yield, keras.Model(model.inputs, model.get_layer(\"max_pooling1d\").output).predict(x)",
	}, customer.Notes)
	assert.Equal(t, []string{"conv1d/bias:0", "conv1d/kernel:0", "embedding/embeddings:0"}, customer.Unused)
	assert.Nil(t, customer.Embedding)
	assert.Equal(t, 32, customer.Input())
	assert.Equal(t, 100, customer.Layers[0].Output())
}
