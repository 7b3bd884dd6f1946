package vectors

import (
	"fmt"

	"rnnsim/internal/npy"
)

// IsTokens tells whether a .npy file holds token ids, integers of shape [sequences, steps], rather than the steps of sequences.
func IsTokens(path string) (bool, error) {
	array, err := npy.ReadFile(path)
	if err != nil {
		return false, fmt.Errorf("read sequences: %w", err)
	}
	switch array.Type() {
	case npy.Float16, npy.Float32, npy.Float64, npy.Bool:
		return false, nil
	}
	return len(array.Shape) == 2, nil
}

// ReadTokens reads token ids from a .npy file of integers [sequences, steps], each sequence cut to its length in the file lengths,
// which may be empty.
func ReadTokens(path, lengths string) ([][]int64, error) {
	array, err := npy.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read tokens: %w", err)
	}
	values, err := array.Int64s()
	if err != nil {
		return nil, fmt.Errorf("read tokens: %s: %w", path, err)
	}
	if len(array.Shape) != 2 || array.Shape[0] == 0 || array.Shape[1] == 0 {
		return nil, fmt.Errorf("read tokens: %s has shape %v; [sequences, steps] is wanted", path, array.Shape)
	}
	count, steps := array.Shape[0], array.Shape[1]
	used, err := readLengths(lengths, count, steps)
	if err != nil {
		return nil, err
	}
	tokens := make([][]int64, count)
	for i := range tokens {
		tokens[i] = values[i*steps : i*steps+used[i]]
	}
	return tokens, nil
}

// ReadLabels reads the class of each of count sequences from a .npy file of integers.
func ReadLabels(path string, count int) ([]int64, error) {
	array, err := npy.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read labels: %w", err)
	}
	labels, err := array.Int64s()
	if err != nil {
		return nil, fmt.Errorf("read labels: %s: %w", path, err)
	}
	if len(array.Shape) != 1 || len(labels) != count {
		return nil, fmt.Errorf("read labels: %s has shape %v; a label for each of the %d sequences is wanted", path, array.Shape, count)
	}
	return labels, nil
}
