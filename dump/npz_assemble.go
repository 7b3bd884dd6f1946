package dump

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"rnnsim/dump/internal/ipc"
	"rnnsim/internal/npy"
)

// assemble writes the archive from the spooled frames and moves it to its place.
func (s *NpzSink) assemble() error {
	lengths := s.extents[0].lengths
	for i, e := range s.extents {
		if !slices.Equal(e.lengths, lengths) {
			return fmt.Errorf("graph %q has other sequences than graph %q: write them apart", s.header.Cells[i].Graph, s.header.Cells[0].Graph)
		}
	}
	if len(lengths) == 0 {
		return errors.New("there was no frame")
	}
	path := filepath.Join(s.scratch.path, "trace"+npzSuffix)
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(&cancellable{f, s.options.Context}, 1<<16)
	err = s.writeArchive(npy.NewZipWriter(buffered), lengths)
	if err = errors.Join(err, buffered.Flush(), syncFile(f), f.Close()); err != nil {
		return err
	}
	if err := s.checkTarget(); err != nil {
		return err
	}
	if err := os.Rename(path, s.path); err != nil {
		return err
	}
	if !durable {
		return nil
	}
	return syncPath(filepath.Dir(s.path))
}

// cancellable is a writer that ends when its context, which may be nil, does.
type cancellable struct {
	io.Writer
	ctx context.Context
}

// Write writes, unless the context is done.
func (c *cancellable) Write(p []byte) (int, error) {
	if c.ctx != nil && c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.Writer.Write(p)
}

func syncFile(f *os.File) error {
	if !durable {
		return nil
	}
	return f.Sync()
}

func (s *NpzSink) writeArchive(z *npy.ZipWriter, lengths []int32) error {
	longest := slices.Max(lengths)
	for i := range s.header.Cells {
		if err := s.writeCell(z, i, lengths, int(longest)); err != nil {
			return fmt.Errorf("graph %q: %w", s.header.Cells[i].Graph, err)
		}
	}
	if slices.Min(lengths) != longest {
		if err := addArray(z, npzLengths, lengths, len(lengths)); err != nil {
			return err
		}
	}
	var firstSteps []int
	for _, e := range s.extents {
		firstSteps = append(firstSteps, e.firstStep)
	}
	description, err := describeNpz(s.header, firstSteps)
	if err != nil {
		return err
	}
	if err := addArray(z, npzHeader, description, len(description)); err != nil {
		return err
	}
	return z.Close()
}

func addArray[T npy.Element](z *npy.ZipWriter, name string, values []T, shape ...int) error {
	a, err := npy.New(values, shape...)
	if err != nil {
		return fmt.Errorf("array %q: %w", name, err)
	}
	return z.Add(name, a)
}

func (s *NpzSink) writeCell(z *npy.ZipWriter, index int, lengths []int32, longest int) error {
	cell := s.header.Cells[index]
	file, closer, err := openIPC(filepath.Join(s.scratch.path, "spool", cell.Graph+arrowSuffix))
	if err != nil {
		return err
	}
	defer closer.Close()
	write := func(column int, name string, kind npy.Type, width int) error {
		w, err := z.Create(name, kind, []int{len(lengths), longest, width})
		if err != nil {
			return err
		}
		return writePadded(w, &columnReader{file: file, column: column}, lengths, longest)
	}
	for i, node := range cell.Nodes {
		kind := npy.Int16
		if node.Float {
			kind = npy.Float32
		}
		if err := write(2+i, nodeKey(cell.Graph, node), kind, node.Width); err != nil {
			return err
		}
	}
	if s.extents[index].saturations {
		if err := write(2+len(cell.Nodes), saturationsKey(cell.Graph), npy.Int32, len(cell.Nodes)); err != nil {
			return err
		}
	}
	for _, p := range cell.Params {
		if err := addArray(z, paramKey(cell.Graph, p), p.Values, p.Shape...); err != nil {
			return err
		}
	}
	return nil
}

// writePadded copies the rows of a column, sequence by sequence, with zeros up to the longest one's length.
func writePadded(w io.Writer, column *columnReader, lengths []int32, longest int) error {
	stride := int(column.file.Schema.Columns[column.column].Stride())
	zeros := make([]byte, stride)
	for _, length := range lengths {
		if _, err := io.CopyN(w, column, int64(length)*int64(stride)); err != nil {
			return err
		}
		for range longest - int(length) {
			if _, err := w.Write(zeros); err != nil {
				return err
			}
		}
	}
	return nil
}

// columnReader reads the bytes of one column, batch after batch, in windows.
type columnReader struct {
	file    *ipc.File
	column  int
	next    int // batch
	batch   *ipc.Batch
	row     int64
	scratch []byte
	window  []byte // not yet read
}

func (r *columnReader) Read(p []byte) (int, error) {
	for len(r.window) == 0 {
		if r.batch == nil || r.row >= r.batch.Rows {
			if r.next >= r.file.Batches() {
				return 0, io.EOF
			}
			var err error
			if r.batch, err = r.file.Batch(r.next); err != nil {
				return 0, err
			}
			r.next, r.row = r.next+1, 0
		}
		rows := min(r.batch.Rows-r.row, max(1, windowBytes/r.file.Schema.Columns[r.column].Stride()))
		var err error
		if r.scratch, err = r.batch.Window(r.column, r.row, rows, r.scratch); err != nil {
			return 0, err
		}
		r.window, r.row = r.scratch, r.row+rows
	}
	n := copy(p, r.window)
	r.window = r.window[n:]
	return n, nil
}
