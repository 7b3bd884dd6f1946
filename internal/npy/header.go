package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

const magic = "\x93NUMPY"

// maxHeader bounds the text of a header. NumPy itself refuses headers beyond 10,000 characters.
const maxHeader = 1 << 16

// maxDimensions is NumPy's limit.
const maxDimensions = 64

// header is what precedes the values in a file.
type header struct {
	kind    Type
	order   binary.ByteOrder
	fortran bool
	shape   []int
	count   int   // values
	length  int64 // bytes of the header itself, magic included
}

// readHeader reads the magic, the version, and the dictionary that describes the array.
func readHeader(r io.Reader) (*header, error) {
	var prefix [8]byte
	if _, err := io.ReadFull(r, prefix[:]); err != nil {
		return nil, fmt.Errorf("read the magic: %w", missing(err))
	}
	if string(prefix[:6]) != magic {
		return nil, fmt.Errorf("the file starts with % x, not with NumPy's magic % x: it is no .npy file", prefix[:6], magic)
	}
	major, minor := prefix[6], prefix[7]
	if major < 1 || major > 3 || minor != 0 {
		return nil, fmt.Errorf("format version %d.%d is not one of 1.0, 2.0, 3.0", major, minor)
	}
	sizeBytes := 2
	if major > 1 {
		sizeBytes = 4
	}
	var raw [4]byte
	if _, err := io.ReadFull(r, raw[:sizeBytes]); err != nil {
		return nil, fmt.Errorf("read the header's length: %w", missing(err))
	}
	size := int64(binary.LittleEndian.Uint32(raw[:]))
	if size > maxHeader {
		return nil, fmt.Errorf("the header says it is %d bytes long, the limit is %d", size, maxHeader)
	}
	var text bytes.Buffer
	if _, err := io.CopyN(&text, r, size); err != nil {
		return nil, fmt.Errorf("read the header's %d bytes: %w", size, missing(err))
	}
	h, err := parseHeader(text.String())
	if err != nil {
		return nil, fmt.Errorf("header %q: %w", strings.TrimSpace(clip(text.String())), err)
	}
	h.length = int64(len(prefix)+sizeBytes) + size
	return h, nil
}

// formatHeader gives the bytes before the values: version 1.0, padded with spaces so that the values start at a multiple of 64.
func formatHeader(t Type, shape []int) ([]byte, error) {
	if len(shape) > maxDimensions {
		return nil, fmt.Errorf("%d dimensions, the limit is %d", len(shape), maxDimensions)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "{'descr': '%s', 'fortran_order': False, 'shape': (", t.descr())
	for i, d := range shape {
		if i > 0 {
			text.WriteString(", ")
		}
		fmt.Fprint(&text, d)
	}
	if len(shape) == 1 {
		text.WriteString(",")
	}
	text.WriteString("), }")
	const before = len(magic) + 4
	padding := 63 - (before+text.Len())%64
	text.WriteString(strings.Repeat(" ", padding) + "\n")
	out := append([]byte(magic), 1, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(text.Len()))
	return append(out, text.String()...), nil
}

// missing turns the end of a file in the middle of something into words for a person.
func missing(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the file is cut short: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// clip keeps messages readable when a header is long.
func clip(text string) string {
	const most = 200
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}
