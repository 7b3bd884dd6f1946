package vectors

import (
	"fmt"

	"rnnsim/internal/npy"
)

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
