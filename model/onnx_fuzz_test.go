package model

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzReadONNX holds whatever is read to be a network that is whole, and that is read again the same.
func FuzzReadONNX(f *testing.F) {
	for _, name := range []string{
		"hand-lstm-lengths", "hand-gru-two-operators", "hand-lstm-layout", "hand-external", "hand-float16", "torch-classifier-lstm-9",
		"torch-gru-1-bi-bias-steps", "torch-tagger", "torch-late-step", "torch-stateful", "keras-lstm", "keras-bidirectional-gru",
	} {
		data, err := os.ReadFile(filepath.Join("testdata", "onnx", name+".onnx"))
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		network, err := readBytes(t, data, ReadOptions{})
		if err != nil {
			return
		}
		require.NoError(t, network.Validate())
		again, err := readBytes(t, data, ReadOptions{})
		require.NoError(t, err)
		require.Equal(t, network, again)
	})
}
