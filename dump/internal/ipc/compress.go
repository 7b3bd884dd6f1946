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

// codec decompresses one stream after another. Opening one costs more than a column of a batch, so a file keeps its own.
type codec interface {
	io.Reader
	Reset(io.Reader) error
}

// codec gives the file's codec of a BodyCompression of Message.fbs.
func (f *File) codec(which, method uint8) (codec, error) {
	const lz4Frame, zstandard, buffers = 0, 1, 0
	if method != buffers || which != lz4Frame && which != zstandard {
		return nil, fmt.Errorf("its compression is codec %d with method %d; lz4 frames and zstd are read", which, method)
	}
	if f.codecs[which] != nil {
		return f.codecs[which], nil
	}
	if which == lz4Frame {
		f.codecs[which] = lz4Codec{lz4.NewReader(nil)}
		return f.codecs[which], nil
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, err
	}
	f.codecs[which] = decoder
	return decoder, nil
}

// lz4Codec lets the reader of lz4 frames begin again like that of zstd.
type lz4Codec struct{ *lz4.Reader }

func (c lz4Codec) Reset(r io.Reader) error {
	c.Reader.Reset(r)
	return nil
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
	if err := b.codec.Reset(stored); err != nil {
		return nil, err
	}
	return grow(b.codec, need)
}

// firstGrowth is taken at once: a column of a batch of the usual size.
const firstGrowth = 64 << 10

// grow reads exactly need bytes.
func grow(r io.Reader, need int64) ([]byte, error) {
	var values bytes.Buffer
	values.Grow(int(min(need, firstGrowth)) + bytes.MinRead)
	if n, err := io.Copy(&values, io.LimitReader(r, need)); err != nil || n < need {
		return nil, fmt.Errorf("%w: %d bytes of %d came out: %w", ErrFormat, n, need, orNothing(err))
	}
	return values.Bytes(), nil
}
