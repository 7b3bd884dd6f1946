package vectors

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"rnnsim/dump"
	"rnnsim/internal/npy"
)

// Sequences is a stimulus file in memory.
type Sequences struct {
	Source    string // the file
	Features  int
	Sequences []dump.Sequence
	// Steps is the length of each sequence.
	Steps []int
	// Embedded says that the file holds token ids, and the sequences their rows of the embedding.
	Embedded bool
}

// ReadSequences reads sequences from a .npy file of shape [sequences, steps, features], or [steps, features] for one. Floats are
// real values and must be finite; int16 values are taken as they are, on the first cell's input grid. lengths names a .npy file of
// integers, one a sequence, that says how many of its steps count; it may be empty.
func ReadSequences(path, lengths string) (*Sequences, error) {
	array, err := npy.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read sequences: %w", err)
	}
	return sequencesOf(array, path, lengths)
}

func sequencesOf(array *npy.Array, path, lengths string) (*Sequences, error) {
	shape := array.Shape
	if len(shape) == 2 {
		shape = append([]int{1}, shape...)
	}
	if len(shape) != 3 {
		return nil, fmt.Errorf("read sequences: %s has shape %v; [sequences, steps, features] is wanted", path, array.Shape)
	}
	count, steps, features := shape[0], shape[1], shape[2]
	switch {
	case count == 0:
		return nil, fmt.Errorf("read sequences: %s holds no sequence (shape %v)", path, array.Shape)
	case steps == 0:
		return nil, fmt.Errorf("read sequences: the sequences of %s have no step (shape %v)", path, array.Shape)
	case features == 0:
		return nil, fmt.Errorf("read sequences: the steps of %s have no feature (shape %v)", path, array.Shape)
	}
	used, err := readLengths(lengths, count, steps)
	if err != nil {
		return nil, err
	}
	result := &Sequences{Source: path, Features: features, Steps: used, Sequences: make([]dump.Sequence, count)}
	switch array.Type() {
	case npy.Int16:
		values, err := array.Int16s()
		if err != nil {
			return nil, fmt.Errorf("read sequences: %s: %w", path, err)
		}
		for i := range result.Sequences {
			start := i * steps * features
			result.Sequences[i].Fixed = values[start : start+used[i]*features]
		}
	case npy.Float16, npy.Float32, npy.Float64:
		values, err := array.Float32s()
		if err != nil {
			return nil, fmt.Errorf("read sequences: %s: %w", path, err)
		}
		for i := range result.Sequences {
			start := i * steps * features
			result.Sequences[i].Float = values[start : start+used[i]*features]
			if err := checkFinite(path, i, features, result.Sequences[i].Float); err != nil {
				return nil, err
			}
		}
	default:
		err := fmt.Errorf("read sequences: %s holds %v; floats, or int16 on the model's input grid, are wanted", path, array.Type())
		if isTokens(array) {
			err = fmt.Errorf("%w; token ids need the float model that has their embedding (--embedding MODEL)", err)
		}
		return nil, err
	}
	return result, nil
}

func checkFinite(path string, sequence, features int, values []float32) error {
	for i, v := range values {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("read sequences: %s: sequence %d, step %d, feature %d is %v; every value must be finite",
				path, sequence, i/features, i%features, v)
		}
	}
	return nil
}

func readLengths(path string, count, steps int) ([]int, error) {
	used := make([]int, count)
	if path == "" {
		for i := range used {
			used[i] = steps
		}
		return used, nil
	}
	array, err := npy.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read lengths: %w", err)
	}
	values, err := array.Int64s()
	if err != nil {
		return nil, fmt.Errorf("read lengths: %s: %w", path, err)
	}
	if len(array.Shape) != 1 || len(values) != count {
		return nil, fmt.Errorf("read lengths: %s has shape %v; one length for each of the %d sequences is wanted", path, array.Shape, count)
	}
	for i, n := range values {
		if n < 1 || n > int64(steps) {
			return nil, fmt.Errorf("read lengths: %s: sequence %d has length %d; 1 to %d is possible", path, i, n, steps)
		}
		used[i] = int(n)
	}
	return used, nil
}

// Floats gives the values of each sequence as real numbers, and fails for a stimulus of integers.
func (s *Sequences) Floats() ([][]float32, error) {
	floats := make([][]float32, len(s.Sequences))
	for i, sequence := range s.Sequences {
		if sequence.Float == nil {
			return nil, fmt.Errorf("the sequences are integers on a grid; real numbers are wanted")
		}
		floats[i] = sequence.Float
	}
	return floats, nil
}

// TotalSteps is the number of steps of all sequences.
func (s *Sequences) TotalSteps() int {
	sum := 0
	for _, n := range s.Steps {
		sum += n
	}
	return sum
}

// Digest is a SHA-256, in hex, over the values, lengths and initial states.
func (s *Sequences) Digest() string {
	hash := sha256.New()
	put := func(values any) { _ = binary.Write(hash, binary.LittleEndian, values) } // a hash never fails to write
	put(int64(s.Features))
	for i, sequence := range s.Sequences {
		put(int64(s.Steps[i]))
		// A whole sequence at once would be in memory twice.
		for part := range slices.Chunk(sequence.Float, 4096) {
			put(part)
		}
		for part := range slices.Chunk(sequence.Fixed, 4096) {
			put(part)
		}
		for _, state := range sequence.Initial {
			put(int64(len(state.H)))
			put(state.H)
			put(int64(len(state.C)))
			put(state.C)
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// WantFeatures fails where the steps do not have the number of features that a model reads.
func (s *Sequences) WantFeatures(features int) error {
	if s.Features == features {
		return nil
	}
	return fmt.Errorf("the steps of %s have %d features; the model reads %d (shape [sequences, steps, %d] is wanted)", s.Source, s.Features, features, features)
}
