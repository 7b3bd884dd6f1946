package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/npy"
	"rnnsim/internal/shared"
	"rnnsim/model"
)

// writeStimulus writes a .npy file and gives its path.
func writeStimulus[T npy.Element](t *testing.T, values []T, shape ...int) string {
	t.Helper()
	array, err := npy.New(values, shape...)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "stimulus.npy")
	require.NoError(t, npy.WriteFile(path, array))
	return path
}

// tokensAndRows draws token ids, and looks them up in the embedding by hand.
func tokensAndRows(t *testing.T, e *model.Embedding, seed uint64, sequences, steps int) (tokens, rows string) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	ids := make([]int32, sequences*steps)
	var values []float32
	for i := range ids {
		ids[i] = int32(random.IntN(e.Tokens))
		for k := range e.Features {
			values = append(values, e.Weight[int(ids[i])*e.Features+k])
		}
	}
	return writeStimulus(t, ids, sequences, steps), writeStimulus(t, values, sequences, steps, e.Features)
}

// carriedThrough calibrates a model, and verifies, runs and evaluates what comes out.
func carriedThrough(t *testing.T, path, calib, input string, flags ...string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "quantized")
	command := func(contains string, args ...string) {
		t.Helper()
		code, stdout, stderr := inProcess(t, args...)
		require.Zero(t, code, "%v: %s%s", args, stdout, stderr)
		require.Contains(t, stdout, contains)
	}
	with := func(name string, rest ...string) []string { return append(append([]string{name}, flags...), rest...) }
	command("a float network", "inspect", path)
	command("1 cell", with("quantize", "--calib", calib, "-o", dir, path)...)
	command("PASS: 2 checks", with("verify", "--input", input, "--against", path, "--min-sqnr", "10", dir)...)
	command("same class", with("eval", "--quantized", dir, "--input", input, path)...)
	return dir
}

// TestRealModelsAreCarriedThrough takes every real float model from its file to a verdict.
func TestRealModelsAreCarriedThrough(t *testing.T) {
	for _, name := range []string{"imdb_lstm_keras.h5", "imdb_gru_pytorch.pth", "imdb_lstm_pytorch.pth"} {
		t.Run(name, func(t *testing.T) {
			path := shared.Path(t, "models", name)
			network, err := model.Read(path, model.ReadOptions{})
			require.NoError(t, err)
			tokens, rows := tokensAndRows(t, network.Embedding, 1, 4, 12)
			more, moreRows := tokensAndRows(t, network.Embedding, 2, 3, 10)
			byTokens := carriedThrough(t, path, tokens, more)
			byRows := carriedThrough(t, path, rows, moreRows)
			requireSameFile(t, filepath.Join(byTokens, "quant_info.json"), filepath.Join(byRows, "quant_info.json"))

			// A quantized model alone has no embedding; run is told where it is.
			h, rowsH := filepath.Join(t.TempDir(), "h.npy"), filepath.Join(t.TempDir(), "h.npy")
			code, _, stderr := inProcess(t, "run", "--input", more, "--h-out", h, byTokens)
			require.Equal(t, exitFailed, code)
			require.Contains(t, stderr, "--embedding MODEL")
			code, _, stderr = inProcess(t, "run", "--input", more, "--embedding", path, "--h-out", h, byTokens)
			require.Zero(t, code, stderr)
			code, _, stderr = inProcess(t, "run", "--input", moreRows, "--h-out", rowsH, byTokens)
			require.Zero(t, code, stderr)
			requireSameFile(t, h, rowsH)
		})
	}
	t.Run("customer_satisfaction_lstm_keras.h5", func(t *testing.T) {
		path := shared.Path(t, "models", "customer_satisfaction_lstm_keras.h5")
		random := rand.New(rand.NewPCG(5, 1))
		values := make([]float32, 4*12*32) // what its pooled convolution yields is not negative
		for i := range values {
			values[i] = max(0, float32(random.NormFloat64())*0.2)
		}
		x := writeStimulus(t, values, 4, 12, 32)
		carriedThrough(t, path, x, x, "--replace-hard-sigmoid")

		tokens := writeStimulus(t, []int64{1, 2, 3}, 1, 3)
		code, _, stderr := inProcess(t, "quantize", "--calib", x, "-o", filepath.Join(t.TempDir(), "q"), path)
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, "accept other outputs (--replace-hard-sigmoid)")
		code, _, stderr = inProcess(t, "quantize", "--replace-hard-sigmoid", "--calib", tokens, "-o", filepath.Join(t.TempDir(), "q"), path)
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, `what it reads is what embedding (Embedding), conv1d (Conv1D), max_pooling1d (MaxPooling1D) yield`)
		require.Contains(t, stderr, "give it [sequences, steps, 32] floats")
	})
}

func requireSameFile(t *testing.T, a, b string) {
	t.Helper()
	one, err := os.ReadFile(a)
	require.NoError(t, err)
	two, err := os.ReadFile(b)
	require.NoError(t, err)
	require.Equal(t, one, two)
}

// TestFilesOfAnotherKindAreNamed gives each command what another one reads.
func TestFilesOfAnotherKindAreNamed(t *testing.T) {
	float := shared.Path(t, "models", "imdb_lstm_keras.h5")
	compiled := shared.Path(t, "models", "compiled", "u25", "lstm_sentiment_detection_compiled_batch_1.xmodel")
	convolutions := shared.Path(t, "models", "quantized", "VoxelNet_int.xmodel")
	x := writeStimulus(t, make([]float32, 32), 1, 1, 32)
	for _, c := range []struct {
		want string
		args []string
	}{
		{`op "VoxelNet__VoxelNet_PillarFeatureNet_`, []string{"run", "--input", x, "--h-out", "h.npy", convolutions}},
		{"has type conv2d, which cannot be run: inspect shows the graph", []string{"verify", convolutions}},
		{"it is an .xmodel, a graph of another network, which inspect explains; a float model is wanted", []string{"quantize", "--calib", x, "-o", "q", convolutions}},
		{"has type conv2d, which cannot be run", []string{"estimate", convolutions}},
		{"it is an .xmodel, a compiled RNN model, which inspect explains; a float model is wanted", []string{"quantize", "--calib", x, "-o", "q", compiled}},
		{"run executes it and verify proves it, each as the only model", []string{"verify", compiled, compiled}},
		{"inspect --lift recovers its cells", []string{"compile", "--target", "u25", "-o", "c.xmodel", compiled}},
		{"it is a float model (Keras HDF5 file (.h5)), which quantize reads; a quantized model is wanted", []string{"run", "--input", x, "--h-out", "h.npy", float}},
		{"it is a float model (Keras HDF5 file (.h5)), which quantize reads", []string{"verify", float}},
		{"it is a NumPy array, which goes with --input or --calib; a quantized model is wanted", []string{"verify", x}},
		{"it has no embedding", []string{"run", "--input", x, "--embedding", filepath.Join(shared.Path(t, "vectors"), "sat", "model.npz"), "--h-out", "h.npy", shared.Path(t, "vectors", "sat", "xmodel")}},
	} {
		code, stdout, stderr := inProcess(t, c.args...)
		require.Equal(t, exitFailed, code, "%v: %s", c.args, stdout)
		require.Contains(t, stderr, c.want)
	}
	code, stdout, _ := inProcess(t, "inspect", convolutions)
	require.Zero(t, code)
	require.Contains(t, stdout, "20 conv2d")
	require.Contains(t, stdout, "it cannot be run here: op ")
}
