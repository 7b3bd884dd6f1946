package hdf5

import "fmt"

// chunkPlace is where a chunk is stored.
type chunkPlace struct {
	address uint64
	size    uint64 // bytes as stored
	mask    uint32 // bits of the filters that were left out
}

// grid is the chunks of a dataset.
type grid struct {
	shape []int
	chunk []uint64
	bytes int // of a whole chunk
	size  int // of a value
}

// chunks puts all stored chunks of a dataset into the place of its values.
func (f *File) chunks(d *dataset, out []byte) error {
	g := grid{shape: d.space.shape, chunk: d.layout.chunk, size: d.Type.Size, bytes: d.Type.Size}
	for _, extent := range g.chunk {
		g.bytes *= int(extent)
	}
	put := func(at []uint64, place chunkPlace) error {
		if place.address == undefined {
			return nil
		}
		if err := f.putChunk(d, g, out, at, place); err != nil {
			return fmt.Errorf("chunk %v: %w", at, err)
		}
		return nil
	}
	switch d.layout.index {
	case indexBTree1:
		return f.chunksBTree1(d, g, put)
	case indexSingle:
		return f.chunkSingle(d, g, put)
	case indexImplicit:
		return f.chunksLinear(d, g, -1, func(i uint64) (chunkPlace, error) {
			return chunkPlace{address: d.layout.address + i*uint64(g.bytes), size: uint64(g.bytes)}, nil
		}, put)
	case indexFixed:
		a, err := f.fixedArray(d.layout.address, g.bytes)
		if err != nil {
			return err
		}
		return f.chunksLinear(d, g, -1, a.at, put)
	case indexExtensible:
		a, err := f.extensibleArray(d.layout.address, g.bytes)
		if err != nil {
			return err
		}
		return f.chunksLinear(d, g, d.unlimited(), a.at, put)
	}
	return f.chunksBTree2(d, g, put)
}

// putChunk reads one chunk and copies what lies inside the dataset. at is its place in the grid of chunks.
func (f *File) putChunk(d *dataset, g grid, out []byte, at []uint64, place chunkPlace) error {
	partial := false
	for i, extent := range g.shape {
		if at[i] >= (uint64(extent)+g.chunk[i]-1)/g.chunk[i] {
			return nil // the dataset was made smaller than it was
		}
		partial = partial || (at[i]+1)*g.chunk[i] > uint64(extent)
	}
	filters := d.filters
	if partial && d.layout.wholeEdges {
		filters = nil
	}
	if len(filters) == 0 && place.size != uint64(g.bytes) {
		return fmt.Errorf("it has %d bytes, %d are wanted", place.size, g.bytes)
	}
	raw, err := f.read(place.address, place.size)
	if err != nil {
		return err
	}
	if raw, err = f.unfilter(raw, filters, place.mask, g.bytes); err != nil {
		return err
	}
	g.copy(out, raw, at)
	return nil
}

// copy puts the rows of a chunk into the values.
func (g grid) copy(out, chunk []byte, at []uint64) {
	last := len(g.shape) - 1
	start := make([]int, len(g.shape))
	extent := make([]int, len(g.shape)) // of the part inside the dataset
	for i := range start {
		start[i] = int(at[i] * g.chunk[i])
		extent[i] = min(int(g.chunk[i]), g.shape[i]-start[i])
	}
	row := make([]int, last) // place of a row in the chunk
	for {
		from, to := 0, 0
		for i := range g.shape {
			from *= int(g.chunk[i])
			to = to*g.shape[i] + start[i]
			if i < last {
				from += row[i]
				to += row[i]
			}
		}
		copy(out[to*g.size:][:extent[last]*g.size], chunk[from*g.size:])
		i := last - 1
		for ; i >= 0; i-- {
			if row[i]++; row[i] < extent[i] {
				break
			}
			row[i] = 0
		}
		if i < 0 {
			return
		}
	}
}

// unlimited is the dimension without limit; an extensible array has exactly one.
func (d *dataset) unlimited() int {
	for i, most := range d.space.most {
		if most == undefined {
			return i
		}
	}
	return -1
}

// chunksLinear visits the chunks of the dataset's extent, each found by its number. Numbers count over the largest extent that
// the dataset may have, row-major, but for a dimension that moves to the front: the one without limit.
func (f *File) chunksLinear(d *dataset, g grid, front int, find func(uint64) (chunkPlace, error), put func([]uint64, chunkPlace) error) error {
	rank := len(g.shape)
	count := make([]uint64, rank)
	step := make([]uint64, rank)
	order := make([]int, 0, rank)
	if front >= 0 {
		order = append(order, front)
	}
	for i := range rank {
		count[i] = (uint64(g.shape[i]) + g.chunk[i] - 1) / g.chunk[i]
		if i != front {
			order = append(order, i)
		}
	}
	next := uint64(1)
	for i := rank - 1; i >= 0; i-- {
		step[order[i]] = next
		if i == 0 {
			break
		}
		most := d.space.most[order[i]]
		if most < uint64(g.shape[order[i]]) || most > 1<<48 {
			return fmt.Errorf("dimension %d has the extent %d, and at most %d", order[i], g.shape[order[i]], most)
		}
		chunks := (most + g.chunk[order[i]] - 1) / g.chunk[order[i]]
		if next > 1<<48/chunks {
			return fmt.Errorf("its largest extent has more chunks than any file")
		}
		next *= chunks
	}
	at := make([]uint64, rank)
	for {
		number := uint64(0)
		for i := range at {
			number += at[i] * step[i]
		}
		place, err := find(number)
		if err != nil {
			return fmt.Errorf("chunk %v: %w", at, err)
		}
		if err := put(at, place); err != nil {
			return err
		}
		i := rank - 1
		for ; i >= 0; i-- {
			if at[i]++; at[i] < count[i] {
				break
			}
			at[i] = 0
		}
		if i < 0 {
			return nil
		}
	}
}
