package dump

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// spooled is the frames of a source in temporary files, one a cell.
type spooled struct {
	header Header
	cells  []spooledCell
}

// spooledCell is the file of a cell. A frame is its step, whether it has saturation counts and these, and of each node the number of
// values and the values.
type spooledCell struct {
	index   int
	file    *os.File // nil until there is a frame
	extents extents
	order   Order
	written int64
	to      *bufio.Writer
	record  []byte

	reader recordReader
	now    sequenceExtent
	left   int32
	frame  Frame
}

// spool copies what a source has not yielded yet.
func spool(source Source) (Rest, error) {
	s := &spooled{header: source.Header()}
	s.cells = make([]spooledCell, len(s.header.Cells))
	if err := s.take(source); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *spooled) take(source Source) error {
	var f Frame
	for {
		err := source.Next(&f)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if f.Cell < 0 || f.Cell >= len(s.cells) {
			return fmt.Errorf("frame of cell %d, and the trace has %d", f.Cell, len(s.cells))
		}
		c := &s.cells[f.Cell]
		if err := c.order.Take(f.Sequence, f.Step); err != nil {
			return fmt.Errorf("graph %q: %w", s.header.Cells[f.Cell].Graph, err)
		}
		if err := c.add(&f); err != nil {
			return spoolError(err)
		}
	}
	for i := range s.cells {
		c := &s.cells[i]
		c.index = i
		c.extents.sort()
		if c.file == nil {
			continue
		}
		if err := c.to.Flush(); err != nil {
			return spoolError(err)
		}
		c.to, c.record, c.reader.from = nil, nil, bufio.NewReaderSize(nil, 1<<16)
	}
	return nil
}

func spoolError(err error) error {
	return fmt.Errorf("copy a trace, to read it in the order of the other one: %w: TMPDIR names a folder with room for it; or write both traces in one order", err)
}

func (c *spooledCell) add(f *Frame) error {
	if c.file == nil {
		var err error
		if c.file, err = os.CreateTemp("", "rnnsim-trace-"); err != nil {
			return err
		}
		_ = os.Remove(c.file.Name()) // where the system allows it; Close does it elsewhere
		c.to = bufio.NewWriterSize(c.file, 1<<16)
	}
	r := binary.LittleEndian.AppendUint32(c.record[:0], uint32(f.Step))
	r = binary.LittleEndian.AppendUint32(r, uint32(len(f.Saturations)))
	for _, n := range f.Saturations {
		r = binary.LittleEndian.AppendUint32(r, uint32(n))
	}
	r = binary.LittleEndian.AppendUint32(r, uint32(len(f.Fixed)))
	for _, values := range f.Fixed {
		r = binary.LittleEndian.AppendUint32(r, uint32(len(values)))
		for _, v := range values {
			r = binary.LittleEndian.AppendUint16(r, uint16(v))
		}
	}
	r = binary.LittleEndian.AppendUint32(r, uint32(len(f.Float)))
	for _, values := range f.Float {
		r = binary.LittleEndian.AppendUint32(r, uint32(len(values)))
		for _, v := range values {
			r = binary.LittleEndian.AppendUint32(r, math.Float32bits(v))
		}
	}
	c.extents.add(f.Sequence, 0, c.written)
	c.written += int64(len(r))
	c.record = r
	_, err := c.to.Write(r)
	return err
}

func (s *spooled) Sequences(cell int) []int { return s.cells[cell].extents.sequences() }

func (s *spooled) Seek(cell, sequence int) (bool, error) {
	c := &s.cells[cell]
	at, found := c.extents.find(sequence)
	if c.left = 0; !found {
		return false, nil
	}
	c.now, c.left = at, at.frames
	c.reader.from.Reset(io.NewSectionReader(c.file, at.at, c.written-at.at))
	return true, nil
}

func (s *spooled) Next(cell int, f *Frame) error {
	c := &s.cells[cell]
	if c.left == 0 {
		return io.EOF
	}
	c.left--
	r, kept := &c.reader, &c.frame
	kept.Cell, kept.Sequence, kept.Step = c.index, int(c.now.sequence), r.number()
	kept.Saturations = readSlot(r, 4, kept.Saturations, func(b []byte) int32 { return int32(binary.LittleEndian.Uint32(b)) })
	kept.Fixed = readSlots(r, 2, kept.Fixed, func(b []byte) int16 { return int16(binary.LittleEndian.Uint16(b)) })
	kept.Float = readSlots(r, 4, kept.Float, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) })
	if r.err != nil {
		return fmt.Errorf("read a trace's copy in %s: %w", c.file.Name(), r.err)
	}
	*f = *kept
	return nil
}

// recordReader reads what add wrote; its first error stays.
type recordReader struct {
	from *bufio.Reader
	room [512]byte
	err  error
}

func (r *recordReader) bytes(n int) []byte {
	b := r.room[:n]
	if r.err == nil {
		_, r.err = io.ReadFull(r.from, b)
	}
	if r.err != nil {
		clear(b)
	}
	return b
}

func (r *recordReader) number() int { return int(binary.LittleEndian.Uint32(r.bytes(4))) }

// readSlots reads the values of all nodes, nil where there are none.
func readSlots[T any](r *recordReader, size int, slots [][]T, value func([]byte) T) [][]T {
	n := r.number()
	if n == 0 {
		return nil
	}
	for len(slots) < n {
		slots = append(slots, nil)
	}
	slots = slots[:n]
	for i := range slots {
		slots[i] = readSlot(r, size, slots[i], value)
	}
	return slots
}

func readSlot[T any](r *recordReader, size int, slot []T, value func([]byte) T) []T {
	n := r.number()
	if n == 0 {
		return nil
	}
	slot = slot[:0]
	for n > 0 {
		some := min(n, len(r.room)/size)
		b := r.bytes(some * size)
		for i := range some {
			slot = append(slot, value(b[i*size:]))
		}
		n -= some
	}
	return slot
}

// Close removes the files.
func (s *spooled) Close() error {
	var errs []error
	for i := range s.cells {
		if file := s.cells[i].file; file != nil {
			errs = append(errs, file.Close())
			_ = os.Remove(file.Name()) // where it could not be removed while open
		}
	}
	return errors.Join(errs...)
}
