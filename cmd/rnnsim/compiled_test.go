package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/npy"
	"rnnsim/internal/shared"
	"rnnsim/sim/isa"
	"rnnsim/verify"
	"rnnsim/xmodel"
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
		code, stdout, stderr := inProcess(t, "verify", "--input", stems[i]+".x.npy", "--replace-hard-sigmoid", "--against", floatOf(t, model), model)
		require.Zero(t, code, stdout+stderr)
		for _, line := range []string{"no deadlock, no race", "equal the graph's expressions", "machine against the simulator", "against the exact reference", "against the float model"} {
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

// floatOf names the float model that a compiled model was made from.
func floatOf(t *testing.T, compiled string) string {
	t.Helper()
	switch {
	case strings.Contains(compiled, "gru_sentiment"):
		return shared.Path(t, "models", "imdb_gru_pytorch.pth")
	case strings.Contains(compiled, "lstm_sentiment"):
		return shared.Path(t, "models", "imdb_lstm_keras.h5")
	}
	return shared.Path(t, "models", "customer_satisfaction_lstm_keras.h5")
}

func TestCompiledWeightsAreThoseOfTheirModels(t *testing.T) {
	models, _ := compiledModels(t)
	wrong := map[string]string{ // another model of the same kind and shape; there is no second GRU
		"lstm_sentiment":             shared.Path(t, "models", "customer_satisfaction_lstm_keras.h5"),
		"lstm_customer_satisfaction": shared.Path(t, "models", "imdb_lstm_pytorch.pth"),
		"gru_sentiment":              "",
	}
	random := rand.New(rand.NewPCG(3, 1))
	for _, model := range models {
		float := floatOf(t, model)
		code, stdout, stderr := inProcess(t, "inspect", "--against", float, model)
		require.Zero(t, code, stdout+stderr)
		require.Contains(t, stdout, "all that model's")

		stem, _, _ := strings.Cut(filepath.Base(model), "_compiled")
		if other := wrong[stem]; other != "" {
			code, stdout, _ = inProcess(t, "inspect", "--against", other, model)
			require.Equal(t, exitDiffers, code, stdout)
			require.Regexp(t, `first difference: (weight|bias)_[ih]?[ifgo]\[[0-9,]+\]`, stdout)
		}
		code, _, stderr = inProcess(t, "inspect", "--against", shared.Path(t, "vectors", "gru-bidir", "model.npz"), model)
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, "the float model")

		requireFlipsFound(t, random, model, float)
	}
}

// requireFlipsFound flips bits of the weight blob, one at a time: inspect finds each, at its place, which the file's layout tells.
func requireFlipsFound(t *testing.T, random *rand.Rand, model, float string) {
	t.Helper()
	compiled, err := xmodel.ReadCompiled(model)
	require.NoError(t, err)
	kind, err := xmodel.BlobKind(compiled)
	require.NoError(t, err)
	blob, err := xmodel.UnpackBlob(compiled, kind)
	require.NoError(t, err)
	flips := 8
	if testing.Short() {
		flips = 2
	}
	flipped := filepath.Join(t.TempDir(), "flipped.xmodel")
	for range flips {
		at, bit := random.IntN(len(compiled.Weights)), byte(1)<<random.IntN(8)
		place := blob.Locate(at)
		compiled.Weights[at] ^= bit
		require.NoError(t, xmodel.WriteCompiled(flipped, compiled))
		compiled.Weights[at] ^= bit
		code, stdout, stderr := inProcess(t, "inspect", "--against", float, flipped)
		require.Equal(t, exitDiffers, code, "%s: %s: %s%s", model, place, stdout, stderr)
		if strings.HasPrefix(place, "padding") || strings.HasPrefix(place, "zero") {
			require.Contains(t, stdout, "FAIL: "+place)
			continue
		}
		require.Contains(t, stdout, "first difference: "+place)
		require.Contains(t, stdout, "FAIL: 1 of ")
	}
}

// TestAWrongProgramIsRefuted takes a wrong table, and drops a token, of a sound program: the words are valid, and verify says where they
// go wrong.
func TestAWrongProgramIsRefuted(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.xmodel"), filepath.Join(dir, "bad.xmodel")
	code, _, stderr := inProcess(t, "compile", "--target", "u50lv", "--batch", "3", "-o", good, "../../vectors/digits-gru16")
	require.Zero(t, code, stderr)
	for _, c := range []struct {
		alter func(words []isa.Instruction)
		want  []string
	}{
		{func(words []isa.Instruction) {
			for _, word := range words {
				if i, ok := word.(*isa.Activation); ok {
					i.Kind = 1 - i.Kind
					return
				}
			}
		}, []string{"FAIL    instructions prove to be the cell graphs", "segment loop, word", "FAIL: 1 of 2 checks"}},
		{func(words []isa.Instruction) {
			for _, word := range words {
				if i, ok := word.(*isa.Activation); ok && i.On&isa.AddUnit.Bit() != 0 {
					i.On &^= isa.AddUnit.Bit()
					return
				}
			}
		}, []string{"FAIL    dependency tokens, units in parallel", "RAW: segment loop, word", "nothing orders their accesses to bytes"}},
	} {
		compiled, err := xmodel.ReadCompiled(good)
		require.NoError(t, err)
		s, err := isa.ParseSegment("loop", compiled.Cells[0].Loop)
		require.NoError(t, err)
		c.alter(s.Words)
		compiled.Cells[0].Loop, err = s.Bytes()
		require.NoError(t, err)
		require.NoError(t, xmodel.WriteCompiled(bad, compiled))
		code, stdout, stderr := inProcess(t, "verify", "--input", "../../vectors/digits-gru16/x_test.npy", bad)
		require.Equal(t, exitDiffers, code, stdout+stderr)
		for _, want := range c.want {
			require.Contains(t, stdout, want)
		}
		result, page := filepath.Join(t.TempDir(), "result.json"), filepath.Join(t.TempDir(), "page.html")
		code, _, _ = inProcess(t, "verify", "--result", result, "--input", "../../vectors/digits-gru16/x_test.npy", bad)
		require.Equal(t, exitDiffers, code)
		code, _, stderr = inProcess(t, "report", "-o", page, result)
		require.Zero(t, code, stderr)
		html, err := os.ReadFile(page)
		require.NoError(t, err)
		require.Contains(t, string(html), "dependency tokens, units in parallel")
	}
}

// TestFloatFiguresOfTheSentimentModel compares with the float model on what an application feeds it: tokens through the embedding. The
// error of h is of the size that is known of this model, 0.027 for the sequences that it was first measured on.
func TestFloatFiguresOfTheSentimentModel(t *testing.T) {
	models, _ := compiledModels(t)
	var model string
	for _, m := range models {
		if strings.Contains(m, "u25/lstm_sentiment") {
			model = m
		}
	}
	tokens := filepath.Join(t.TempDir(), "tokens.npy")
	ids := make([]int64, 4*100)
	for i := range ids {
		ids[i] = int64(i*i*7919+i*31) % 5000
	}
	array, err := npy.New(ids, 4, 100)
	require.NoError(t, err)
	require.NoError(t, npy.WriteFile(tokens, array))
	for _, input := range [][]string{nil, {"--input", tokens}} {
		args := append([]string{"verify", "--json", "--against", shared.Path(t, "models", "imdb_lstm_keras.h5")}, input...)
		code, stdout, stderr := inProcess(t, append(args, model)...)
		require.Zero(t, code, stdout+stderr)
		var report verify.Report
		require.NoError(t, json.Unmarshal([]byte(stdout), &report))
		float := report.Checks[len(report.Checks)-1]
		require.Equal(t, verify.NameFloat, float.Name)
		found := false
		for _, n := range float.Comparison.Nodes {
			if n.Node == "h_next" {
				found = true
				t.Logf("largest error of h %.4f, mean %.4f", n.MaxError, n.MeanError)
				require.InDelta(t, 0.027, n.MaxError, 0.013)
				require.InDelta(t, 0.004, n.MeanError, 0.001)
			}
		}
		require.True(t, found)
	}
	bad := append([]string{"verify", "--input", tokens}, model)
	code, _, stderr := inProcess(t, bad...)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "tokens.npy")
}
