package vectors

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/npy"
)

func writeArray[T npy.Element](t *testing.T, data []T, shape ...int) string {
	t.Helper()
	array, err := npy.New(data, shape...)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "x.npy")
	require.NoError(t, npy.WriteFile(path, array))
	return path
}

func TestReadSequencesCutsToTheirLengths(t *testing.T) {
	x := writeArray(t, []float32{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2)
	lengths := writeArray(t, []int64{2, 1}, 2)
	s, err := ReadSequences(x, lengths)
	require.NoError(t, err)
	require.Equal(t, []int{2, 1}, s.Steps)
	require.Equal(t, []float32{1, 2, 3, 4}, s.Sequences[0].Float)
	require.Equal(t, []float32{5, 6}, s.Sequences[1].Float)
}

func TestReadSequencesTakesOneSequenceWithoutItsDimension(t *testing.T) {
	s, err := ReadSequences(writeArray(t, []int16{1, -2, 3, -4}, 2, 2), "")
	require.NoError(t, err)
	require.Len(t, s.Sequences, 1)
	require.Equal(t, []int16{1, -2, 3, -4}, s.Sequences[0].Fixed)
}

func TestReadSequencesNamesWhatIsWrong(t *testing.T) {
	nan := float32(math.NaN())
	two := writeArray(t, []float32{1, 2, 3, 4}, 2, 2, 1)
	for _, c := range []struct{ name, x, lengths, message string }{
		{"missing", filepath.Join(t.TempDir(), "no.npy"), "", "no.npy"},
		{"one dimension", writeArray(t, []float32{1}, 1), "", "shape [1]"},
		{"no sequence", writeArray(t, []float32{}, 0, 2, 2), "", "holds no sequence"},
		{"no step", writeArray(t, []float32{}, 2, 0, 2), "", "no step"},
		{"no feature", writeArray(t, []float32{}, 2, 2, 0), "", "no feature"},
		{"not a number", writeArray(t, []float32{1, 2, 3, nan}, 1, 2, 2), "", "sequence 0, step 1, feature 1 is NaN"},
		{"wrong type", writeArray(t, []int64{1}, 1, 1, 1), "", "int16 on the model's input grid"},
		{"length zero", two, writeArray(t, []int64{1, 0}, 2), "sequence 1 has length 0"},
		{"length too long", two, writeArray(t, []int64{3, 1}, 2), "sequence 0 has length 3"},
		{"wrong number of lengths", two, writeArray(t, []int64{1}, 1), "each of the 2 sequences"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ReadSequences(c.x, c.lengths)
			require.ErrorContains(t, err, c.message)
		})
	}
}
