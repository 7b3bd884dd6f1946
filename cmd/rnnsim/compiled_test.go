package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/shared"
)

// inProcess runs the program in this process and gives what it printed.
func inProcess(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), append([]string{"rnnsim"}, args...), strings.NewReader(""), &out, &err)
	return code, out.String(), err.String()
}

// compiledModels finds the vendor's compiled models and the recorded run of each.
func compiledModels(t *testing.T) (models, stems []string) {
	models, err := filepath.Glob(filepath.Join(shared.Path(t, "models", "compiled"), "*", "*.xmodel"))
	require.NoError(t, err)
	require.Len(t, models, 8)
	for _, model := range models {
		name := filepath.Base(filepath.Dir(model)) + "_" + strings.TrimSuffix(filepath.Base(model), ".xmodel")
		stems = append(stems, shared.Path(t, "vectors", "compiled", name+".x.npy"))
		stems[len(stems)-1] = strings.TrimSuffix(stems[len(stems)-1], ".x.npy")
	}
	return models, stems
}

func TestCompiledModelsRunAsRecorded(t *testing.T) {
	models, stems := compiledModels(t)
	for i, model := range models {
		out := filepath.Join(t.TempDir(), "h.npy")
		code, _, stderr := inProcess(t, "run", "--input", stems[i]+".x.npy", "--h-out", out, model)
		require.Zero(t, code, stderr)
		got, err := os.ReadFile(out)
		require.NoError(t, err)
		want, err := os.ReadFile(stems[i] + ".h.npy")
		require.NoError(t, err)
		require.True(t, bytes.Equal(got, want), "%s: h is not the recorded one", model)
	}
}

func TestCompiledModelsVerifyOnThreeLevels(t *testing.T) {
	models, stems := compiledModels(t)
	for i, model := range models {
		args := []string{"verify", "--input", stems[i] + ".x.npy"}
		if strings.Contains(model, "lstm_sentiment") {
			args = append(args, "--against", shared.Path(t, "models", "imdb_lstm_keras.h5"))
		}
		code, stdout, stderr := inProcess(t, append(args, model)...)
		require.Zero(t, code, stdout+stderr)
		for _, line := range []string{"no deadlock, no race", "equal the graph's expressions", "machine against the simulator", "against the exact reference"} {
			require.Contains(t, stdout, line, model)
		}
	}
}

func TestACompiledModelRefusesWhatItCannotObey(t *testing.T) {
	models, stems := compiledModels(t)
	code, _, stderr := inProcess(t, "run", "--compat", "vai2.0", "--input", stems[0]+".x.npy", "--h-out", "h.npy", models[0])
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "--compat does not go with a compiled model")
}

func TestCompiledWeightsAreThoseOfTheirModels(t *testing.T) {
	models, _ := compiledModels(t)
	float := func(model string) string {
		switch {
		case strings.Contains(model, "gru_sentiment"):
			return shared.Path(t, "models", "imdb_gru_pytorch.pth")
		case strings.Contains(model, "lstm_sentiment"):
			return shared.Path(t, "models", "imdb_lstm_keras.h5")
		}
		return shared.Path(t, "models", "customer_satisfaction_lstm_keras.h5")
	}
	for _, model := range models {
		code, stdout, stderr := inProcess(t, "inspect", "--replace-hard-sigmoid", "--against", float(model), model)
		require.Zero(t, code, stdout+stderr)
		require.Contains(t, stdout, "all that model's")
	}
	code, stdout, _ := inProcess(t, "inspect", "--replace-hard-sigmoid", "--against", shared.Path(t, "models", "customer_satisfaction_lstm_keras.h5"), models[1])
	require.Equal(t, exitDiffers, code, stdout)
	require.Contains(t, stdout, "first difference: ")
}
