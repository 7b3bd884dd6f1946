package vectors

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTokensAreCutToTheirLengths(t *testing.T) {
	path := writeArray(t, []int32{5, 6, 7, 8}, 2, 2)
	isTokens, err := IsTokens(path)
	require.NoError(t, err)
	require.True(t, isTokens)
	tokens, err := ReadTokens(path, writeArray(t, []int64{1, 2}, 2))
	require.NoError(t, err)
	require.Equal(t, [][]int64{{5}, {7, 8}}, tokens)
}

func TestStepsAreNoTokens(t *testing.T) {
	for _, path := range []string{writeArray(t, []float32{1, 2}, 1, 2), writeArray(t, []int16{1, 2}, 1, 1, 2)} {
		isTokens, err := IsTokens(path)
		require.NoError(t, err)
		require.False(t, isTokens)
	}
	_, err := ReadTokens(writeArray(t, []float32{1.5}, 1, 1), "")
	require.Error(t, err)
	_, err = ReadTokens(writeArray(t, []int64{1}, 1), "")
	require.ErrorContains(t, err, "[sequences, steps] is wanted")
}

func TestLabelsAreOneASequence(t *testing.T) {
	labels, err := ReadLabels(writeArray(t, []int64{3, 1}, 2), 2)
	require.NoError(t, err)
	require.Equal(t, []int64{3, 1}, labels)
	_, err = ReadLabels(writeArray(t, []int64{3, 1}, 2), 3)
	require.ErrorContains(t, err, "each of the 3 sequences")
}
