package dump

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/apache/arrow/go/v15/arrow/ipc"
)

// ArrowOptions say how an Arrow trace is written.
type ArrowOptions struct {
	Zstd    bool // compress with zstd
	Replace bool // replace a trace that exists
	// BatchBytes is about how large a record batch is before compression; 0 is 1 MiB. Two batches a cell are in memory.
	BatchBytes int
	scratch    bool // not to outlive the process: it need not be durable
}

const defaultBatchBytes = 1 << 20

// ArrowSink writes a trace as a folder of Arrow IPC files, <graph>.arrow a cell, and params/<graph>.arrow with a cell's
// parameters where the header has them. The folder appears on Close, whole.
//
// A row is a step of a sequence. The columns are sequence and step (int32), one fixed-size list of int16 a node (float32 for
// a float node), with bit_width, fix_position, op_type and label in the column's metadata, and, where the frames have them,
// saturations: a fixed-size list of int32, one count a node in the order of the columns. The file's metadata has the graph,
// layer, direction, cell and format_version, and the header's Meta.
type ArrowSink struct {
	dir     string
	options ArrowOptions
	staging *staging
	checker *frameChecker
	cells   []*arrowCell
}

// NewArrowSink gives a sink that writes the folder dir, which must not exist unless Replace is set.
func NewArrowSink(dir string, options ArrowOptions) *ArrowSink {
	if options.BatchBytes <= 0 {
		options.BatchBytes = defaultBatchBytes
	}
	return &ArrowSink{dir: dir, options: options}
}

// Begin makes the files, beside their place, and writes the parameters.
func (s *ArrowSink) Begin(h Header) error {
	if err := checkHeader(h); err != nil {
		return fmt.Errorf("write the trace %s: %w", s.dir, err)
	}
	for i := range h.Cells { // before anything is made
		if _, err := arrowSchema(h, i, true); err != nil {
			return fmt.Errorf("write the trace %s: %w", s.dir, err)
		}
	}
	var err error
	if s.staging, err = newStaging(s.dir, s.options.Replace); err != nil {
		return err
	}
	s.checker = newFrameChecker(h)
	for i, cell := range h.Cells {
		if err := writeParams(s.staging.path, h, i); err != nil {
			return fmt.Errorf("write the parameters of %q: %w", cell.Graph, err)
		}
		s.cells = append(s.cells, newArrowCell(filepath.Join(s.staging.path, cell.Graph+arrowSuffix), h, i, s.options))
	}
	return nil
}

// Write takes a frame. The file is written aside, so that an error of writing may come with a later frame, or with Close.
func (s *ArrowSink) Write(f *Frame) error {
	if err := s.checker.check(f); err != nil {
		return err
	}
	if err := s.cells[f.Cell].write(f); err != nil {
		return fmt.Errorf("write the trace %s: %w", s.dir, err)
	}
	return nil
}

// Close writes the rest, makes it durable, and lets the folder appear. After an error nothing is left.
func (s *ArrowSink) Close() error {
	var errs []error
	for _, cell := range s.cells {
		errs = append(errs, cell.close())
	}
	if err := errors.Join(errs...); err != nil {
		return errors.Join(fmt.Errorf("write the trace %s: %w", s.dir, err), s.staging.discard())
	}
	s.staging.scratch = s.options.scratch
	return s.staging.publish()
}

// Abort removes what was written.
func (s *ArrowSink) Abort() error {
	for _, cell := range s.cells {
		cell.abort()
	}
	if s.staging == nil {
		return nil
	}
	return s.staging.discard()
}

// writeParams writes the file of a cell's parameters, if it has any.
func writeParams(dir string, h Header, index int) error {
	cell := h.Cells[index]
	if len(cell.Params) == 0 {
		return nil
	}
	schema, err := paramsSchema(h, index)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, paramsFolder), 0o777); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, paramsFolder, cell.Graph+arrowSuffix))
	if err != nil {
		return err
	}
	w, err := ipc.NewFileWriter(f, ipc.WithSchema(schema))
	if err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(w.Write(paramsRecord(schema, cell.Params)), w.Close(), f.Close())
}
