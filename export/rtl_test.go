package export_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/export"
)

func TestAnExportedTraceReadsBack(t *testing.T) {
	for _, name := range []string{"digits-lstm16", "digits-lstm8", "digits-bilstm16", "digits-gru8"} {
		t.Run(name, func(t *testing.T) {
			model, stimuli := shipped(t, name, 5)
			stimuli = append(stimuli, noise(rand.New(rand.NewPCG(1, 2)), 8, 3, 1, 11)...)
			trace := simulate(t, model, stimuli)
			dir := exported(t, model, trace, export.Options{Stimuli: stimuli})
			source, err := export.OpenHex(dir, export.HexOptions{})
			require.NoError(t, err)
			frames, err := drain(source)
			require.NoError(t, err)
			require.Equal(t, withoutParams(trace.Header), source.Header())
			require.Equal(t, trace.Frames, frames)
		})
	}
}

func withoutParams(h dump.Header) dump.Header {
	for i := range h.Cells {
		h.Cells[i].Params = nil
	}
	return h
}

func TestTheSameModelAndTraceGiveTheSameBytes(t *testing.T) {
	model, stimuli := shipped(t, "digits-lstm8", 3)
	trace := simulate(t, model, stimuli)
	a := exported(t, model, trace, export.Options{Stimuli: stimuli})
	b := exported(t, model, trace, export.Options{Stimuli: stimuli})
	files := 0
	require.NoError(t, filepath.WalkDir(a, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		relative, err := filepath.Rel(a, path)
		require.NoError(t, err)
		first, err := os.ReadFile(path)
		require.NoError(t, err)
		second, err := os.ReadFile(filepath.Join(b, relative))
		require.NoError(t, err)
		require.Equal(t, string(first), string(second), relative)
		return nil
	}))
	require.Greater(t, files, 50)
}
