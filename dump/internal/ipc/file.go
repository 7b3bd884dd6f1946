package ipc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	magic = "ARROW1"
	// headSize is the magic with its padding, tailSize the footer's length with the magic.
	headSize, tailSize = 8, 10
	// maxMetadata bounds the footer and the metadata of a batch. The footer has 24 bytes a batch, so that batches of the
	// size that is usual, 64 KiB and more, fill it with 20 TB of data.
	maxMetadata = 64 << 20
)

// ErrFormat is in the chain of errors that say that a file is no whole Arrow IPC file.
var ErrFormat = errors.New("not a whole Arrow IPC file")

// File is an open Arrow IPC file. Its batches are read when asked for.
type File struct {
	Schema Schema
	blocks []block
	r      io.ReaderAt
	codecs [2]codec // by their number in BodyCompression; nil until wanted
}

// block says where the message of a batch lies.
type block struct{ offset, metadata, body int64 }

// Fields of the tables of File.fbs, by their number, and the size of its struct Block.
const (
	footerSchema, footerDictionaries, footerBatches = 1, 2, 3
	blockSize                                       = 24
)

// Open reads the footer of a file of size bytes. What the footer says about batches is held against size.
func Open(r io.ReaderAt, size int64) (*File, error) {
	footer, end, err := readFooter(r, size)
	if err != nil {
		return nil, err
	}
	root := newBuffer(footer).root()
	f := &File{r: r}
	schema, ok := root.table(footerSchema)
	if !ok {
		return nil, fmt.Errorf("%w: its footer has no schema: %w", ErrFormat, orNothing(root.b.err))
	}
	if f.Schema, err = readSchema(schema); err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	if _, n := root.vector(footerDictionaries, blockSize); n > 0 {
		return nil, fmt.Errorf("it has %d dictionaries: write plain values", n)
	}
	at, n := root.vector(footerBatches, blockSize)
	for i := range n {
		b := block{offset: root.b.int64(at + i*blockSize), metadata: int64(root.b.int32(at + i*blockSize + 8)), body: root.b.int64(at + i*blockSize + 16)}
		if root.b.err != nil {
			break
		}
		if b.offset < headSize || b.metadata < 8 || b.body < 0 || b.offset > end || b.metadata > end-b.offset || b.body > end-b.offset-b.metadata {
			return nil, fmt.Errorf("%w: batch %d is said to have %d+%d bytes at byte %d, and the data end at byte %d", ErrFormat, i, b.metadata, b.body, b.offset, end)
		}
		f.blocks = append(f.blocks, b)
	}
	if root.b.err != nil {
		return nil, fmt.Errorf("%w: read the footer: %w", ErrFormat, root.b.err)
	}
	return f, nil
}

// Batches is the number of record batches.
func (f *File) Batches() int { return len(f.blocks) }

// readFooter gives the footer's bytes and the position at which they begin.
func readFooter(r io.ReaderAt, size int64) (footer []byte, at int64, err error) {
	if size < headSize+tailSize {
		return nil, 0, fmt.Errorf("%w: it has %d bytes", ErrFormat, size)
	}
	head, tail := make([]byte, len(magic)), make([]byte, tailSize)
	if err := readAt(r, head, 0); err != nil {
		return nil, 0, err
	}
	if string(head) != magic {
		return nil, 0, fmt.Errorf("%w: it begins with %q, not with %q", ErrFormat, head, magic)
	}
	if err := readAt(r, tail, size-tailSize); err != nil {
		return nil, 0, err
	}
	if string(tail[4:]) != magic {
		return nil, 0, fmt.Errorf("%w: it ends with %q, not with %q: it was cut off or never finished", ErrFormat, tail[4:], magic)
	}
	length := int64(binary.LittleEndian.Uint32(tail))
	at = size - tailSize - length
	if length < 4 || at < headSize || length > maxMetadata {
		return nil, 0, fmt.Errorf("%w: its footer is said to have %d bytes of %d", ErrFormat, length, size)
	}
	footer = make([]byte, length)
	return footer, at, readAt(r, footer, at)
}

func readAt(r io.ReaderAt, p []byte, at int64) error {
	if n, err := r.ReadAt(p, at); n < len(p) {
		return fmt.Errorf("read %d bytes at byte %d: %w", len(p), at, orNothing(err))
	}
	return nil
}

func orNothing(err error) error {
	if err == nil {
		return errors.New("nothing is there")
	}
	return err
}
