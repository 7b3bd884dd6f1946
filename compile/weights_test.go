package compile_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/compile"
	"rnnsim/internal/fixed"
	"rnnsim/internal/shared"
	"rnnsim/model"
	"rnnsim/quant"
	"rnnsim/xmodel"
)

// floatModel reads the float model that a real file was compiled from.
func floatModel(t testing.TB, path string) *model.Network {
	t.Helper()
	name := "customer_satisfaction_lstm_keras.h5"
	switch base := filepath.Base(path); {
	case strings.HasPrefix(base, "gru"):
		name = "imdb_gru_pytorch.pth"
	case strings.Contains(base, "sentiment"):
		name = "imdb_lstm_keras.h5"
	}
	n, err := model.Read(shared.Path(t, "models", name), model.ReadOptions{ReplaceHardSigmoid: true})
	require.NoError(t, err)
	return n
}

func parametersOf(t testing.TB, n *model.Network) []map[string][]float32 {
	t.Helper()
	var list []map[string][]float32
	kind := xmodel.LSTM
	if n.Kind == model.GRU {
		kind = xmodel.GRU
	}
	for _, layer := range n.Layers {
		for _, c := range layer.Cells() {
			p, err := compile.CellParameters(kind, c.Input, c.Hidden, c.WeightIH, c.WeightHH, c.BiasIH, c.BiasHH)
			require.NoError(t, err)
			list = append(list, p)
		}
	}
	return list
}

func TestRealBlobsHoldTheFloatModels(t *testing.T) {
	for _, path := range realFiles(t) {
		n := floatModel(t, path)
		r, err := compile.CompareWeights(readCompiled(t, path), parametersOf(t, n))
		require.NoError(t, err, path)
		assert.True(t, r.Equal(), "%s: %v", path, r.First)
		gates := map[model.Kind]int{model.LSTM: 4, model.GRU: 3}[n.Kind]
		biases := map[model.Kind]int{model.LSTM: 1, model.GRU: 2}[n.Kind]
		assert.Equal(t, gates*100*(32+100+biases), r.Values)
		for _, p := range r.Parameters {
			if p.Clamped == 0 {
				assert.LessOrEqual(t, p.MaxError, fixed.Real(1, p.Position+1), p.Label)
			}
		}
	}
}

func TestAnotherModelIsTold(t *testing.T) {
	paths := realFiles(t)
	for _, path := range paths[:2] {
		other := strings.Replace(path, "sentiment_detection", "customer_satisfaction", 1)
		if other == path {
			other = strings.Replace(path, "customer_satisfaction", "sentiment_detection", 1)
		}
		r, err := compile.CompareWeights(readCompiled(t, path), parametersOf(t, floatModel(t, other)))
		require.NoError(t, err)
		assert.False(t, r.Equal())
		assert.Greater(t, r.Different, r.Values/2)
		assert.Equal(t, "weight_ii[0,0]", r.First.Place)
	}
	_, err := compile.CompareWeights(readCompiled(t, paths[0]), parametersOf(t, floatModel(t, "gru")))
	assert.ErrorContains(t, err, "the float model has 0 of it")
}

func TestAFlippedBitIsFound(t *testing.T) {
	paths := realFiles(t)
	if testing.Short() {
		paths = paths[1:3]
	}
	for _, path := range paths {
		c := readCompiled(t, path)
		kind, err := xmodel.BlobKind(c)
		require.NoError(t, err)
		b, err := xmodel.UnpackBlob(c, kind)
		require.NoError(t, err)
		parameters := parametersOf(t, floatModel(t, path))
		for _, offset := range []int{2 * 37, 8192 + 2*11, len(c.Weights) / 2 &^ 1, len(c.Weights) - 8<<10} {
			place := b.Locate(offset)
			if !strings.HasSuffix(place, "]") {
				continue
			}
			c.Weights[offset+1] ^= 0x10
			r, err := compile.CompareWeights(c, parameters)
			require.NoError(t, err, place)
			assert.Equal(t, 1, r.Different, place)
			assert.Equal(t, place, r.First.Place)
			assert.Equal(t, offset, r.First.Offset)
			assert.Contains(t, r.First.String(), place)
			c.Weights[offset+1] ^= 0x10
		}
	}
}

// TestFloatModelsCompileToTheRealBlobs goes the whole way: a float model, quantized at the positions of the real file, compiled.
func TestFloatModelsCompileToTheRealBlobs(t *testing.T) {
	for _, path := range realFiles(t) {
		c, l := liftedReal(t, path)
		n := floatModel(t, path)
		var info quant.Info
		param, output := l.Info()
		graph := quant.GraphName(n, 0, false)
		for _, e := range param {
			info.Param = append(info.Param, quant.Entry{Name: graph + "::" + e.Label, Format: e.Format})
		}
		for _, e := range output {
			info.Output = append(info.Output, quant.Entry{Name: graph + "::" + e.Label, Format: e.Format})
		}
		m, err := quant.Build(n, &info, xmodel.Sane)
		require.NoError(t, err)
		again, err := compile.Compile(m, compile.Options{Target: c.Target, Batch: c.Batch})
		require.NoError(t, err)
		assert.True(t, string(c.Weights) == string(again.Weights), "%s: the blobs differ", path)
		assert.Equal(t, [2]int{c.InputPosition, c.OutputPosition}, [2]int{again.InputPosition, again.OutputPosition})
		assert.Equal(t, c.Cells[0].LoadX, again.Cells[0].LoadX)
		assert.Equal(t, c.Cells[0].SaveH, again.Cells[0].SaveH)
		assert.Equal(t, c.Cells[0].XLanes, again.Cells[0].XLanes)
		assert.Equal(t, c.Cells[0].HLanes, again.Cells[0].HLanes)
	}
}
