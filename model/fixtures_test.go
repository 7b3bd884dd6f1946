package model

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/npy"
	"rnnsim/internal/shared"
)

func fixture(name string) string { return filepath.Join("testdata", name) }

func read(t *testing.T, name string, opts ReadOptions) *Network {
	t.Helper()
	network, err := Read(fixture(name), opts)
	require.NoError(t, err)
	assert.Equal(t, fixture(name), network.Source)
	network.Source = ""
	return network
}

// array reads one array of an archive, the straight way.
func array(t *testing.T, path, name string) []float32 {
	t.Helper()
	z, err := npy.OpenZip(path)
	require.NoError(t, err)
	defer z.Close()
	a, err := z.Array(name)
	require.NoError(t, err)
	values, err := a.Float32s()
	require.NoError(t, err)
	return values
}

// lstm is the network of testdata/lstm.npz, made without the reader's rules.
func lstm(t *testing.T) *Network {
	from := func(name string) []float32 { return array(t, fixture("lstm.npz"), name) }
	return &Network{
		Name: "rnn",
		Kind: LSTM,
		Layers: []Layer{{Forward: &Cell{
			Input: 3, Hidden: 2,
			WeightIH: from("rnn.weight_ih_l0"), WeightHH: from("rnn.weight_hh_l0"),
			BiasIH: from("rnn.bias_ih_l0"), BiasHH: from("rnn.bias_hh_l0"),
		}}},
		Head:         []Dense{{Name: "fc", Input: 2, Output: 2, Weight: from("fc.weight"), Bias: from("fc.bias")}},
		LastStepOnly: true,
	}
}

func TestEveryFormOfOneNetwork(t *testing.T) {
	want := lstm(t)
	for _, name := range []string{
		"lstm.npz", "lstm-zip.pth", "lstm-legacy.pth", "lstm-double.pth", "lstm-double-legacy.pth", "lstm-half.pth",
		"lstm-half-legacy.pth", "lstm-bfloat16.pth", "lstm-bfloat16-legacy.pth", "lstm-protocol-4.pth", "lstm-protocol-5.pth",
		"lstm-big-endian.pth", "lstm-views.pth", "lstm-views-legacy.pth", "lstm-parameters.pth", "lstm-parameters-legacy.pth",
		"lstm-dict.pth", "lstm-data-parallel.pth",
		"checkpoint-state_dict.pth", "checkpoint-model.pth", "checkpoint-deep.pth", "checkpoint-ema.pth", "checkpoint-module.pth",
		"checkpoint-sequence.pth", "checkpoint-object.pth",
		"module.pth", "module-legacy.pth", "scripted.pt", "traced.pt",
		"lstm-F64.safetensors", "lstm-F32.safetensors", "lstm-F16.safetensors", "lstm-BF16.safetensors",
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, want, read(t, name, ReadOptions{}))
		})
	}
}

func TestFullNetwork(t *testing.T) {
	from := func(name string) []float32 { return array(t, fixture("full.npz"), name) }
	cell := func(input int, suffix string) *Cell {
		return &Cell{
			Input: input, Hidden: 2,
			WeightIH: from("encoder.rnn.weight_ih_" + suffix), WeightHH: from("encoder.rnn.weight_hh_" + suffix),
			BiasIH: from("encoder.rnn.bias_ih_" + suffix), BiasHH: from("encoder.rnn.bias_hh_" + suffix),
		}
	}
	want := &Network{
		Name:      "encoder.rnn",
		Kind:      GRU,
		Layers:    []Layer{{Forward: cell(3, "l0"), Backward: cell(3, "l0_reverse")}, {Forward: cell(4, "l1"), Backward: cell(4, "l1_reverse")}},
		Embedding: &Embedding{Tokens: 5, Features: 3, Weight: from("embedding.weight")},
		Head: []Dense{
			{Name: "head.0", Input: 4, Output: 3, Weight: from("head.0.weight"), Bias: from("head.0.bias")},
			{Name: "head.2", Input: 3, Output: 1, Weight: from("head.2.weight"), Bias: from("head.2.bias")},
		},
		LastStepOnly: true,
		Notes:        []string{"the file does not say what lies between the dense layers head.0 and head.2: no activation is taken there; a graph of ONNX or a model of Keras says"},
	}
	for _, name := range []string{"full.npz", "full.pth", "full-legacy.pth", "full.safetensors"} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, want, read(t, name, ReadOptions{}))
			assert.Equal(t, want, read(t, name, ReadOptions{RNN: "encoder.rnn"}))
		})
	}
}

func TestOtherNetworks(t *testing.T) {
	n := read(t, "bidirectional.npz", ReadOptions{})
	assert.NotNil(t, n.Layers[0].Backward)
	assert.Equal(t, 4, n.Layers[0].Output())
	assert.Equal(t, 4, n.Head[0].Input)

	n = read(t, "nobias.npz", ReadOptions{})
	assert.Equal(t, "gru", n.Name, "without module names the kind is the name")
	assert.Nil(t, n.Layers[0].Forward.BiasIH)
	assert.Nil(t, n.Layers[0].Forward.BiasHH)
	assert.Empty(t, n.Head)
	assert.False(t, n.LastStepOnly)

	n = read(t, "lstm-cell.pth", ReadOptions{RNN: "lstm"})
	assert.Equal(t, "lstm", n.Name)
	assert.Equal(t, 3, n.Input())

	n = read(t, "gru-cell.pth", ReadOptions{})
	assert.Equal(t, "step", n.Name)
	assert.Equal(t, GRU, n.Kind)
	assert.Nil(t, n.Layers[0].Forward.BiasIH)
}

func TestSeveralModulesInOneFile(t *testing.T) {
	_, err := Read(fixture("checkpoint-two.pth"), ReadOptions{})
	require.ErrorContains(t, err, "encoder.rnn (lstm, 2 units), decoder.rnn (gru, 2 units): say which one is meant (--rnn NAME)")
	_, err = Read(fixture("checkpoint-two.pth"), ReadOptions{RNN: "rnn"})
	require.ErrorContains(t, err, "several recurrent modules")
	_, err = Read(fixture("checkpoint-two.pth"), ReadOptions{RNN: "middle"})
	require.ErrorContains(t, err, `no recurrent module is named "middle"; there are encoder.rnn`)
	assert.Equal(t, lstm(t), read(t, "checkpoint-two.pth", ReadOptions{RNN: "encoder.rnn"}))
	assert.Equal(t, GRU, read(t, "checkpoint-two.pth", ReadOptions{RNN: "decoder.rnn"}).Kind)
	average := read(t, "checkpoint-ema.pth", ReadOptions{RNN: "ema.rnn"})
	assert.Equal(t, lstm(t).Layers[0].Forward.BiasIH[0]+1, average.Layers[0].Forward.BiasIH[0])
}

func TestNetworksThatTheAcceleratorLacks(t *testing.T) {
	for name, want := range map[string]string{
		"projection.pth": "proj_size",
		"plain-rnn.pth":  "a plain RNN",
		"no-rnn.pth":     `no LSTM or GRU is in the file: no tensor is named weight_ih_l0 or weight_ih; its tensors are "weight", "bias"`,
		"tensor.pth":     "one tensor of shape [3]",
		"quantized.pth":  "quantized by PyTorch: save the float model",
		"frozen.pt":      "was frozen (torch.jit.freeze)",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(fixture(name), ReadOptions{})
			require.ErrorContains(t, err, want)
			require.ErrorContains(t, err, fixture(name))
		})
	}
}

func TestRecordedModels(t *testing.T) {
	for _, name := range []string{"digits-lstm16", "digits-lstm8", "digits-gru16", "digits-gru8", "digits-bilstm16"} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join("..", "vectors", name)
			pth, err := Read(filepath.Join(folder, "model.pth"), ReadOptions{})
			require.NoError(t, err)
			npz, err := Read(filepath.Join(folder, "model.npz"), ReadOptions{})
			require.NoError(t, err)
			assert.Equal(t, array(t, npz.Source, npz.Name+".weight_hh_l0"), npz.Layers[0].Forward.WeightHH)
			require.Len(t, npz.Head, 1)
			assert.Equal(t, 10, npz.Head[0].Output)
			assert.True(t, npz.LastStepOnly)
			assert.Empty(t, npz.Unused)
			pth.Source, npz.Source = "", ""
			assert.Equal(t, npz, pth)
		})
	}
}

func TestAllRecordedCases(t *testing.T) {
	cases, err := filepath.Glob(filepath.Join(shared.Path(t, "vectors"), "*", "model.npz"))
	require.NoError(t, err)
	require.NotEmpty(t, cases)
	for _, path := range cases {
		_, err := Read(path, ReadOptions{})
		require.NoError(t, err)
	}
}

func TestRealModels(t *testing.T) {
	for file, kind := range map[string]Kind{"imdb_lstm_pytorch.pth": LSTM, "imdb_gru_pytorch.pth": GRU} {
		t.Run(file, func(t *testing.T) {
			n, err := Read(shared.Path(t, "models", file), ReadOptions{})
			require.NoError(t, err)
			assert.Equal(t, map[Kind]string{LSTM: "LSTM", GRU: "GRU"}[kind], n.Name)
			assert.Equal(t, kind, n.Kind)
			require.Len(t, n.Layers, 1)
			assert.Equal(t, 32, n.Input())
			assert.Equal(t, 100, n.Layers[0].Output())
			require.NotNil(t, n.Embedding)
			assert.Equal(t, 5000, n.Embedding.Tokens)
			require.Len(t, n.Head, 1)
			assert.Equal(t, 1, n.Head[0].Output)
			assert.Empty(t, n.Unused)
		})
	}
	recorded, err := Read(shared.Path(t, "vectors", "imdb-lstm16", "model.npz"), ReadOptions{})
	require.NoError(t, err)
	real, err := Read(shared.Path(t, "models", "imdb_lstm_pytorch.pth"), ReadOptions{})
	require.NoError(t, err)
	assert.Equal(t, recorded.Layers, real.Layers)
}
