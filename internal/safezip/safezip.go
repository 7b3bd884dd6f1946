// Package safezip opens zip archives that may be hostile. It is a leaf: it imports nothing of the project.
package safezip

import (
	"archive/zip"
	"fmt"
	"io"
)

// The entries of an archive may together inflate to MaxInflated bytes, or to MaxRatio times the archive's size, whichever is
// more. What claims to be larger is taken for a bomb: floats do not compress that well.
const (
	MaxInflated = 64 << 20
	MaxRatio    = 200
)

// NewReader reads the directory of an archive of size bytes, and refuses it if its entries claim to be too large. Entries that
// share the same bytes count each.
func NewReader(r io.ReaderAt, size int64) (*zip.Reader, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, err
	}
	most := max(uint64(MaxInflated), uint64(size)*MaxRatio)
	sum := uint64(0)
	for _, entry := range archive.File {
		if entry.UncompressedSize64 > most-sum {
			return nil, fmt.Errorf("the entries inflate to more than %d bytes, out of %d: store them without compression", most, size)
		}
		sum += entry.UncompressedSize64
	}
	return archive, nil
}

// Open opens an entry for reading. It yields as many bytes as the directory says; more are an error, and so are, at the end,
// fewer, or a checksum that does not fit.
func Open(entry *zip.File) (io.ReadCloser, error) {
	r, err := entry.Open()
	if err != nil {
		return nil, err
	}
	return &bounded{ReadCloser: r, left: int64(entry.UncompressedSize64)}, nil
}

// bounded fails, rather than ends, when there is more to read than was said.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooLong
	}
	// One byte more is asked for, to tell the end from what lies beyond it.
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLong
	}
	return n, err
}

var errTooLong = fmt.Errorf("the entry is longer than the archive's directory says")

// ReadAll reads a whole entry. The memory grows with what arrives.
func ReadAll(entry *zip.File) ([]byte, error) {
	r, err := Open(entry)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}
