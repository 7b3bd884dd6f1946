package model

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// configured reads a .keras fixture with its configuration changed: pairs of a text and what takes its place, first occurrence.
func configured(t *testing.T, name string, opts ReadOptions, changes ...string) (*Network, error) {
	t.Helper()
	return readBytes(t, edited(t, kerasFixture(name), func(entry string, old []byte) []byte {
		text := string(old)
		for i := 0; entry == "config.json" && i < len(changes); i += 2 {
			require.Contains(t, text, changes[i])
			text = strings.Replace(text, changes[i], changes[i+1], 1)
		}
		return []byte(text)
	}), opts)
}

func TestKerasRefuses(t *testing.T) {
	const gate, cell = `"recurrent_activation": "sigmoid"`, `"activation": "tanh"`
	for _, one := range []struct {
		file    string
		want    string
		changes []string
	}{
		{"keras3-lstm.keras", `layer "rnn" (LSTM): its recurrent_activation is hard_sigmoid; the accelerator computes gates with its sigmoid table, and the cell's input and output with its tanh table`, []string{gate, `"recurrent_activation": "hard_sigmoid"`}},
		{"keras3-lstm.keras", `its recurrent_activation is hard_sigmoid`, []string{gate, `"recurrent_activation": {"module": "builtins", "class_name": "function", "config": "hard_sigmoid", "registered_name": "hard_sigmoid"}`}},
		{"keras3-lstm.keras", `its recurrent_activation is relu; the accelerator`, []string{gate, `"recurrent_activation": "relu"`}},
		{"keras3-lstm.keras", `its configuration has no recurrent_activation`, []string{gate, `"recurrent_activation": null`}},
		{"keras3-lstm.keras", `its activation is relu; the accelerator`, []string{cell, `"activation": "relu"`}},
		{"keras3-lstm.keras", `its activation is MyTable`, []string{cell, `"activation": {"class_name": "MyTable", "config": {}}`}},
		{"keras3-lstm.keras", `has no activation`, []string{cell, `"x": 0`}},
		{"keras3-lstm.keras", `has no recurrent_activation`, []string{gate, `"x": 0`}},
		{"keras3-gru.keras", `layer "rnn" (GRU): reset_after is False, which applies the reset gate before the recurrent product, and the accelerator's cell applies it after`, []string{`"reset_after": true`, `"reset_after": false`}},
		{"keras3-gru.keras", `reset_after is False`, []string{`"reset_after": true`, `"x": 0`}},
		{"keras3-gru.keras", `"/layers" has no member "lstm": it is not in the file`, []string{`"class_name": "GRU"`, `"class_name": "LSTM"`}},
		{"keras3-lstm.keras", `is wanted: 4 gates of 5 units`, []string{`"units": 4`, `"units": 5`}},
		{"keras3-lstm.keras", `layer "rnn" (LSTM) has 3 weights, 2 are wanted`, []string{`"use_bias": true`, `"use_bias": false`}},
		{"keras3-lstm.keras", `layer "fc" (Dense): tensor "layers/dense/vars/0" has shape [4 2], [input, 3] is wanted`, []string{`"units": 2`, `"units": 3`}},
		{"keras3-lstm.keras", `layer "fc" (Dense) has the activation gelu; a dense layer behind the network can have sigmoid, softmax, relu, tanh or none; to read the recurrent layers without what follows them, name them (--rnn rnn)`, []string{`"activation": "linear"`, `"activation": "gelu"`}},
		{"keras3-lstm.keras", `layer "rnn" (SimpleRNN) is no layer that a network here can hold: the accelerator has LSTM and GRU cells`, []string{`"class_name": "LSTM"`, `"class_name": "SimpleRNN"`}},
		{"keras3-lstm.keras", `layer "rnn" (CuDNNLSTM)`, []string{`"class_name": "LSTM"`, `"class_name": "CuDNNLSTM"`}},
		{"keras3-lstm.keras", `layer "rnn" (mine>LSTM)`, []string{`"class_name": "LSTM"`, `"class_name": "LSTM", "registered_name": "mine>LSTM", "x": 0`, `"registered_name": null, "build_config": {"input_shape": [null, 5, 3]}`, `"y": 0`}},
		{"keras3-lstm.keras", `layer "fc" (Flatten) is no layer that a network here can hold`, []string{`"class_name": "Dense"`, `"class_name": "Flatten"`}},
		{"keras3-lstm.keras", `layer "fc" (GlobalAveragePooling1D) is no layer`, []string{`"class_name": "Dense"`, `"class_name": "GlobalAveragePooling1D"`}},
		{"keras3-lstm.keras", `layer "fc" (Masking) lies behind the recurrent layers`, []string{`"class_name": "Dense"`, `"class_name": "Masking"`}},
		{"keras3-nobias.keras", `(Activation) has the activation elu`, []string{`"activation": "softmax"`, `"activation": "elu"`}},
		{"keras3-backwards.keras", `layer "gru" (GRU) yields its last step only, and a recurrent layer follows`, []string{`"return_sequences": true`, `"return_sequences": false`}},
		{"keras3-bidirectional_gru.keras", `its merge_mode is sum; the outputs of the directions can only be concatenated`, []string{`"merge_mode": "concat"`, `"merge_mode": "sum"`}},
		{"keras3-bidirectional_gru.keras", `its merge_mode is None`, []string{`"merge_mode": "concat"`, `"merge_mode": null`}},
		{"keras3-bidirectional_gru.keras", `its forward layer has go_backwards=True`, []string{`"go_backwards": false`, `"go_backwards": true`}},
		{"keras3-bidirectional_gru.keras", `its backward layer differs from its forward layer`, []string{`"go_backwards": true`, `"go_backwards": false`}},
		{"keras3-bidirectional_gru.keras", `holds a layer of class "SimpleRNN"`, []string{`"class_name": "GRU"`, `"class_name": "SimpleRNN"`}},
		{"keras3-stacked.keras", `holds a layer of class "Conv1D", only Dense can be read`, []string{`"class_name": "Dense"`, `"class_name": "Conv1D"`}},
		{"keras3-stacked.keras", `the model has 2 outputs, one is wanted`, []string{`"output_layers": [`, `"output_layers": [["rnn", 0, 0], ["rnn", 0, 0]], "x": [`}},
		{"keras3-stacked.keras", `no layer is named "none"`, []string{`"output_layers": [`, `"output_layers": ["none", 0, 0], "x": [`}},
		{"keras3-stacked.keras", `its output 1 of call 0 is read`, []string{`"output_layers": [`, `"output_layers": ["rnn", 0, 1], "x": [`}},
		{"keras3-stacked.keras", `output_layers: inbound_nodes has a form that is not known`, []string{`"output_layers": [`, `"output_layers": {}, "x": [`}},
		{"keras3-stacked.keras", `its output leads to itself`, []string{`"keras_history": ["input_layer", 0, 0]`, `"keras_history": ["rnn", 0, 0]`}},
		{"keras3-stacked.keras", `is called 2 times, and a network is a chain`, []string{`"inbound_nodes": [{`, `"inbound_nodes": [{}, {`}},
		{"keras3-stacked.keras", `reads 2 tensors, and a network is a chain`, []string{`"kwargs"`, `"args": [{"config": {"keras_history": ["rnn", 0, 0]}}, {"config": {"keras_history": ["rnn", 0, 0]}}], "kwargs"`}},
		{"keras3-lstm.keras", `the model is of class "Mine"`, []string{`"class_name": "Sequential"`, `"class_name": "Mine"`}},
		{"keras3-lstm.keras", `config.json: `, []string{`"class_name": "Sequential"`, `"class_name": `}},
		{"keras3-lstm.keras", `weights are looked for, has those of layer "rnn"`, []string{`"name": "rnn"`, `"name": "another"`}},
	} {
		t.Run(strings.Join(one.changes, " to "), func(t *testing.T) {
			_, err := configured(t, one.file, ReadOptions{}, one.changes...)
			require.ErrorContains(t, err, one.want)
		})
	}
}

func TestKerasNotes(t *testing.T) {
	for want, changes := range map[string][]string{
		`is stateful: here each sequence starts from the state zero`: {`"stateful": false`, `"stateful": true`},
		`is time_major: sequences here are [steps, features]`:        {`"unroll": false`, `"time_major": true`},
		`the sigmoid stands in for it`:                               {`"recurrent_activation": "sigmoid"`, `"recurrent_activation": "hard_sigmoid"`},
	} {
		n, err := configured(t, "keras3-lstm.keras", ReadOptions{ReplaceHardSigmoid: true}, changes...)
		require.NoError(t, err)
		require.Len(t, n.Notes, 1)
		assert.Contains(t, n.Notes[0], want)
	}
	// What acts in training only, and how it is computed, changes nothing.
	plain, err := configured(t, "keras3-lstm.keras", ReadOptions{})
	require.NoError(t, err)
	for _, changes := range [][]string{
		{`"dropout": 0.0`, `"dropout": 0.5`}, {`"unroll": false`, `"unroll": true`}, {`"return_state": false`, `"return_state": true`},
	} {
		n, err := configured(t, "keras3-lstm.keras", ReadOptions{}, changes...)
		require.NoError(t, err)
		require.Equal(t, plain, n)
	}
}

func TestKerasWithoutWhatFollows(t *testing.T) {
	n, err := configured(t, "keras3-lstm.keras", ReadOptions{RNN: "rnn"}, `"class_name": "Dense"`, `"class_name": "Dense", "class_name": "Flatten"`)
	require.NoError(t, err)
	assert.Empty(t, n.Head)
	require.Len(t, n.Notes, 1)
	assert.Contains(t, n.Notes[0], `the network ends with the recurrent layers: layer "fc" (Flatten)`)

	_, err = configured(t, "keras3-lstm.keras", ReadOptions{RNN: "fc"})
	require.ErrorContains(t, err, `no recurrent layer is named "fc"; there are "rnn"`)
	_, err = configured(t, "keras3-backwards.keras", ReadOptions{}, `"class_name": "GRU"`, `"class_name": "Dense"`, `"class_name": "GRU", "config": {"name": "gru_2"`, `"class_name": "Conv1D", "config": {"name": "gru_2"`)
	require.ErrorContains(t, err, `several runs of recurrent layers`)
}

// steps makes a chain of layers of GRUs for the rules that no weights are needed for.
func TestKerasReversedSteps(t *testing.T) {
	layer := func(class, name, config string) string {
		return fmt.Sprintf(`{"class_name": %q, "config": {"name": %q, %s}}`, class, name, config)
	}
	const gru = `"units": 1, "activation": "tanh", "recurrent_activation": "sigmoid", "reset_after": true, "return_sequences": true`
	back := layer("GRU", "back", gru+`, "go_backwards": true`)
	both := layer("Bidirectional", "both", `"merge_mode": "concat", "layer": `+layer("GRU", "inner", gru))
	for want, list := range map[string]string{
		`layer "back" yields its steps in reversed order`:                   back,
		`reads the steps of layer "back" in reversed order`:                 back + "," + both,
		`(Masking) lies behind the recurrent layers`:                        layer("GRU", "gru", gru) + "," + layer("Masking", "m", `"mask_value": 0`),
		`yields zeros for steps that are left out`:                          layer("Masking", "m", `"mask_value": 0`) + "," + layer("GRU", "gru", strings.Replace(gru, "true", "true", 1)+`, "return_sequences": false, "zero_output_for_mask": true`),
		`the model has no LSTM or GRU layer`:                                layer("Dense", "fc", `"units": 1`),
		`wrapped in TimeDistributed, and only the last step lies before it`: layer("GRU", "gru", gru+`, "return_sequences": false`) + "," + layer("TimeDistributed", "td", `"layer": `+layer("Dense", "fc", `"units": 1`)),
		`follows a layer that is no dense layer or has an activation`:       layer("GRU", "gru", gru) + "," + layer("Softmax", "s", `"axis": -1`),
		`runs along axis 1, only the last can be read`:                      layer("GRU", "gru", gru) + "," + layer("Dense", "fc", `"units": 1`) + "," + layer("Softmax", "s", `"axis": 1`),
		`has a limit, a slope or a threshold`:                               layer("GRU", "gru", gru) + "," + layer("Dense", "fc", `"units": 1`) + "," + layer("ReLU", "r", `"max_value": 6`),
		`a model inside a model; save its layers in one model`:              layer("GRU", "gru", gru) + "," + layer("Sequential", "inner", `"layers": []`),
		`its configuration cannot be read`:                                  layer("GRU", "gru", `"units": "many"`),
	} {
		t.Run(want, func(t *testing.T) {
			layers, err := kerasLayers([]byte(`{"class_name": "Sequential", "config": {"layers": [` + list + `]}}`))
			require.NoError(t, err)
			_, err = kerasNetwork(kerasSteps(layers, ReadOptions{}), unitWeights{}, ReadOptions{})
			require.ErrorContains(t, err, want)
		})
	}
}

// unitWeights are weights for layers of one unit that read one feature.
type unitWeights struct{}

func (unitWeights) all(kerasLayer) ([]string, error) { return nil, nil }

func (unitWeights) of(s *kerasStep, _ bool) ([]tensor, error) {
	one := func(name string, shape ...int) tensor {
		n, err := elements(shape)
		return tensor{name: name, shape: shape, values: func() ([]float32, error) { return make([]float32, n), err }}
	}
	if s.role == denseRole {
		return []tensor{one("kernel", 1, 1), one("bias", 1)}, nil
	}
	return []tensor{one("kernel", 1, 3), one("recurrent_kernel", 1, 3), one("bias", 2, 3)}, nil
}

// TestDamagedKeras changes bytes of each fixture: reading must end with a sound network or an error, soon.
func TestDamagedKeras(t *testing.T) {
	times := 1000
	if testing.Short() {
		times = 50
	}
	random := rand.New(rand.NewPCG(5, 6))
	for _, name := range []string{"keras2-lstm.h5", "keras2-weights.h5", "keras3-gru.h5", "keras3-numbered.weights.h5"} {
		whole := content(t, kerasFixture(name))
		damaged := make([]byte, len(whole))
		for range times {
			copy(damaged, whole)
			for range 1 + random.IntN(3) {
				damaged[random.IntN(len(damaged))] ^= 1 << random.IntN(8)
			}
			start := time.Now()
			n, err := readBytes(t, damaged, ReadOptions{})
			require.Less(t, time.Since(start), 5*time.Second)
			if err == nil {
				require.NoError(t, n.Validate())
			}
		}
	}
}

func TestHostileKeras(t *testing.T) {
	for want, config := range map[string]string{
		"exceeded max depth":   strings.Repeat(`{"config":`, 20000),
		"the limit is 16384":   `{"class_name": "Sequential", "config": {"layers": [` + strings.Repeat("{},", 1<<14) + `{}]}}`,
		"the limit is 8388608": strings.Repeat(" ", maxKerasConfig) + "{}",
	} {
		_, err := readBytes(t, edited(t, kerasFixture("keras3-lstm.keras"), func(entry string, old []byte) []byte {
			if entry == "config.json" {
				return []byte(config)
			}
			return old
		}), ReadOptions{})
		require.ErrorContains(t, err, want)
	}
	for missing, want := range map[string]string{
		"model.weights.h5": "the archive has no model.weights.h5",
		"config.json":      "it is a zip archive of no model that is known here",
	} {
		_, err := readBytes(t, edited(t, kerasFixture("keras3-lstm.keras"), func(entry string, old []byte) []byte {
			if entry == missing {
				return nil
			}
			return old
		}), ReadOptions{})
		require.ErrorContains(t, err, want)
	}
}
