package vectors

import (
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/model"
)

func embedding() *model.Network {
	return &model.Network{
		Layers:    []model.Layer{{Forward: &model.Cell{Input: 2, Hidden: 1}}},
		Embedding: &model.Embedding{Tokens: 3, Features: 2, Weight: []float32{1, 2, 3, 4, 5, 6}},
	}
}

func TestTokensAreLookedUpAndCutToTheirLengths(t *testing.T) {
	path := writeArray(t, []int32{2, 0, 1, 2}, 2, 2)
	read, err := ReadFor(embedding(), path, writeArray(t, []int64{1, 2}, 2))
	require.NoError(t, err)
	floats, err := read.Floats()
	require.NoError(t, err)
	require.Equal(t, [][]float32{{5, 6}, {3, 4, 5, 6}}, floats)
	require.Equal(t, []int{1, 2}, read.Steps)
	require.Equal(t, 2, read.Features)

	one, err := ReadFor(embedding(), writeArray(t, []uint8{1, 0}, 2), "")
	require.NoError(t, err)
	require.Equal(t, []float32{3, 4, 1, 2}, one.Sequences[0].Float)
}

func TestStepsAreNotLookedUp(t *testing.T) {
	read, err := ReadFor(embedding(), writeArray(t, []float32{7, 8}, 1, 1, 2), "")
	require.NoError(t, err)
	require.Equal(t, []float32{7, 8}, read.Sequences[0].Float)
	read, err = ReadFor(embedding(), writeArray(t, []int16{7, 8}, 1, 1, 2), "")
	require.NoError(t, err)
	require.Equal(t, []int16{7, 8}, read.Sequences[0].Fixed)
	bare := embedding()
	bare.Embedding = nil
	read, err = ReadFor(bare, writeArray(t, []int16{7, 8}, 1, 2), "")
	require.NoError(t, err)
	require.Equal(t, []int16{7, 8}, read.Sequences[0].Fixed)
}

func TestTokensThatDoNotFitAreNamed(t *testing.T) {
	for want, path := range map[string]string{
		"sequence 1, step 0: token 3 is outside the embedding's 3 tokens":             writeArray(t, []int64{0, 3}, 2, 1),
		"sequence 0, step 1: token -1 is outside":                                     writeArray(t, []int64{0, -1}, 2),
		"[sequences, steps] is wanted":                                                writeArray(t, []int64{}, 0, 4),
		"have 4 features; the model reads 2":                                          writeArray(t, make([]float32, 8), 2, 4),
		"token ids are integers [sequences, steps]":                                   writeArray(t, make([]float32, 12), 3, 4),
		"holds int64; floats, or int16 on the model's input grid, are wanted":         writeArray(t, []int64{1, 2}, 1, 1, 2),
		"has shape [1 1 1 2]; [sequences, steps, features] is wanted":                 writeArray(t, []float32{1, 2}, 1, 1, 1, 2),
		"sequence 0 has length 5; 1 to 2 is possible":                                 "",
		"token ids need the float model that has their embedding (--embedding MODEL)": "-",
	} {
		lengths := ""
		if path == "" {
			path, lengths = writeArray(t, []int64{0, 1}, 1, 2), writeArray(t, []int64{5}, 1)
		}
		var err error
		if path == "-" {
			_, err = ReadSequences(writeArray(t, []int64{0, 1}, 1, 2), "")
		} else {
			_, err = ReadFor(embedding(), path, lengths)
		}
		require.ErrorContains(t, err, want)
	}
	bare := embedding()
	bare.Embedding = nil
	_, err := ReadFor(bare, writeArray(t, []int32{1, 2}, 1, 2), "")
	require.ErrorContains(t, err, "the network has no embedding, so it cannot read token ids; give it [sequences, steps, 2] floats")
}
