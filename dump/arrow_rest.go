package dump

import (
	"errors"
	"fmt"
	"io"
)

// seekable holds for files whose batches are not compressed: of a compressed one all of a batch would be read for each sequence.
func (s *ArrowSource) seekable() bool {
	for _, c := range s.cells {
		if compressed, err := c.compressed(); err != nil || compressed {
			return false
		}
	}
	return true
}

// compressed looks at a batch that is left; all batches of a file are alike.
func (r *arrowReader) compressed() (bool, error) {
	switch {
	case r.batch != nil:
		return r.batch.Compressed(), nil
	case r.next >= r.file.Batches():
		return false, nil
	}
	batch, err := r.file.Batch(r.next)
	if err != nil {
		return false, err
	}
	return batch.Compressed(), nil
}

// rest finds where the sequences begin, from the numbers of sequences and steps alone.
func (s *ArrowSource) rest() (Rest, error) {
	all := &arrowRest{cells: s.cells, extents: make([]extents, len(s.cells))}
	for i, c := range s.cells {
		if err := c.find(&all.extents[i]); err != nil {
			return nil, fmt.Errorf("read the trace %s: %w", c.path, err)
		}
	}
	return all, nil
}

// find notes the rows that are left, and holds them to their order.
func (r *arrowReader) find(found *extents) error {
	r.first, r.row, r.rows = r.first-int64(r.rows-r.row), 0, 0
	numbers := []int{r.sequences, r.steps}
	for {
		if r.batch == nil || r.first >= r.batch.Rows {
			if r.next >= r.file.Batches() {
				break
			}
			var err error
			if r.batch, err = r.file.Batch(r.next); err != nil {
				return err
			}
			r.next, r.first = r.next+1, 0
			continue
		}
		if err := r.read(numbers, min(r.batch.Rows-r.first, windowBytes/16)); err != nil {
			return fmt.Errorf("batch %d: %w", r.next-1, err)
		}
		for ; r.row < r.rows; r.row++ {
			if err := r.ordered(); err != nil {
				return err
			}
			found.add(int(r.sequence()), r.next-1, r.first-int64(r.rows-r.row))
		}
	}
	r.left = 0
	found.sort()
	return nil
}

// arrowRest reads the files of a source in the order that is asked for.
type arrowRest struct {
	cells   []*arrowReader
	extents []extents
}

func (a *arrowRest) Sequences(cell int) []int { return a.extents[cell].sequences() }

func (a *arrowRest) Seek(cell, sequence int) (bool, error) {
	r := a.cells[cell]
	r.row, r.rows, r.left = 0, 0, 0
	at, found := a.extents[cell].find(sequence)
	if !found {
		return false, nil
	}
	if r.next != int(at.part)+1 || r.batch == nil {
		var err error
		if r.batch, err = r.file.Batch(int(at.part)); err != nil {
			return false, fmt.Errorf("read the trace %s: %w", r.path, err)
		}
		r.next = int(at.part) + 1
	}
	r.first, r.left = at.at, int64(at.frames)
	return true, nil
}

func (a *arrowRest) Next(cell int, f *Frame) error {
	r := a.cells[cell]
	if err := r.fill(); errors.Is(err, io.EOF) {
		return io.EOF
	} else if err != nil {
		return fmt.Errorf("read the trace %s: %w", r.path, err)
	}
	r.frame(f)
	return nil
}

func (a *arrowRest) Close() error { return nil }
