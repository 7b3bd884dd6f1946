package dump

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"rnnsim/dump/internal/ipc"
)

// ArrowSource reads an Arrow trace: the frames of all its cells, sequence by sequence, cell by cell, in the order of sequences that the
// files have. It holds a window of rows of each cell, however large the files and their batches are; of a compressed file it holds a batch.
type ArrowSource struct {
	header   Header
	cells    []*arrowReader
	closer   []io.Closer
	sequence int64 // the one that is being read; -1 before the first
}

// OpenArrow opens a trace: a folder of Arrow IPC files, one a cell, or one such file. Parameters are read from the folder
// params beside the files. The errors name the file and the place in it.
func OpenArrow(path string) (*ArrowSource, error) {
	files, err := arrowFiles(path)
	if err != nil {
		return nil, err
	}
	s := &ArrowSource{sequence: -1}
	for _, file := range files {
		if err := s.open(file); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	slices.SortStableFunc(s.cells, func(a, b *arrowReader) int {
		return cmp.Or(cmp.Compare(a.place, b.place), strings.Compare(a.cell.Graph, b.cell.Graph))
	})
	for i, c := range s.cells {
		c.index = i
		s.header.Cells = append(s.header.Cells, c.cell)
	}
	return s, nil
}

// arrowFiles gives the files of a trace.
func arrowFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open the trace: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("open the trace: %w", err)
	}
	var files []string
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), arrowSuffix) {
			files = append(files, filepath.Join(path, entry.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("open the trace %s: it has no %s files", path, arrowSuffix)
	}
	return files, nil
}

func (s *ArrowSource) open(path string) error {
	file, closer, err := openIPC(path)
	if err != nil {
		return err
	}
	s.closer = append(s.closer, closer)
	reader, meta, err := newArrowReader(path, file)
	if err != nil {
		return fmt.Errorf("open the trace %s: %w", path, err)
	}
	params := filepath.Join(filepath.Dir(path), paramsFolder, reader.cell.Graph+arrowSuffix)
	if reader.cell.Params, err = readParams(params); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, other := range s.cells {
		if other.cell.Graph == reader.cell.Graph {
			return fmt.Errorf("open the trace: %s and %s are both of graph %q: keep one", other.path, path, other.cell.Graph)
		}
	}
	if s.header.Meta == nil {
		s.header.Meta = meta
	}
	s.cells = append(s.cells, reader)
	return nil
}

// openIPC opens a regular file and reads its footer.
func openIPC(path string) (*ipc.File, io.Closer, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open an Arrow file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("open the Arrow file %s: it is no regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open an Arrow file: %w", err)
	}
	file, err := ipc.Open(f, info.Size())
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open the Arrow file %s: %w", path, err), f.Close())
	}
	return file, f, nil
}

// Header describes the cells, in execution order, and where the values came from.
func (s *ArrowSource) Header() Header { return s.header }

// Frames is how many frames the trace has, by what its batches say of themselves.
func (s *ArrowSource) Frames() (int, error) {
	frames := int64(0)
	for _, c := range s.cells {
		for i := range c.file.Batches() {
			batch, err := c.file.Batch(i)
			if err != nil {
				return 0, fmt.Errorf("read the trace %s: %w", c.path, err)
			}
			frames += batch.Rows
		}
	}
	return int(frames), nil
}

// Next reads the next frame: of the sequence that is being read, as long as a cell has one, or else of the smallest that comes next.
func (s *ArrowSource) Next(f *Frame) error {
	var first *arrowReader
	for _, c := range s.cells {
		if err := c.fill(); err == io.EOF {
			continue
		} else if err != nil {
			return fmt.Errorf("read the trace %s: %w", c.path, err)
		}
		if c.sequence() == s.sequence {
			first = c
			break
		}
		if first == nil || c.sequence() < first.sequence() {
			first = c
		}
	}
	if first == nil {
		return io.EOF
	}
	if err := first.ordered(); err != nil {
		return fmt.Errorf("read the trace %s: %w", first.path, err)
	}
	s.sequence = first.sequence()
	first.frame(f)
	return nil
}

// Close closes the files.
func (s *ArrowSource) Close() error {
	var errs []error
	for _, c := range s.closer {
		errs = append(errs, c.Close())
	}
	s.closer = nil
	return errors.Join(errs...)
}
