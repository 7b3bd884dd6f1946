package npy

import (
	"archive/zip"
	"fmt"
	"io"
)

// ZipWriter writes a .npz archive, one array after another. Entries are stored uncompressed and carry no time, so that the same
// arrays in the same order always give the same bytes, whichever compressor the toolchain brings.
type ZipWriter struct {
	archive *zip.Writer
	names   map[string]bool
	open    *EntryWriter
}

// NewZipWriter starts an archive on w. Close finishes it, and does not close w.
func NewZipWriter(w io.Writer) *ZipWriter {
	return &ZipWriter{archive: zip.NewWriter(w), names: map[string]bool{}}
}

// Add writes an array under the name, which is given without ".npy" and must be new.
func (z *ZipWriter) Add(name string, a *Array) error {
	w, err := z.entry(name)
	if err != nil {
		return err
	}
	if err := Write(w, a); err != nil {
		return fmt.Errorf("array %q: %w", name, err)
	}
	return nil
}

// Create begins an array whose values are to be written as they arise, as little-endian bytes in C order. The entry ends with
// the next Create, Add or Close of the archive, which fail if the values are not as many as the shape wants.
func (z *ZipWriter) Create(name string, t Type, shape []int) (*EntryWriter, error) {
	if t <= Invalid || int(t) >= len(types) {
		return nil, fmt.Errorf("array %q: %v is no type of values", name, t)
	}
	n, err := count(shape)
	if err != nil {
		return nil, fmt.Errorf("array %q: %w", name, err)
	}
	header, err := formatHeader(t, shape)
	if err != nil {
		return nil, fmt.Errorf("array %q: %w", name, err)
	}
	w, err := z.entry(name)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(header); err != nil {
		return nil, fmt.Errorf("array %q: %w", name, err)
	}
	z.open = &EntryWriter{name: name, w: w, left: int64(n) * int64(types[t].size)}
	return z.open, nil
}

// Close ends the last entry and writes the archive's directory.
func (z *ZipWriter) Close() error {
	if err := z.end(); err != nil {
		return err
	}
	return z.archive.Close()
}

func (z *ZipWriter) entry(name string) (io.Writer, error) {
	if err := z.end(); err != nil {
		return nil, err
	}
	if z.names[name] {
		return nil, fmt.Errorf("array %q is in the archive already", name)
	}
	z.names[name] = true
	w, err := z.archive.CreateHeader(&zip.FileHeader{Name: name + ".npy", Method: zip.Store})
	if err != nil {
		return nil, fmt.Errorf("array %q: %w", name, err)
	}
	return w, nil
}

func (z *ZipWriter) end() error {
	if z.open == nil {
		return nil
	}
	open := z.open
	z.open = nil
	if open.left > 0 {
		return fmt.Errorf("array %q lacks %d bytes of its values", open.name, open.left)
	}
	return nil
}

// EntryWriter takes the values of one array.
type EntryWriter struct {
	name string
	w    io.Writer
	left int64
}

// Write takes the next bytes, and fails if they are more than the shape wants.
func (e *EntryWriter) Write(p []byte) (int, error) {
	if int64(len(p)) > e.left {
		return 0, fmt.Errorf("array %q: %d bytes too many for its shape", e.name, int64(len(p))-e.left)
	}
	n, err := e.w.Write(p)
	e.left -= int64(n)
	return n, err
}
