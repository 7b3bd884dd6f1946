package hdf5

import (
	"fmt"
)

// The classes of layout.
const (
	layoutCompact    = 0
	layoutContiguous = 1
	layoutChunked    = 2
	layoutVirtual    = 3
)

// layout is where the values of a dataset are.
type layout struct {
	class   uint8
	data    []byte // compact: the values
	address uint64 // contiguous: of the values; chunked: of the index
	size    uint64 // contiguous: bytes, if the file says
	sized   bool
	chunk   []uint64 // extent of a chunk, in values
	index   chunkIndexKind
	single  struct {
		size uint64
		mask uint32
	}
	wholeEdges bool // chunks that the edge of the dataset cuts are stored without filters
	singleCut  bool // the single chunk has filters
}

// chunkIndexKind is the kind of index that finds chunks, with the format's numbers; the B-tree of version 1 has none.
type chunkIndexKind uint8

const (
	indexBTree1     chunkIndexKind = 0
	indexSingle     chunkIndexKind = 1
	indexImplicit   chunkIndexKind = 2
	indexFixed      chunkIndexKind = 3
	indexExtensible chunkIndexKind = 4
	indexBTree2     chunkIndexKind = 5
)

// layout reads a layout message of a dataset of that rank.
func (f *File) layout(data []byte, rank, elementSize int) (layout, error) {
	c := f.cursor(data)
	l := layout{address: undefined}
	version := c.u8()
	switch version {
	case 1, 2:
		l.oldLayout(c)
	case 3, 4:
		l.class = c.u8()
		switch l.class {
		case layoutCompact:
			l.data = c.bytes(int(c.u16()))
		case layoutContiguous:
			l.address, l.size, l.sized = c.offset(), c.length(), true
		case layoutChunked:
			if version == 3 {
				dimensions := int(c.u8())
				l.address = c.offset()
				l.chunkShape(c, dimensions, 4)
			} else if err := l.newChunks(c); err != nil {
				return l, err
			}
		}
	default:
		return l, fmt.Errorf("layout: version %d is not known: 1 to 4 are", version)
	}
	if c.err != nil {
		return l, fmt.Errorf("layout: %w", c.err)
	}
	switch l.class {
	case layoutCompact, layoutContiguous:
		return l, nil
	case layoutChunked:
	case layoutVirtual:
		return l, fmt.Errorf("layout: its values are in other files (a virtual dataset), which are not read")
	default:
		return l, fmt.Errorf("layout: class %d is not known", l.class)
	}
	// The last dimension of a chunk is the bytes of a value.
	if len(l.chunk) != rank+1 || rank == 0 || l.chunk[rank] != uint64(elementSize) {
		return l, fmt.Errorf("layout: chunks of shape %v do not fit %d dimensions of values of %d bytes", l.chunk, rank, elementSize)
	}
	l.chunk = l.chunk[:rank]
	total := uint64(elementSize)
	for _, extent := range l.chunk {
		if extent == 0 || total > 1<<32/extent {
			return l, fmt.Errorf("layout: chunks of shape %v", l.chunk)
		}
		total *= extent
	}
	return l, nil
}

// oldLayout reads versions 1 and 2.
func (l *layout) oldLayout(c *cursor) {
	dimensions := int(c.u8())
	l.class = c.u8()
	c.skip(5)
	if l.class != layoutCompact {
		l.address = c.offset()
	}
	l.chunkShape(c, dimensions, 4)
	if l.class == layoutCompact {
		l.data = c.bytes(int(c.u32()))
	}
}

func (l *layout) chunkShape(c *cursor, dimensions, size int) {
	if dimensions > maxRank+1 {
		c.bytes(-1)
		return
	}
	l.chunk = make([]uint64, dimensions)
	for i := range l.chunk {
		l.chunk[i] = c.uint(size)
	}
}

// newChunks reads what version 4 says of chunks.
func (l *layout) newChunks(c *cursor) error {
	flags, dimensions, size := c.u8(), int(c.u8()), int(c.u8())
	l.wholeEdges, l.singleCut = flags&0x01 != 0, flags&0x02 != 0
	l.chunkShape(c, dimensions, size)
	l.index = chunkIndexKind(c.u8())
	// Of the parameters of an index all but those of a single chunk are in its header again.
	switch l.index {
	case indexSingle:
		if l.singleCut {
			l.single.size, l.single.mask = c.length(), c.u32()
		}
	case indexImplicit:
	case indexFixed:
		c.skip(1)
	case indexExtensible:
		c.skip(5)
	case indexBTree2:
		c.skip(6)
	default:
		return fmt.Errorf("layout: chunk index %d is not known: 1 to 5 are", l.index)
	}
	l.address = c.offset()
	return nil
}
