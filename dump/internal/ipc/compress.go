package ipc

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// MaxInflated bounds what the columns of one compressed batch may inflate to: unlike plain columns they cannot be read in
// parts.
const MaxInflated = 256 << 20

// maxWindow bounds the history that a zstd frame may ask for.
const maxWindow = 8 << 20

// codec opens a stream of compressed bytes.
type codec func(io.Reader) (io.Reader, func(), error)

// newCodec gives the codec of a BodyCompression of Message.fbs.
func newCodec(which, method uint8) (codec, error) {
	const lz4Frame, zstandard, buffers = 0, 1, 0
	switch {
	case method == buffers && which == lz4Frame:
		return openLZ4, nil
	case method == buffers && which == zstandard:
		return openZstd, nil
	}
	return nil, fmt.Errorf("its compression is codec %d with method %d; lz4 frames and zstd are read", which, method)
}

func openLZ4(r io.Reader) (io.Reader, func(), error) { return lz4.NewReader(r), func() {}, nil }

func openZstd(r io.Reader) (io.Reader, func(), error) {
	decoder, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, nil, err
	}
	return decoder, decoder.Close, nil
}

// inflate gives the values of a column of a compressed batch. Its memory grows with what comes out, not with what the file
// says will come.
func (b *Batch) inflate(column int) ([]byte, error) {
	place, need, total := b.buffers[column], b.Rows*b.file.Schema.Columns[column].Stride(), int64(0)
	for _, c := range b.file.Schema.Columns {
		total += b.Rows * c.Stride()
		if total > MaxInflated {
			return nil, fmt.Errorf("its batch inflates to more than %d bytes: write smaller record batches, or no compression", MaxInflated)
		}
	}
	if need == 0 {
		return nil, nil
	}
	// In front of the compressed bytes is the length that they inflate to, or -1 where they are not compressed after all.
	var prefix [8]byte
	if place.length < int64(len(prefix)) {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrFormat, place.length)
	}
	if err := readAt(b.file.r, prefix[:], place.offset); err != nil {
		return nil, err
	}
	length := int64(binary.LittleEndian.Uint64(prefix[:]))
	stored := io.NewSectionReader(b.file.r, place.offset+8, place.length-8)
	if length == -1 {
		return grow(stored, need)
	}
	if length < need {
		return nil, fmt.Errorf("%w: it inflates to %d bytes, and %d rows need %d", ErrFormat, length, b.Rows, need)
	}
	r, release, err := b.codec(stored)
	if err != nil {
		return nil, err
	}
	defer release()
	return grow(r, need)
}

// grow reads exactly need bytes.
func grow(r io.Reader, need int64) ([]byte, error) {
	var values bytes.Buffer
	if n, err := io.Copy(&values, io.LimitReader(r, need)); err != nil || n < need {
		return nil, fmt.Errorf("%w: %d bytes of %d came out: %w", ErrFormat, n, need, orNothing(err))
	}
	return values.Bytes(), nil
}
