package hdf5

import (
	"errors"
	"fmt"
	"math/bits"
)

// fractalHeap is a heap of objects of any size: managed ones in blocks that double in size, huge ones by themselves, tiny ones in
// their identifiers.
type fractalHeap struct {
	f           *File
	address     uint64
	idSize      int
	summed      bool // direct blocks end their prefix with a checksum
	maxManaged  uint64
	hugeIndex   uint64
	width       uint64 // blocks in a row
	start       uint64 // bytes of a block of the first row
	maxDirect   uint64
	offsetBytes int // bytes of an offset into the heap
	lengthBytes int // bytes of a managed object's length
	maxBits     int
	root        uint64
	rows        uint64              // of the root indirect block; 0 if the root is a direct block
	blocks      map[uint64][]byte   // by address
	huge        map[uint64][]uint64 // address and length by identifier
}

func (f *File) fractalHeap(address uint64) (*fractalHeap, error) {
	size := 4 + 1 + 2 + 2 + 1 + 4 + 12*f.lengthSize + 3*f.offsetSize + 2 + 2 + 2 + 2 + 4
	c, err := f.summed("FRHP", address, uint64(size))
	if err != nil {
		// Heaps with filters have a longer header, whose checksum is elsewhere.
		if c, blockErr := f.block("FRHP", address, uint64(size)); blockErr == nil {
			c.skip(3)
			if c.u16() != 0 {
				return nil, fmt.Errorf("the fractal heap at address %d is compressed, which cannot be read", address)
			}
		}
		return nil, err
	}
	h := &fractalHeap{f: f, address: address, blocks: map[uint64][]byte{}}
	h.idSize = int(c.u16())
	c.skip(2)
	h.summed = c.u8()&0x02 != 0
	h.maxManaged = uint64(c.u32())
	c.length()
	h.hugeIndex = c.offset()
	c.length()
	c.offset()
	for range 4 {
		c.length()
	}
	c.length()
	c.length()
	c.length()
	c.length()
	h.width = uint64(c.u16())
	h.start, h.maxDirect = c.length(), c.length()
	h.maxBits = int(c.u16())
	c.skip(2)
	h.root = c.offset()
	h.rows = uint64(c.u16())
	if c.err != nil {
		return nil, fmt.Errorf("fractal heap at address %d: %w", address, c.err)
	}
	powers := bits.OnesCount64(h.width) == 1 && bits.OnesCount64(h.start) == 1 && bits.OnesCount64(h.maxDirect) == 1
	if !powers || h.start > h.maxDirect || h.maxDirect > 1<<32 || h.maxBits > 64 || h.maxBits < 1 || h.idSize < 1 || h.idSize > 1<<12 {
		return nil, fmt.Errorf("the fractal heap at address %d has impossible dimensions: %d blocks of %d to %d bytes in a row, %d bits", address, h.width, h.start, h.maxDirect, h.maxBits)
	}
	h.offsetBytes = (h.maxBits + 7) / 8
	h.lengthBytes = min((bits.Len64(h.maxDirect)-1+7)/8, sizeOf(h.maxManaged))
	return h, nil
}

// get gives the object with an identifier.
func (h *fractalHeap) get(id []byte) ([]byte, error) {
	if len(id) < h.idSize {
		return nil, fmt.Errorf("an identifier has %d bytes, %d are wanted", len(id), h.idSize)
	}
	c := h.f.cursor(id[:h.idSize])
	flags := c.u8()
	if flags>>6 != 0 {
		return nil, fmt.Errorf("identifiers of version %d are not known: 0 is", flags>>6)
	}
	var data []byte
	var err error
	switch flags >> 4 & 3 {
	case 0:
		at, size := c.uint(h.offsetBytes), c.uint(h.lengthBytes)
		if c.err != nil {
			return nil, c.err
		}
		data, err = h.managed(at, size)
	case 1:
		data, err = h.hugeObject(c)
	case 2:
		size := int(flags&0x0f) + 1
		if h.idSize-1 > 16 {
			size = int(flags&0x0f)<<8 + int(c.u8()) + 1
		}
		data, err = c.bytes(size), c.err
	default:
		err = errors.New("an identifier is of an unknown type")
	}
	return data, err
}

// managed gives the bytes at an offset of the heap's own address space, in which the blocks lie one behind the other, prefixes included.
func (h *fractalHeap) managed(at, size uint64) ([]byte, error) {
	if h.rows == 0 {
		return h.direct(h.root, h.start, 0, at, size)
	}
	block, base, rows := h.root, uint64(0), h.rows
	// Each step goes to a smaller block, since a row holds less than its whole.
	for depth := 0; depth < maxDepth; depth++ {
		row, start := uint64(0), uint64(0) // start is that of the row, from the block's own
		rowSize := h.start
		for ; ; row++ {
			if row >= rows {
				return nil, fmt.Errorf("offset %d lies beyond the blocks", at)
			}
			if row > 1 {
				rowSize *= 2
			}
			if bits.Len64(rowSize)+bits.Len64(h.width) > 62 {
				return nil, fmt.Errorf("offset %d lies beyond any file", at)
			}
			if at-base < start+rowSize*h.width {
				break
			}
			start += rowSize * h.width
		}
		column := (at - base - start) / rowSize
		child, err := h.child(block, rows, row*h.width+column)
		if err != nil {
			return nil, err
		}
		base += start + column*rowSize
		if rowSize <= h.maxDirect {
			return h.direct(child, rowSize, base, at, size)
		}
		// An indirect block has as many rows as fill the space of its entry.
		first := bits.Len64(h.start * h.width)
		if bits.Len64(rowSize) < first {
			return nil, fmt.Errorf("the heap's rows of %d bytes are too short for indirect blocks", rowSize)
		}
		rows = uint64(bits.Len64(rowSize)-first) + 1
		block = child
	}
	return nil, errors.New("the indirect blocks lie too deep")
}

// child gives the address in an entry of an indirect block.
func (h *fractalHeap) child(address, rows, entry uint64) (uint64, error) {
	raw, ok := h.blocks[address]
	if !ok {
		// Entries of direct blocks come first; without filters all have the same size.
		size := 5 + uint64(h.f.offsetSize) + uint64(h.offsetBytes) + rows*h.width*uint64(h.f.offsetSize) + 4
		c, err := h.f.summed("FHIB", address, size)
		if err != nil {
			return 0, err
		}
		if owner := c.offset(); owner != h.address {
			return 0, fmt.Errorf("the indirect block at address %d belongs to the heap at %d", address, owner)
		}
		c.skip(h.offsetBytes)
		raw = c.b[c.at:]
		h.blocks[address] = raw
	}
	c := h.f.cursor(raw)
	c.skip(int(entry) * h.f.offsetSize)
	child := c.offset()
	return child, c.err
}

// direct gives bytes out of a direct block of size bytes that lies at base.
func (h *fractalHeap) direct(address, blockSize, base, at, size uint64) ([]byte, error) {
	raw, ok := h.blocks[address]
	if !ok {
		c, err := h.f.block("FHDB", address, blockSize)
		if err != nil {
			return nil, err
		}
		if version := c.u8(); version != 0 {
			return nil, fmt.Errorf("direct block at address %d: version %d is not known: 0 is", address, version)
		}
		owner, offset := c.offset(), c.uint(h.offsetBytes)
		if c.err == nil && (owner != h.address || offset != base) {
			return nil, fmt.Errorf("the direct block at address %d belongs to the heap at %d, offset %d", address, owner, offset)
		}
		raw = c.b
		if h.summed {
			place := c.at
			stored := c.u32()
			if c.err != nil {
				return nil, fmt.Errorf("direct block at address %d: %w", address, c.err)
			}
			clear(raw[place : place+4]) // it is summed with zeros in its place
			if sum := checksum(raw); sum != stored {
				return nil, fmt.Errorf("direct block at address %d: the checksum is %08x, the bytes have %08x: the file is damaged", address, stored, sum)
			}
		}
		if c.err != nil {
			return nil, c.err
		}
		h.blocks[address] = raw
	}
	if at < base || at-base > uint64(len(raw)) || size > uint64(len(raw))-(at-base) {
		return nil, fmt.Errorf("%d bytes at offset %d lie outside their block of %d", size, at, len(raw))
	}
	return raw[at-base:][:size], nil
}

// hugeObject gives an object that lies by itself in the file: named in its identifier where that is long enough, or found by
// a number in a B-tree.
func (h *fractalHeap) hugeObject(id *cursor) ([]byte, error) {
	if h.f.offsetSize+h.f.lengthSize <= h.idSize-1 {
		address, size := id.offset(), id.length()
		if id.err != nil {
			return nil, id.err
		}
		return h.f.read(address, size)
	}
	if h.huge == nil {
		h.huge = map[uint64][]uint64{}
		err := h.f.btree2(h.hugeIndex, 1, func(record []byte) error {
			c := h.f.cursor(record)
			place := []uint64{c.offset(), c.length()}
			h.huge[c.length()] = place
			return c.err
		})
		if err != nil {
			return nil, err
		}
	}
	number := id.uint(min(h.idSize-1, h.f.lengthSize))
	place, ok := h.huge[number]
	if !ok {
		return nil, fmt.Errorf("the huge object %d is not there", number)
	}
	return h.f.read(place[0], place[1])
}
