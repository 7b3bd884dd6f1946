package model_test

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/golden"
	"rnnsim/internal/npy"
	"rnnsim/internal/shared"
	"rnnsim/model"
	"rnnsim/xmodel"
)

// recordedFloats reads an array as float64; token ids as well.
func recordedFloats(t *testing.T, archive *npy.Zip, name string) ([]float64, []int) {
	t.Helper()
	a, err := archive.Array(name)
	require.NoError(t, err)
	values, err := a.Float64s()
	if err != nil {
		whole, err := a.Int64s()
		require.NoError(t, err)
		for _, v := range whole {
			values = append(values, float64(v))
		}
	}
	return values, a.Shape
}

// TestFloatReferenceEqualsKeras runs the float64 reference on what was read, and holds it to what Keras computed in float32.
// Steps that a mask leaves out are left out of the sequences, as the notes say.
func TestFloatReferenceEqualsKeras(t *testing.T) {
	const tolerance = 1e-5
	for _, name := range []string{"lstm", "gru", "nobias", "stacked", "backwards", "bidirectional_gru", "masked", "mask_zero"} {
		archive, err := npy.OpenZip(filepath.Join("testdata", "keras", name+".npz"))
		require.NoError(t, err)
		defer archive.Close()
		x, shape := recordedFloats(t, archive, "x")
		y, yShape := recordedFloats(t, archive, "y")
		files, err := filepath.Glob(filepath.Join("testdata", "keras", "keras*-"+name+".*"))
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(files), 2, name)
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				net, err := model.Read(file, model.ReadOptions{})
				require.NoError(t, err)
				float, err := golden.NewFloat(net, nil)
				require.NoError(t, err)
				width := len(y) / yShape[0]
				for i := range shape[0] {
					sequence := keptSteps(x[i*len(x)/shape[0]:(i+1)*len(x)/shape[0]], net, name)
					got, err := float.Infer(t.Context(), sequence)
					require.NoError(t, err)
					head := slices.Concat(got.Head...)
					require.Len(t, head, width)
					for j, v := range head {
						require.InDelta(t, y[i*width+j], v, tolerance, "sequence %d, value %d", i, j)
					}
				}
			})
		}
	}
}

// keptSteps makes a sequence of the steps that no mask leaves out.
func keptSteps(x []float64, net *model.Network, name string) golden.FloatSequence {
	var s golden.FloatSequence
	if net.Embedding != nil {
		for _, token := range x {
			if name != "mask_zero" || token != 0 {
				s.Tokens = append(s.Tokens, int(token))
			}
		}
		return s
	}
	for step := range slices.Chunk(x, net.Input()) {
		if name != "masked" || slices.ContainsFunc(step, func(v float64) bool { return v != -1 }) {
			s.X = append(s.X, step...)
		}
	}
	return s
}

// TestCompiledModelsHoldKerasWeights holds the weights as read to those of the vendor's compiled models, which were made from
// these files: w·2^p, rounded half away from zero.
func TestCompiledModelsHoldKerasWeights(t *testing.T) {
	compiled := 0
	for name, file := range map[string]string{
		"customer_satisfaction": "customer_satisfaction_lstm_keras.h5", "sentiment_detection": "imdb_lstm_keras.h5",
	} {
		net, err := model.Read(shared.Path(t, "models", file), model.ReadOptions{ReplaceHardSigmoid: true})
		require.NoError(t, err)
		cell := net.Layers[0].Forward
		files, err := filepath.Glob(filepath.Join(shared.Path(t, "models", "compiled"), "*", "lstm_"+name+"_*.xmodel"))
		require.NoError(t, err)
		for _, path := range files {
			compiled++
			t.Run(filepath.Base(path), func(t *testing.T) {
				c, err := xmodel.ReadCompiled(path)
				require.NoError(t, err)
				blob, err := xmodel.UnpackBlob(c, xmodel.LSTM)
				require.NoError(t, err)
				for i, gate := range []string{"i", "f", "g", "o"} {
					for label, values := range map[string][]float32{
						"weight_i": cell.WeightIH[i*cell.Hidden*cell.Input:][:cell.Hidden*cell.Input],
						"weight_h": cell.WeightHH[i*cell.Hidden*cell.Hidden:][:cell.Hidden*cell.Hidden],
						"bias_":    cell.BiasIH[i*cell.Hidden:][:cell.Hidden],
					} {
						got, ok := blob.Values[label+gate]
						require.True(t, ok, "%s%s", label, gate)
						want := make([]int16, len(values))
						for j, v := range values {
							want[j] = int16(max(math.MinInt16, min(math.MaxInt16, math.Round(float64(v)*(1<<12)))))
						}
						assert.Equal(t, want, got, fmt.Sprintf("%s%s", label, gate))
					}
				}
			})
		}
	}
	require.Equal(t, 6, compiled)
}
