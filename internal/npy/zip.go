package npy

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"strings"
)

// An entry of an archive may inflate to MaxInflated bytes, or to MaxRatio times its compressed size, whichever is more: what
// lies beyond is taken for a bomb. Entries that are stored without compression are bounded by the file itself.
const (
	MaxInflated = 64 << 20
	MaxRatio    = 200
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
	archive, err := zip.NewReader(r, size)
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

// Array reads the array of that name. A checksum that does not fit is an error.
func (z *Zip) Array(name string) (*Array, error) {
	entry := z.entries[name]
	if entry == nil {
		return nil, fmt.Errorf("read %s: it holds no array %q", z.name, name)
	}
	a, err := readEntry(entry)
	if err != nil {
		return nil, fmt.Errorf("read %s, array %q: %w", z.name, name, err)
	}
	return a, nil
}

// Close closes the file. The arrays that were read remain valid.
func (z *Zip) Close() error {
	if z.file == nil {
		return nil
	}
	return z.file.Close()
}

func readEntry(entry *zip.File) (*Array, error) {
	r, err := OpenEntry(entry)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	// The directory's sizes are claims too, so the array is read as if its size were unknown.
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

// OpenEntry opens an entry of any zip archive for reading, with the limits of [MaxInflated] and [MaxRatio].
func OpenEntry(entry *zip.File) (io.ReadCloser, error) {
	r, err := entry.Open()
	if err != nil {
		return nil, err
	}
	most := int64(MaxInflated)
	if c := entry.CompressedSize64; c > MaxInflated/MaxRatio && c < 1<<48 {
		most = int64(c) * MaxRatio
	}
	return &limited{ReadCloser: r, left: most, most: most}, nil
}

// limited fails, rather than ends, when more than the limit is read.
type limited struct {
	io.ReadCloser
	left, most int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p[:min(int64(len(p)), l.left+1)])
	if l.left -= int64(n); l.left < 0 {
		return 0, fmt.Errorf("the entry inflates beyond %d bytes, more than %d times its compressed size: store it without compression (numpy.savez)", l.most, MaxRatio)
	}
	return n, err
}
