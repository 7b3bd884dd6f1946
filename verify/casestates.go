package verify

import (
	"errors"
	"fmt"

	"rnnsim/dump"
	"rnnsim/internal/npy"
)

// readStates reads states.npz: for cell n in the order of execution, "n.h" and, of an LSTM, "n.c", int16 [sequences, hidden] on the
// grids of input_1 and input_2. Cells may have different numbers of units.
func (r *caseRun) readStates() (err error) {
	path, err := r.file("states.npz")
	if err != nil || path == "" {
		return err
	}
	archive, err := npy.OpenZip(path)
	if err != nil {
		return fmt.Errorf("read the initial states: %w", err)
	}
	defer func() { err = errors.Join(err, archive.Close()) }()
	sequences := r.input.Sequences
	for i := range sequences {
		sequences[i].Initial = make([]dump.State, len(r.model.Cells))
	}
	for cell := range r.model.Cells {
		h, err := readState(archive, fmt.Sprintf("%d.h", cell), len(sequences))
		if err != nil {
			return fmt.Errorf("read the initial states: %s: %w", path, err)
		}
		c, err := readState(archive, fmt.Sprintf("%d.c", cell), len(sequences))
		if err != nil {
			return fmt.Errorf("read the initial states: %s: %w", path, err)
		}
		for i := range sequences {
			if h != nil {
				sequences[i].Initial[cell].H = h[i]
			}
			if c != nil {
				sequences[i].Initial[cell].C = c[i]
			}
		}
	}
	return nil
}

// readState gives the rows of an array, or nil where the archive has none of that name.
func readState(archive *npy.Zip, name string, sequences int) ([][]int16, error) {
	if !archive.Has(name) {
		return nil, nil
	}
	array, err := archive.Array(name)
	if err != nil {
		return nil, err
	}
	values, err := array.Int16s()
	if err != nil {
		return nil, fmt.Errorf("array %q: %w", name, err)
	}
	if len(array.Shape) != 2 || array.Shape[0] != sequences {
		return nil, fmt.Errorf("array %q has shape %v; [%d sequences, hidden] is wanted", name, array.Shape, sequences)
	}
	rows, width := make([][]int16, sequences), array.Shape[1]
	for i := range rows {
		rows[i] = values[i*width : (i+1)*width]
	}
	return rows, nil
}
