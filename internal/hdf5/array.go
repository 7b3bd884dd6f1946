package hdf5

import (
	"errors"
	"fmt"
)

// entry reads an element of a fixed or extensible array: an address, and for chunks with filters the stored size and the
// filters left out.
type entryForm struct {
	size     int // bytes of an element
	filtered bool
	chunk    int // bytes of a chunk without filters
}

func (f *File) entryForm(client uint8, size, chunk int) (entryForm, error) {
	e := entryForm{size: size, filtered: client == 1, chunk: chunk}
	switch {
	case client > 1:
		return e, fmt.Errorf("an array for client %d, 0 and 1 are known", client)
	case client == 0 && size != f.offsetSize, client == 1 && (size <= f.offsetSize+4 || size > f.offsetSize+12):
		return e, fmt.Errorf("elements of %d bytes do not hold a chunk's place", size)
	}
	return e, nil
}

// at reads the element at a place in a block.
func (e entryForm) at(f *File, elements []byte, i uint64) (chunkPlace, error) {
	if i >= uint64(len(elements)/e.size) {
		return chunkPlace{}, errShort
	}
	c := f.cursor(elements[i*uint64(e.size):][:e.size])
	place := chunkPlace{address: c.offset(), size: uint64(e.chunk)}
	if e.filtered {
		place.size, place.mask = c.uint(e.size-f.offsetSize-4), c.u32()
	}
	return place, c.err
}

// pages is a row of elements that is stored page by page, each behind its checksum. Pages that were never written are marked.
type pages struct {
	f       *File
	entry   entryForm
	address uint64 // of the first page
	count   uint64 // elements in all
	page    uint64 // elements in a page
	written func(page uint64) bool
	known   map[uint64][]byte
}

func (p *pages) at(i uint64) (chunkPlace, error) {
	number := i / p.page
	if i >= p.count {
		return chunkPlace{}, errors.New("it lies beyond the array's pages")
	}
	if !p.written(number) {
		return chunkPlace{address: undefined}, nil
	}
	raw, ok := p.known[number]
	if !ok {
		size := uint64(p.entry.size)
		length := min(p.page, p.count-number*p.page)*size + 4
		address := p.address + number*(p.page*size+4)
		whole, err := p.f.read(address, length)
		if err != nil {
			return chunkPlace{}, fmt.Errorf("page %d of the array: %w", number, err)
		}
		if err := verify(whole, address); err != nil {
			return chunkPlace{}, fmt.Errorf("page %d of the array: %w", number, err)
		}
		raw = whole[:len(whole)-4]
		p.known[number] = raw
	}
	return p.entry.at(p.f, raw, i%p.page)
}

// bit reads a bit of a row of bits, the highest of each byte first.
func bit(bits []byte, i uint64) bool {
	return i/8 < uint64(len(bits)) && bits[i/8]&(0x80>>(i%8)) != 0
}

// fixedArray is an index for datasets whose extent is limited: one element a chunk.
type fixedArray struct {
	f        *File
	entry    entryForm
	elements []byte // if there are no pages
	pages    *pages
	empty    bool
}

func (f *File) fixedArray(address uint64, chunk int) (*fixedArray, error) {
	c, err := f.summed("FAHD", address, uint64(4+1+1+1+1+f.lengthSize+f.offsetSize+4))
	if err != nil {
		return nil, err
	}
	client, size, pageBits := c.u8(), int(c.u8()), uint64(c.u8())
	count, block := c.length(), c.offset()
	if c.err != nil {
		return nil, c.err
	}
	a := &fixedArray{f: f}
	if a.entry, err = f.entryForm(client, size, chunk); err != nil {
		return nil, fmt.Errorf("fixed array at address %d: %w", address, err)
	}
	if block == undefined {
		a.empty = true
		return a, nil
	}
	if count > uint64(f.size) || pageBits > 32 {
		return nil, fmt.Errorf("the fixed array at address %d has %d elements, pages of %d bits", address, count, pageBits)
	}
	head := uint64(4 + 1 + 1 + f.offsetSize)
	page := uint64(1) << pageBits
	body := count * uint64(size)
	paged := count > page
	if paged {
		body = ((count+page-1)/page + 7) / 8
	}
	if c, err = f.summed("FADB", block, head+body+4); err != nil {
		return nil, err
	}
	c.skip(1 + f.offsetSize)
	if a.elements = c.bytes(int(body)); paged {
		marks := a.elements
		a.pages = &pages{
			f: f, entry: a.entry, address: block + head + body + 4, count: count, page: page, known: map[uint64][]byte{},
			written: func(page uint64) bool { return bit(marks, page) },
		}
	}
	return a, c.err
}

func (a *fixedArray) at(i uint64) (chunkPlace, error) {
	switch {
	case a.empty:
		return chunkPlace{address: undefined}, nil
	case a.pages != nil:
		return a.pages.at(i)
	}
	return a.entry.at(a.f, a.elements, i)
}
