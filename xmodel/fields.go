package xmodel

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// fieldReader cuts the wire form of a message into its fields. It does not judge them: a field that is not sound is given as
// far as it goes, for the scanner to say what is wrong.
type fieldReader struct {
	r      *bufio.Reader
	left   int64 // bytes of the file that are still unread; no length is believed beyond them
	buffer []byte
}

func (f *fieldReader) next() ([]byte, error) {
	f.buffer = f.buffer[:0]
	tag, err := f.varint()
	if err != nil {
		return f.buffer, err
	}
	var length uint64
	switch protowire.Type(tag & 7) {
	case protowire.VarintType:
		_, err = f.varint()
	case protowire.Fixed32Type:
		length = 4
	case protowire.Fixed64Type:
		length = 8
	case protowire.BytesType:
		length, err = f.varint()
	}
	if err != nil {
		return f.buffer, err
	}
	n := int(min(length, uint64(f.left)))
	start := len(f.buffer)
	f.buffer = slices.Grow(f.buffer, n)[:start+n]
	f.left -= int64(n)
	return f.buffer, f.read(start)
}

// varint reads a varint, or as much as there is of it.
func (f *fieldReader) varint() (uint64, error) {
	start := len(f.buffer)
	for f.left > 0 && len(f.buffer) < start+binary.MaxVarintLen64 {
		f.buffer = append(f.buffer, 0)
		f.left--
		last := len(f.buffer) - 1
		if err := f.read(last); err != nil {
			return 0, err
		}
		if f.buffer[last] < 0x80 {
			break
		}
	}
	v, _ := protowire.ConsumeVarint(f.buffer[start:])
	return v, nil
}

// read fills the buffer from start on.
func (f *fieldReader) read(start int) error {
	if _, err := io.ReadFull(f.r, f.buffer[start:]); err != nil {
		return fmt.Errorf("%w (did the file change while it was read?)", err)
	}
	return nil
}
