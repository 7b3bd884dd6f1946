package vectors

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLabelsAreOneASequence(t *testing.T) {
	labels, err := ReadLabels(writeArray(t, []int64{3, 1}, 2), 2)
	require.NoError(t, err)
	require.Equal(t, []int64{3, 1}, labels)
	_, err = ReadLabels(writeArray(t, []int64{3, 1}, 2), 3)
	require.ErrorContains(t, err, "each of the 3 sequences")
}
