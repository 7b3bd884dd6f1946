package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/npy"
)

// writeTwoRNNs writes a float model with an embedding and two RNNs that read it, and token ids.
func writeTwoRNNs(t *testing.T, model, tokens string) {
	t.Helper()
	const known, features, hidden, sequences, steps = 10, 4, 3, 3, 5
	random := rand.New(rand.NewPCG(61, 1))
	file, err := os.Create(model)
	require.NoError(t, err)
	archive := npy.NewZipWriter(file)
	add := func(name string, rows, columns int) {
		values := make([]float32, rows*columns)
		for i := range values {
			values[i] = float32(random.NormFloat64()) / 2
		}
		shape := []int{rows, columns}
		if columns == 1 {
			shape = shape[:1]
		}
		array, err := npy.New(values, shape...)
		require.NoError(t, err)
		require.NoError(t, archive.Add(name, array))
	}
	add("embedding.weight", known, features)
	for _, name := range []string{"first", "second"} {
		add(name+".weight_ih_l0", 4*hidden, features)
		add(name+".weight_hh_l0", 4*hidden, hidden)
		add(name+".bias_ih_l0", 4*hidden, 1)
		add(name+".bias_hh_l0", 4*hidden, 1)
	}
	require.NoError(t, archive.Close())
	require.NoError(t, file.Close())

	ids := make([]int64, sequences*steps)
	for i := range ids {
		ids[i] = random.Int64N(known)
	}
	array, err := npy.New(ids, sequences, steps)
	require.NoError(t, err)
	require.NoError(t, npy.WriteFile(tokens, array))
}

// Commands on a quantized model, which has no embedding, look token ids up in the float model, of which --rnn names the RNN.
func TestTokenIdsAreLookedUpInTheModelNamed(t *testing.T) {
	work := t.TempDir()
	model, tokens, quantized := filepath.Join(work, "model.npz"), filepath.Join(work, "tokens.npy"), filepath.Join(work, "quantized")
	writeTwoRNNs(t, model, tokens)
	code, _, stderr := inProcess(t, "quantize", "--rnn", "first", "--calib", tokens, "-o", quantized, model)
	require.Zero(t, code, stderr)
	trace := filepath.Join(work, "trace")
	code, _, stderr = inProcess(t, "run", "--embedding", model, "--rnn", "first", "--input", tokens, "-o", trace, quantized)
	require.Zero(t, code, stderr)
	for name, args := range map[string][]string{
		"coverage":   {quantized, tokens},
		"grade":      {"--score-only", quantized, tokens},
		"diagnose":   {"--model", quantized, "--input", tokens, trace},
		"export-rtl": {"--input", tokens, "-o", filepath.Join(work, "bench"), quantized},
		"verify":     {"--input", tokens, quantized},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, stderr := inProcess(t, append([]string{name, "--embedding", model}, args...)...)
			require.Equal(t, exitFailed, code)
			assert.Contains(t, stderr, "--rnn")
			code, _, stderr = inProcess(t, append([]string{name, "--embedding", model, "--rnn", "first"}, args...)...)
			assert.Zero(t, code, stderr)
		})
	}
	code, _, stderr = inProcess(t, "coverage", quantized, tokens)
	require.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "tokens.npy")
}
