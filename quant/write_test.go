package quant

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/model"
	"rnnsim/xmodel"
)

// smallResult is a result of two cells.
func smallResult(t testing.TB) *Result {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 4))
	net := randomNetwork(rng, model.LSTM, 2, 3, 1, "both", true, 0.5)
	result, err := Calibrate(t.Context(), net, randomSequences(rng, 1, 4, 2, 1), Options{})
	require.NoError(t, err)
	return result
}

// listing is the names of everything below a folder.
func listing(t testing.TB, dir string) []string {
	t.Helper()
	var names []string
	require.NoError(t, filepath.Walk(dir, func(path string, _ os.FileInfo, err error) error {
		name, _ := filepath.Rel(dir, path)
		names = append(names, filepath.ToSlash(name))
		return err
	}))
	return names
}

var resultFiles = []string{
	".", "out", "out/quant_info.json", "out/xmodel",
	"out/xmodel/Rnn_StandardLstmCell_layer_0_backward_int.xmodel", "out/xmodel/Rnn_StandardLstmCell_layer_0_forward_int.xmodel",
}

func TestWriteResult(t *testing.T) {
	parent := t.TempDir()
	out := filepath.Join(parent, "out")
	result := smallResult(t)
	require.NoError(t, WriteResult(t.Context(), out, result, false))
	require.Equal(t, resultFiles, listing(t, parent))
	info, err := ReadInfo(filepath.Join(out, "quant_info.json"))
	require.NoError(t, err)
	require.Equal(t, result.Info.Output, info.Output)
	read, err := xmodel.ReadModel(out)
	require.NoError(t, err)
	require.Equal(t, result.Model.Digest(), read.Digest())
	stat, err := os.Stat(out)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o755), stat.Mode().Perm())
}

func TestWriteResultReplacesOnlyAResultAndOnlyByForce(t *testing.T) {
	parent := t.TempDir()
	out := filepath.Join(parent, "out")
	require.NoError(t, WriteResult(t.Context(), out, smallResult(t), false))
	require.NoError(t, os.WriteFile(filepath.Join(out, "quant_info.json"), []byte("old"), 0o644))

	require.ErrorContains(t, WriteResult(t.Context(), out, smallResult(t), false), "it exists already")
	content, err := os.ReadFile(filepath.Join(out, "quant_info.json"))
	require.NoError(t, err)
	require.Equal(t, "old", string(content))

	require.NoError(t, WriteResult(t.Context(), out, smallResult(t), true))
	require.Equal(t, resultFiles, listing(t, parent))
	_, err = ReadInfo(filepath.Join(out, "quant_info.json"))
	require.NoError(t, err)

	for _, foreign := range []string{"thesis.tex", "xmodel/notes.txt"} {
		path := filepath.Join(out, filepath.FromSlash(foreign))
		require.NoError(t, os.WriteFile(path, nil, 0o644))
		require.ErrorContains(t, WriteResult(t.Context(), out, smallResult(t), true), foreign)
		require.FileExists(t, path)
		require.NoError(t, os.Remove(path))
	}
}

func TestWriteResultLeavesNothingAfterAnError(t *testing.T) {
	broken := smallResult(t)
	broken.Model.Cells[1].Graph.Name = strings.Repeat("n", 300) // no file can have this name, so the second write fails
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name   string
		ctx    context.Context
		result *Result
	}{{"a file that cannot be written", t.Context(), broken}, {"cancelled", cancelled, smallResult(t)}} {
		t.Run(c.name, func(t *testing.T) {
			parent := t.TempDir()
			out := filepath.Join(parent, "out")
			require.Error(t, WriteResult(c.ctx, out, c.result, false))
			require.Equal(t, []string{"."}, listing(t, parent))

			require.NoError(t, WriteResult(t.Context(), out, smallResult(t), false))
			before, err := os.ReadFile(filepath.Join(out, "quant_info.json"))
			require.NoError(t, err)
			require.Error(t, WriteResult(c.ctx, out, c.result, true))
			require.Equal(t, resultFiles, listing(t, parent))
			after, err := os.ReadFile(filepath.Join(out, "quant_info.json"))
			require.NoError(t, err)
			require.Equal(t, string(before), string(after))
		})
	}
	err := WriteResult(cancelled, filepath.Join(t.TempDir(), "out"), smallResult(t), false)
	require.ErrorIs(t, err, context.Canceled)
}

func TestWriteResultRefusesBadPlaces(t *testing.T) {
	parent := t.TempDir()
	err := WriteResult(t.Context(), filepath.Join(parent, "absent", "out"), smallResult(t), false)
	require.ErrorContains(t, err, "parent folder does not exist")
	file := filepath.Join(parent, "file")
	require.NoError(t, os.WriteFile(file, []byte("mine"), 0o644))
	require.ErrorContains(t, WriteResult(t.Context(), file, smallResult(t), true), "not a folder")
	require.Equal(t, []string{".", "file"}, listing(t, parent))
}
