package hdf5

import (
	"fmt"
	"math/bits"
)

// extensibleArray is an index for datasets with one dimension without limit. The first elements lie in the index block; behind
// them, data blocks double in size every other time: the first are named in the index block, the others in secondary blocks.
type extensibleArray struct {
	f           *File
	entry       entryForm
	inIndex     uint64 // elements in the index block
	minimum     uint64 // elements of the smallest data block
	page        uint64 // elements of a page, into which larger data blocks are divided
	direct      int    // secondary blocks whose data blocks the index block names
	offsetBytes int    // bytes of an element's number
	elements    []byte
	blocks      []uint64 // data blocks that the index block names
	secondaries []uint64
	used        uint64 // elements that were ever set
	empty       bool
	data        map[uint64]func(uint64) (chunkPlace, error) // by address
	named       map[uint64]*secondary                       // by address
}

// secondary is a secondary block: the data blocks that it names, and which of their pages were written.
type secondary struct {
	blocks []uint64
	marks  []byte
}

func (f *File) extensibleArray(address uint64, chunk int) (*extensibleArray, error) {
	c, err := f.summed("EAHD", address, uint64(4+1+1+6+6*f.lengthSize+f.offsetSize+4))
	if err != nil {
		return nil, err
	}
	client, size := c.u8(), int(c.u8())
	maxBits, inIndex, minimum, pointers, pageBits := int(c.u8()), uint64(c.u8()), uint64(c.u8()), int(c.u8()), uint64(c.u8())
	for range 4 {
		c.length()
	}
	a := &extensibleArray{f: f, inIndex: inIndex, minimum: minimum, page: 1 << min(pageBits, 32), data: map[uint64]func(uint64) (chunkPlace, error){}, named: map[uint64]*secondary{}}
	a.used = c.length()
	c.length()
	index := c.offset()
	if c.err != nil {
		return nil, c.err
	}
	if a.entry, err = f.entryForm(client, size, chunk); err != nil {
		return nil, fmt.Errorf("extensible array at address %d: %w", address, err)
	}
	smallest := bits.TrailingZeros64(minimum)
	if minimum != 1<<smallest || maxBits > 64 || maxBits < smallest || pointers < 1 || pointers != 1<<bits.TrailingZeros(uint(pointers)) {
		return nil, fmt.Errorf("the extensible array at address %d has impossible dimensions: %d bits, blocks of %d elements, %d pointers", address, maxBits, minimum, pointers)
	}
	if index == undefined {
		a.empty = true
		return a, nil
	}
	a.offsetBytes = (maxBits + 7) / 8
	a.direct = 2 * bits.TrailingZeros(uint(pointers))
	blocks := 2 * (pointers - 1)
	secondaries := max(1+maxBits-smallest-a.direct, 0)
	body := int(inIndex)*size + (blocks+secondaries)*f.offsetSize
	if c, err = f.summed("EAIB", index, uint64(4+1+1+f.offsetSize+body+4)); err != nil {
		return nil, err
	}
	c.skip(1 + f.offsetSize)
	a.elements = c.bytes(int(inIndex) * size)
	for range blocks {
		a.blocks = append(a.blocks, c.offset())
	}
	for range secondaries {
		a.secondaries = append(a.secondaries, c.offset())
	}
	return a, c.err
}

// at gives the element of a number.
func (a *extensibleArray) at(i uint64) (chunkPlace, error) {
	if a.empty || i >= a.used {
		return chunkPlace{address: undefined}, nil
	}
	if i < a.inIndex {
		return a.entry.at(a.f, a.elements, i)
	}
	rest := i - a.inIndex
	// Secondary block u, whether there is one or the index block stands in for it, has 2^(u/2) data blocks, of minimum ×
	// 2^((u+1)/2) elements each; minimum × (2^u - 1) elements lie before it.
	u := bits.Len64(rest/a.minimum+1) - 1
	rest -= a.minimum * (1<<u - 1)
	blockSize := a.minimum << ((u + 1) / 2)
	block := rest / blockSize
	rest %= blockSize

	var address uint64
	var marks []byte
	if u < a.direct {
		// Blocks before those of u: 2^0 + 2^0 + 2^1 + 2^1 + …
		before := uint64(1)<<((u+1)/2) - 1 + uint64(1)<<(u/2) - 1
		if before+block >= uint64(len(a.blocks)) {
			return chunkPlace{}, errShort
		}
		address = a.blocks[before+block]
	} else {
		if u-a.direct >= len(a.secondaries) {
			return chunkPlace{}, errShort
		}
		at := a.secondaries[u-a.direct]
		if at == undefined {
			return chunkPlace{address: undefined}, nil
		}
		s, err := a.secondary(at, u, blockSize)
		if err != nil {
			return chunkPlace{}, err
		}
		address, marks = s.blocks[block], s.marks
	}
	if address == undefined {
		return chunkPlace{address: undefined}, nil
	}
	get, err := a.block(address, block, blockSize, marks)
	if err != nil {
		return chunkPlace{}, err
	}
	return get(rest)
}

// secondary reads a secondary block.
func (a *extensibleArray) secondary(address uint64, u int, blockSize uint64) (*secondary, error) {
	if known := a.named[address]; known != nil {
		return known, nil
	}
	blocks := uint64(1) << (u / 2)
	marks := uint64(0)
	if blockSize > a.page {
		marks = blocks * ((blockSize/a.page + 7) / 8)
	}
	if blocks > uint64(a.f.size) || marks > uint64(a.f.size) {
		return nil, errShort
	}
	size := uint64(4+1+1+a.f.offsetSize+a.offsetBytes) + marks + blocks*uint64(a.f.offsetSize) + 4
	c, err := a.f.summed("EASB", address, size)
	if err != nil {
		return nil, err
	}
	c.skip(1 + a.f.offsetSize + a.offsetBytes)
	s := &secondary{marks: c.bytes(int(marks))}
	for range blocks {
		s.blocks = append(s.blocks, c.offset())
	}
	a.named[address] = s
	return s, c.err
}

// block reads a data block, the one of that number in its secondary block.
func (a *extensibleArray) block(address, number, blockSize uint64, marks []byte) (func(uint64) (chunkPlace, error), error) {
	if known := a.data[address]; known != nil {
		return known, nil
	}
	head := uint64(4 + 1 + 1 + a.f.offsetSize + a.offsetBytes)
	if blockSize > uint64(a.f.size) {
		return nil, errShort
	}
	body := blockSize * uint64(a.entry.size)
	paged := blockSize > a.page
	if paged {
		body = 0
	}
	c, err := a.f.summed("EADB", address, head+body+4)
	if err != nil {
		return nil, err
	}
	c.skip(1 + a.f.offsetSize + a.offsetBytes)
	elements := c.bytes(int(body))
	get := func(i uint64) (chunkPlace, error) { return a.entry.at(a.f, elements, i) }
	if paged {
		first := number * (blockSize / a.page)
		p := &pages{
			f: a.f, entry: a.entry, address: address + head + 4, count: blockSize, page: a.page, known: map[uint64][]byte{},
			written: func(page uint64) bool { return bit(marks, first+page) },
		}
		get = p.at
	}
	a.data[address] = get
	return get, c.err
}
