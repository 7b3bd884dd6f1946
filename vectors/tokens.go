package vectors

import (
	"fmt"
	"slices"

	"rnnsim/dump"
	"rnnsim/internal/npy"
	"rnnsim/model"
)

// ReadFor reads the stimulus of a float network from a .npy file: floats as [ReadSequences] takes them, or, where the network has an
// embedding, token ids, which it looks up: integers [sequences, steps], or [steps] for one sequence. lengths is as in [ReadSequences].
// The steps have the number of features that the network's first layer reads; anything else is an error.
func ReadFor(network *model.Network, path, lengths string) (*Sequences, error) {
	array, err := npy.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read sequences: %w", err)
	}
	// Without an embedding, integers of 16 bits may be the steps of one sequence on a grid.
	if isTokens(array) && (network.Embedding != nil || array.Type() != npy.Int16) {
		return lookUp(network, array, path, lengths)
	}
	sequences, err := sequencesOf(array, path, lengths)
	if err != nil {
		return nil, err
	}
	if err := sequences.WantFeatures(network.Input()); err != nil {
		if network.Embedding != nil {
			err = fmt.Errorf("%w; token ids are integers [sequences, steps]", err)
		}
		return nil, err
	}
	return sequences, nil
}

// isTokens tells whether an array has the form of token ids: integers of shape [sequences, steps], or [steps].
func isTokens(array *npy.Array) bool {
	switch array.Type() {
	case npy.Float16, npy.Float32, npy.Float64, npy.Bool:
		return false
	}
	return len(array.Shape) == 1 || len(array.Shape) == 2
}

func lookUp(network *model.Network, array *npy.Array, path, lengths string) (*Sequences, error) {
	shape := array.Shape
	if len(shape) == 1 {
		shape = append([]int{1}, shape...)
	}
	count, steps := shape[0], shape[1]
	if count == 0 || steps == 0 {
		return nil, fmt.Errorf("read tokens: %s has shape %v; [sequences, steps] is wanted", path, array.Shape)
	}
	ids, err := array.Int64s()
	if err != nil {
		return nil, fmt.Errorf("read tokens: %s: %w", path, err)
	}
	used, err := readLengths(lengths, count, steps)
	if err != nil {
		return nil, err
	}
	tokens := slices.Collect(slices.Chunk(ids, steps))
	for i := range tokens {
		tokens[i] = tokens[i][:used[i]]
	}
	rows, err := network.Embed(tokens)
	if err != nil {
		return nil, fmt.Errorf("read tokens: %s: %w", path, err)
	}
	result := &Sequences{Source: path, Features: network.Embedding.Features, Steps: used, Embedded: true, Sequences: make([]dump.Sequence, count)}
	for i := range rows {
		result.Sequences[i].Float = rows[i]
	}
	return result, nil
}
