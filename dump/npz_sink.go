package dump

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// NpzOptions say how an .npz trace is written.
type NpzOptions struct {
	Replace bool // replace an .npz file that exists
	// Context, where it is set, cancels Close, which reads and writes the whole trace once more.
	Context context.Context
}

// NpzSink writes a trace as one .npz file, for numpy. The array of a node is <graph>__<node>_fix, int16, of the shape
// [sequence, step, feature]; that of an 8-bit matmul input is <graph>__<node>_pre_fix_i0, and that of a float node
// <graph>__<node>, float32. Steps are in execution order. Where the sequences are not all of one length, the arrays have the
// longest one's, zeros fill up the others, and the array lengths, int32, has the length of each. Where the frames have saturation counts,
// <graph>__saturations is int32 [sequence, step, node]. Parameters are <graph>__<parameter>_fix, and rnnsim_header describes
// all of it as JSON, in uint8.
//
// The file appears on Close, whole. Until then the frames are kept in a folder beside it, for the arrays want them node by node.
type NpzSink struct {
	path    string
	options NpzOptions
	header  Header
	scratch *partial
	spool   *ArrowSink
	extents []npzExtent
}

// npzExtent is what has been seen of a cell.
type npzExtent struct {
	lengths     []int32
	firstStep   int
	saturations bool
}

// NewNpzSink gives a sink that writes the file path, which must not exist unless Replace is set.
func NewNpzSink(path string, options NpzOptions) *NpzSink {
	return &NpzSink{path: path, options: options}
}

// Begin makes the scratch folder.
func (s *NpzSink) Begin(h Header) error {
	if err := s.checkTarget(); err != nil {
		return err
	}
	var err error
	if s.scratch, err = newPartial(s.path); err != nil {
		return err
	}
	s.header, s.extents = h, make([]npzExtent, len(h.Cells))
	s.spool = NewArrowSink(filepath.Join(s.scratch.path, "spool"), ArrowOptions{scratch: true})
	return s.spool.Begin(h)
}

func (s *NpzSink) checkTarget() error {
	info, err := os.Lstat(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !s.options.Replace:
		return fmt.Errorf("%s exists: name another file, or say that it may be replaced: %w", s.path, fs.ErrExist)
	case !info.Mode().IsRegular() || !strings.HasSuffix(s.path, npzSuffix):
		return fmt.Errorf("replace %s: it is no %s file: remove it yourself", s.path, npzSuffix)
	}
	return nil
}

// Write keeps a frame. The sequences of a cell are numbered from 0 on and their steps follow each other, from the same first
// one in all of them.
func (s *NpzSink) Write(f *Frame) error {
	if err := s.spool.Write(f); err != nil {
		return err
	}
	e := &s.extents[f.Cell]
	if len(e.lengths) == 0 {
		e.firstStep = f.Step
	}
	e.saturations = f.Saturations != nil
	if f.Sequence == len(e.lengths) {
		e.lengths = append(e.lengths, 0)
	}
	last := len(e.lengths) - 1
	if f.Sequence != last || f.Step != e.firstStep+int(e.lengths[last]) {
		return fmt.Errorf("write %s: graph %q: sequence %d, step %d leaves a gap, which an array cannot have", s.path, s.header.Cells[f.Cell].Graph, f.Sequence, f.Step)
	}
	e.lengths[last]++
	return nil
}

// Close writes the arrays and lets the file appear. After an error nothing is left.
func (s *NpzSink) Close() error {
	if err := s.spool.Close(); err != nil {
		return errors.Join(err, s.scratch.discard())
	}
	if err := s.assemble(); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", s.path, err), s.scratch.discard())
	}
	return s.scratch.discard()
}

// Abort removes what was written.
func (s *NpzSink) Abort() error {
	var err error
	if s.spool != nil {
		err = s.spool.Abort()
	}
	if s.scratch != nil {
		err = errors.Join(err, s.scratch.discard())
	}
	return err
}
