package hdf5

import "fmt"

// chunksBTree1 visits the chunks of a version 1 B-tree: the size as stored, the filters left out, and the offset in values.
func (f *File) chunksBTree1(d *dataset, g grid, put func([]uint64, chunkPlace) error) error {
	rank := len(g.shape)
	return f.btree1(d.layout.address, 1, 8+8*(rank+1), func(key []byte, child uint64) error {
		c := f.cursor(key)
		place := chunkPlace{address: child, size: uint64(c.u32()), mask: c.u32()}
		at := make([]uint64, rank)
		for i := range at {
			offset := c.uint(8)
			if offset%g.chunk[i] != 0 {
				return fmt.Errorf("a chunk starts at %d, which is no multiple of its extent %d", offset, g.chunk[i])
			}
			at[i] = offset / g.chunk[i]
		}
		return put(at, place)
	})
}

// chunksBTree2 visits the chunks of a version 2 B-tree, of type 10 without filters and 11 with them.
func (f *File) chunksBTree2(d *dataset, g grid, put func([]uint64, chunkPlace) error) error {
	rank := len(g.shape)
	kind := uint8(10)
	if len(d.filters) > 0 {
		kind = 11
	}
	return f.btree2(d.layout.address, kind, func(record []byte) error {
		c := f.cursor(record)
		place := chunkPlace{address: c.offset(), size: uint64(g.bytes)}
		if kind == 11 {
			place.size, place.mask = c.uint(c.left()-4-8*rank), c.u32()
		}
		at := make([]uint64, rank)
		for i := range at {
			at[i] = c.uint(8)
		}
		if c.err != nil {
			return fmt.Errorf("record of a chunk: %w", c.err)
		}
		return put(at, place)
	})
}

// chunkSingle visits the only chunk.
func (f *File) chunkSingle(d *dataset, g grid, put func([]uint64, chunkPlace) error) error {
	place := chunkPlace{address: d.layout.address, size: uint64(g.bytes)}
	if d.layout.singleCut {
		place.size, place.mask = d.layout.single.size, d.layout.single.mask
	}
	for i, extent := range g.shape {
		if uint64(extent) > g.chunk[i] {
			return fmt.Errorf("its single chunk of shape %v is smaller than it", g.chunk)
		}
	}
	return put(make([]uint64, len(g.shape)), place)
}
