package vectors

import (
	"fmt"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/internal/npy"
)

// StateShape is the initial state that a cell wants: its units, and the grids of h (input_1) and c (input_2).
type StateShape struct {
	Hidden int
	H, C   fixed.Format
	HasC   bool // an LSTM; a GRU has no c
}

// ReadStates reads initial states and puts them into the sequences. h0 and c0 name .npy files of shape
// [cells, sequences, hidden] (PyTorch's layout), floats, which are floored onto the cell's grid, or int16 values that are on it
// already; either may be empty.
func (s *Sequences) ReadStates(h0, c0 string, cells []StateShape) error {
	if h0 == "" && c0 == "" {
		return nil
	}
	for i := range s.Sequences {
		s.Sequences[i].Initial = make([]dump.State, len(cells))
	}
	if h0 != "" {
		err := readState(h0, len(s.Sequences), cells, func(c StateShape) fixed.Format { return c.H },
			func(sequence, cell int, values []int16) { s.Sequences[sequence].Initial[cell].H = values })
		if err != nil {
			return fmt.Errorf("read the initial h: %w", err)
		}
	}
	if c0 == "" {
		return nil
	}
	for i, cell := range cells {
		if !cell.HasC {
			return fmt.Errorf("read the initial c: cell %d is a GRU, which has none", i)
		}
	}
	err := readState(c0, len(s.Sequences), cells, func(c StateShape) fixed.Format { return c.C },
		func(sequence, cell int, values []int16) { s.Sequences[sequence].Initial[cell].C = values })
	if err != nil {
		return fmt.Errorf("read the initial c: %w", err)
	}
	return nil
}

func readState(path string, sequences int, cells []StateShape, grid func(StateShape) fixed.Format, set func(sequence, cell int, values []int16)) error {
	array, err := npy.ReadFile(path)
	if err != nil {
		return err
	}
	hidden := cells[0].Hidden
	for i, c := range cells {
		if c.Hidden != hidden {
			return fmt.Errorf("cell %d has %d units and cell 0 has %d; one array cannot hold the states of both", i, c.Hidden, hidden)
		}
	}
	want := []int{len(cells), sequences, hidden}
	if len(array.Shape) != 3 || array.Shape[0] != want[0] || array.Shape[1] != want[1] || array.Shape[2] != want[2] {
		return fmt.Errorf("%s has shape %v; [cells, sequences, hidden] = %v is wanted", path, array.Shape, want)
	}
	values := make([]int16, array.Len())
	if array.Type() == npy.Int16 {
		if values, err = array.Int16s(); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	} else {
		reals, err := array.Float64s()
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for i, v := range reals {
			cell := i / (sequences * hidden)
			if v != v || v-v != 0 {
				return fmt.Errorf("%s: cell %d, sequence %d, unit %d is %v; every value must be finite", path, cell, i/hidden%sequences, i%hidden, v)
			}
			values[i] = int16(fixed.Floor.Quantize(v, grid(cells[cell])))
		}
	}
	for cell := range cells {
		for sequence := range sequences {
			start := (cell*sequences + sequence) * hidden
			set(sequence, cell, values[start:start+hidden])
		}
	}
	return nil
}
