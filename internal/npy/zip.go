package npy

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"strings"

	"rnnsim/internal/safezip"
)

// Zip is an open .npz archive. Its entries are read one at a time, when asked for.
type Zip struct {
	name    string
	file    *os.File // nil if the caller owns the reader
	names   []string
	entries map[string]*zip.File
}

// OpenZip opens the .npz file at path. Close it after use.
func OpenZip(path string) (*Zip, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open an archive of arrays: %w", err)
	}
	z, err := func() (*Zip, error) {
		info, err := file.Stat()
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", path, err)
		}
		return NewZip(file, info.Size(), path)
	}()
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	z.file = file
	return z, nil
}

// NewZip reads the directory of an archive of size bytes. name stands for the archive in messages.
func NewZip(r io.ReaderAt, size int64, name string) (*Zip, error) {
	archive, err := safezip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("open %s as a zip archive: %w", name, err)
	}
	z := &Zip{name: name, entries: map[string]*zip.File{}}
	for _, entry := range archive.File {
		array, ok := strings.CutSuffix(entry.Name, ".npy")
		if !ok {
			continue
		}
		if _, twice := z.entries[array]; twice {
			return nil, fmt.Errorf("open %s: it holds the array %q twice", name, array)
		}
		z.names = append(z.names, array)
		z.entries[array] = entry
	}
	return z, nil
}

// Names lists the arrays in the archive's order, without ".npy". Entries that are not arrays are left out.
func (z *Zip) Names() []string { return z.names }

// Has tells whether there is an array of that name.
func (z *Zip) Has(name string) bool { return z.entries[name] != nil }

// Header gives the shape and the type of the array of that name, without reading its values.
func (z *Zip) Header(name string) (Type, []int, error) {
	r, err := z.openEntry(name)
	if err != nil {
		return Invalid, nil, err
	}
	defer r.Close()
	h, err := readHeader(r)
	if err != nil {
		return Invalid, nil, fmt.Errorf("read %s, array %q: %w", z.name, name, err)
	}
	return h.kind, h.shape, nil
}

// Array reads the array of that name. A checksum that does not fit is an error.
func (z *Zip) Array(name string) (*Array, error) {
	r, err := z.openEntry(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	a, err := readEntry(r)
	if err != nil {
		return nil, fmt.Errorf("read %s, array %q: %w", z.name, name, err)
	}
	return a, nil
}

func (z *Zip) openEntry(name string) (io.ReadCloser, error) {
	entry := z.entries[name]
	if entry == nil {
		return nil, fmt.Errorf("read %s: it holds no array %q", z.name, name)
	}
	r, err := safezip.Open(entry)
	if err != nil {
		return nil, fmt.Errorf("read %s, array %q: %w", z.name, name, err)
	}
	return r, nil
}

// Close closes the file. The arrays that were read remain valid.
func (z *Zip) Close() error {
	if z.file == nil {
		return nil
	}
	return z.file.Close()
}

// readEntry reads an array that is all that r has. The directory's size is a claim like the header's, so that the array is read as
// one of unknown size.
func readEntry(r io.Reader) (*Array, error) {
	a, err := Read(r, -1)
	if err != nil {
		return nil, err
	}
	// Reading on to the end makes the archive compare its checksum.
	behind, err := io.Copy(io.Discard, r)
	if err != nil {
		return nil, err
	}
	if behind > 0 {
		return nil, fmt.Errorf("%d bytes lie behind the array", behind)
	}
	return a, nil
}
