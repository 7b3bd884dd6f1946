package model_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/golden"
	"rnnsim/internal/npy"
	"rnnsim/model"
)

// onnxRecord is what frameworks compute with the models beside it; testdata/onnx/record.py says what lies in it.
type onnxRecord struct{ archive *npy.Zip }

func (r *onnxRecord) floats(t *testing.T, name string) ([]float64, []int) {
	t.Helper()
	if !slices.Contains(r.archive.Names(), name) {
		return nil, nil
	}
	array, err := r.archive.Array(name)
	require.NoError(t, err)
	values, err := array.Float64s()
	require.NoError(t, err)
	return values, array.Shape
}

// TestONNXComputesWhatItsFrameworkDid runs what was read of each model through the float64 reference.
func TestONNXComputesWhatItsFrameworkDid(t *testing.T) {
	refused := map[string]string{
		"keras-reset-before": `no LSTM or GRU is in the graph: op Loop`,
	}
	for file, count := range map[string]int{"torch.npz": 25, "handmade.npz": 9, "keras.npz": 7} {
		archive, err := npy.OpenZip(filepath.Join("testdata", "onnx", file))
		require.NoError(t, err)
		defer archive.Close()
		record := &onnxRecord{archive}
		cases := 0
		for _, key := range archive.Names() {
			name, is := strings.CutSuffix(key, "/x")
			if !is {
				continue
			}
			cases++
			t.Run(name, func(t *testing.T) {
				network, err := model.Read(filepath.Join("testdata", "onnx", name+".onnx"), model.ReadOptions{})
				if want := refused[name]; want != "" {
					require.ErrorContains(t, err, want)
					return
				}
				require.NoError(t, err)
				assert.Empty(t, network.Unused)
				assert.Empty(t, network.Notes)
				record.compare(t, name, network)
			})
		}
		assert.Equal(t, count, cases, file)
	}
}

func (r *onnxRecord) compare(t *testing.T, name string, network *model.Network) {
	x, shape := r.floats(t, name+"/x")
	y, yShape := r.floats(t, name+"/y")
	lengths, _ := r.floats(t, name+"/lengths")
	h0, h0Shape := r.floats(t, name+"/h0")
	c0, _ := r.floats(t, name+"/c0")
	float, err := golden.NewFloat(network, nil)
	require.NoError(t, err)
	batch, steps := shape[0], shape[1]
	require.Equal(t, len(network.Head) > 0 && len(yShape) == 2, network.LastStepOnly)
	each, width := len(x)/batch, yShape[len(yShape)-1]
	for b := range batch {
		length := steps
		if lengths != nil {
			length = int(lengths[b])
		}
		s := golden.FloatSequence{}
		if len(shape) == 2 {
			for _, token := range x[b*each : b*each+length] {
				s.Tokens = append(s.Tokens, int(token))
			}
		} else {
			s.X = x[b*each : b*each+length*shape[2]]
		}
		if h0 != nil {
			units := h0Shape[2]
			for cell := range h0Shape[0] {
				at := (cell*batch + b) * units
				s.Initial = append(s.Initial, golden.FloatState{H: h0[at : at+units], C: c0[at : at+units]})
			}
		}
		result, err := float.Infer(context.Background(), s)
		require.NoError(t, err)
		got := result.Output
		if len(network.Head) > 0 {
			got = slices.Concat(result.Head...)
		}
		rows := 1
		if len(yShape) == 3 {
			rows = length
		}
		want := y[b*len(y)/batch : b*len(y)/batch+rows*width]
		require.InDeltaSlice(t, want, got, 1e-5)
	}
}

func TestONNXGivesTheNetworkOfTheOtherFormats(t *testing.T) {
	for _, name := range []string{"digits-lstm16", "digits-lstm8", "digits-gru16", "digits-gru8", "digits-bilstm16"} {
		t.Run(name, func(t *testing.T) {
			read := func(file string) *model.Network {
				network, err := model.Read(filepath.Join("..", "vectors", name, file), model.ReadOptions{})
				require.NoError(t, err)
				network.Source = ""
				return network
			}
			network := read("model.onnx")
			assert.Equal(t, read("model.pth"), network)
			assert.Equal(t, read("model.npz"), network)
			assert.Len(t, network.Head, 1)
		})
	}
}

// TestONNXFormsOfWeights reads one cell whose weights, multiples of 1/8, are kept in every type and field that tensors have.
func TestONNXFormsOfWeights(t *testing.T) {
	read := func(name string) *model.Network {
		network, err := model.Read(filepath.Join("testdata", "onnx", name+".onnx"), model.ReadOptions{})
		require.NoError(t, err)
		network.Source = ""
		return network
	}
	want := read("hand-raw")
	for _, form := range []string{"float", "float16", "float16-raw", "bfloat16", "bfloat16-raw", "double", "double-raw", "external"} {
		assert.Equal(t, want, read("hand-"+form), form)
	}
}
