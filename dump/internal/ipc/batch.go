package ipc

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Batch is a record batch whose metadata has been read and found to fit the file.
type Batch struct {
	Rows  int64
	file  *File
	codec codec
	// buffers are the places of the columns' values, in the file.
	buffers []extent
	// values are those of the columns that were decompressed, by index.
	values map[int][]byte
}

// extent is a range of bytes of the file.
type extent struct{ offset, length int64 }

// Fields of the tables of Message.fbs, by their number, its union MessageHeader, and the sizes of its structs.
const (
	messageHeaderType, messageHeader, messageBody             = 1, 2, 3
	headerRecordBatch                                         = 3
	batchLength, batchNodes, batchBuffers, batchCompression   = 0, 1, 2, 3
	compressionCodec, compressionMethod, nodeSize, bufferSize = 0, 1, 16, 16
)

// Batch reads the metadata of batch i and checks that the file has the values that it promises.
func (f *File) Batch(i int) (*Batch, error) {
	batch, err := f.readBatch(f.blocks[i])
	if err != nil {
		return nil, fmt.Errorf("read the metadata of batch %d: %w", i, err)
	}
	return batch, nil
}

func (f *File) readBatch(at block) (*Batch, error) {
	metadata, err := f.readMessage(at)
	if err != nil {
		return nil, err
	}
	message := newBuffer(metadata).root()
	header, _ := message.table(messageHeader)
	if err := message.b.err; err != nil {
		return nil, err
	}
	if kind := message.uint8(messageHeaderType); kind != headerRecordBatch {
		return nil, fmt.Errorf("%w: the message is of kind %d, not a record batch", ErrFormat, kind)
	}
	b := &Batch{file: f, Rows: header.int64(batchLength)}
	if compression, ok := header.table(batchCompression); ok {
		if b.codec, err = f.codec(compression.uint8(compressionCodec), compression.uint8(compressionMethod)); err != nil {
			return nil, err
		}
	}
	if b.Rows < 0 || b.Rows > math.MaxInt32 {
		return nil, fmt.Errorf("%w: it is said to have %d rows", ErrFormat, b.Rows)
	}
	if err := b.readLayout(header, at); err != nil {
		return nil, err
	}
	return b, message.b.err
}

// readMessage reads the FlatBuffer of a block, without the length in front of it.
func (f *File) readMessage(at block) ([]byte, error) {
	if at.metadata > maxMetadata {
		return nil, fmt.Errorf("%w: its metadata are said to have %d bytes", ErrFormat, at.metadata)
	}
	metadata := make([]byte, at.metadata)
	if err := readAt(f.r, metadata, at.offset); err != nil {
		return nil, err
	}
	const continuation = 0xffffffff // in front of the length since version 0.15 of the format
	prefix := 4
	if binary.LittleEndian.Uint32(metadata) == continuation {
		prefix = 8
	}
	length := int64(binary.LittleEndian.Uint32(metadata[prefix-4:]))
	if length > int64(len(metadata)-prefix) {
		return nil, fmt.Errorf("%w: its metadata are said to have %d bytes where there are %d", ErrFormat, length, len(metadata)-prefix)
	}
	return metadata[prefix : prefix+int(length)], nil
}

// readLayout walks the columns through the lists of field nodes and buffers: a list has a node and a validity buffer of its
// own, then come a node, a validity buffer and the values.
func (b *Batch) readLayout(header table, at block) error {
	fb := header.b
	nodeAt, nodes := header.vector(batchNodes, nodeSize)
	bufferAt, buffers := header.vector(batchBuffers, bufferSize)
	for i, column := range b.file.Schema.Columns {
		lengths, skip := []int64{b.Rows}, 1
		if column.List > 0 {
			lengths, skip = append(lengths, b.Rows*int64(column.List)), 2
		}
		if nodes < len(lengths) || buffers < skip+1 {
			return fmt.Errorf("%w: column %d, %q, has no buffers", ErrFormat, i, column.Name)
		}
		for _, want := range lengths {
			length, nulls := fb.int64(nodeAt), fb.int64(nodeAt+8)
			if fb.err == nil && length != want {
				return fmt.Errorf("%w: column %q has %d values, not %d", ErrFormat, column.Name, length, want)
			}
			if nulls != 0 {
				return fmt.Errorf("column %q has %d nulls: a trace has a value everywhere", column.Name, nulls)
			}
			nodeAt, nodes = nodeAt+nodeSize, nodes-1
		}
		bufferAt, buffers = bufferAt+skip*bufferSize, buffers-skip
		place := extent{fb.int64(bufferAt), fb.int64(bufferAt + 8)}
		bufferAt, buffers = bufferAt+bufferSize, buffers-1
		if fb.err != nil {
			return fb.err
		}
		if place.offset < 0 || place.length < 0 || place.offset > at.body || place.length > at.body-place.offset {
			return fmt.Errorf("%w: column %q is said to have %d bytes at byte %d of %d", ErrFormat, column.Name, place.length, place.offset, at.body)
		}
		if need := b.Rows * column.Stride(); b.codec == nil && place.length < need {
			return fmt.Errorf("%w: column %q has %d bytes, and %d rows need %d", ErrFormat, column.Name, place.length, b.Rows, need)
		}
		place.offset += at.offset + at.metadata
		b.buffers = append(b.buffers, place)
	}
	return nil
}

// Window gives the values of n rows of a column from row first on, as they are in the file: little endian, row after row. The
// values are read into scratch if it has room for them. They are aligned for their kind if scratch is.
func (b *Batch) Window(column int, first, n int64, scratch []byte) ([]byte, error) {
	c := b.file.Schema.Columns[column]
	if first < 0 || n < 0 || first > b.Rows-n {
		return nil, fmt.Errorf("read column %q: rows %d to %d are not all among %d", c.Name, first, first+n, b.Rows)
	}
	if b.codec != nil {
		values, err := b.inflated(column)
		if err != nil {
			return nil, fmt.Errorf("decompress column %q: %w", c.Name, err)
		}
		return values[first*c.Stride() : (first+n)*c.Stride()], nil
	}
	size := n * c.Stride() // the file was found to have them
	if int64(cap(scratch)) < size {
		scratch = make([]byte, size)
	}
	scratch = scratch[:size]
	if err := readAt(b.file.r, scratch, b.buffers[column].offset+first*c.Stride()); err != nil {
		return nil, fmt.Errorf("read column %q: %w", c.Name, err)
	}
	return scratch, nil
}

// inflated gives all values of a column of a compressed batch.
func (b *Batch) inflated(column int) ([]byte, error) {
	if values, ok := b.values[column]; ok {
		return values, nil
	}
	values, err := b.inflate(column)
	if err != nil {
		return nil, err
	}
	if b.values == nil {
		b.values = map[int][]byte{}
	}
	b.values[column] = values
	return values, nil
}

// Compressed tells whether the values of the batch were compressed; what Window gives then belongs to the batch.
func (b *Batch) Compressed() bool { return b.codec != nil }
