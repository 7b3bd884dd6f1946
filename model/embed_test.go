package model

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEmbedLooksUpEachToken(t *testing.T) {
	n := &Network{Embedding: &Embedding{Tokens: 3, Features: 2, Weight: []float32{0, 1, 10, 11, 20, 21}}}
	steps, err := n.Embed([][]int64{{2, 0}, {1}})
	require.NoError(t, err)
	require.Equal(t, [][]float32{{20, 21, 0, 1}, {10, 11}}, steps)

	_, err = n.Embed([][]int64{{0}, {1, 3}})
	require.ErrorContains(t, err, "sequence 1, step 1: token 3 is outside the embedding's 3 tokens")
	_, err = n.Embed([][]int64{{-1}})
	require.ErrorContains(t, err, "token -1")
	_, err = n.Embed([][]int64{{}})
	require.ErrorContains(t, err, "sequence 0 has no token")
	_, err = n.Embed(nil)
	require.ErrorContains(t, err, "no sequence")
	n = &Network{Layers: []Layer{{Forward: &Cell{Input: 7}}}}
	_, err = n.Embed([][]int64{{0}})
	require.ErrorContains(t, err, "[sequences, steps, 7] floats")
}
