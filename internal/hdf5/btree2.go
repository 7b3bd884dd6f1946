package hdf5

import (
	"fmt"
	"math/bits"
)

// btree2 visits the records of a version 2 B-tree in their order. The tree must be of that type.
func (f *File) btree2(address uint64, kind uint8, visit func(record []byte) error) error {
	c, err := f.summed("BTHD", address, uint64(4+1+1+4+2+2+1+1+f.offsetSize+2+f.lengthSize+4))
	if err != nil {
		return err
	}
	w := btree2Walk{f: f, visit: visit, visited: map[uint64]bool{}}
	w.kind = c.u8()
	w.nodeSize = int(c.u32())
	w.recordSize = int(c.u16())
	depth := int(c.u16())
	c.skip(2)
	root, count := c.offset(), int(c.u16())
	if c.err != nil {
		return fmt.Errorf("tree at address %d: %w", address, c.err)
	}
	if w.kind != kind {
		return fmt.Errorf("tree at address %d is of type %d, %d is wanted", address, w.kind, kind)
	}
	if root == undefined {
		return nil
	}
	if err := w.levels(depth); err != nil {
		return fmt.Errorf("tree at address %d: %w", address, err)
	}
	return w.node(root, depth, count)
}

// btree2Walk is a walk through one tree.
type btree2Walk struct {
	f          *File
	kind       uint8
	nodeSize   int
	recordSize int
	// countSize is the size of a child's number of records, and totalSize, by level of the child, that of the number of
	// records below it.
	countSize int
	totalSize []int
	visit     func(record []byte) error
	visited   map[uint64]bool
}

// nodeOverhead is what a node has beside its entries: signature, version, type, checksum.
const nodeOverhead = 4 + 1 + 1 + 4

// maxDepth bounds a tree: with two records a node and more, a deeper one holds more than any file.
const maxDepth = 32

// levels works out the sizes of the numbers in the nodes: as many bytes as the largest number possible takes.
func (w *btree2Walk) levels(depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("it is %d levels deep", depth)
	}
	if w.recordSize < 1 || w.nodeSize < nodeOverhead+w.recordSize || int64(w.nodeSize) > w.f.size {
		return fmt.Errorf("nodes of %d bytes and records of %d do not fit the file", w.nodeSize, w.recordSize)
	}
	most := uint64((w.nodeSize - nodeOverhead) / w.recordSize)
	w.countSize = sizeOf(most)
	total := most
	w.totalSize = []int{0}
	for level := 1; level <= depth; level++ {
		pointer := w.f.offsetSize + w.countSize + w.totalSize[level-1]
		here := (w.nodeSize - nodeOverhead - pointer) / (w.recordSize + pointer)
		if here < 1 {
			return fmt.Errorf("nodes of %d bytes are too small for level %d", w.nodeSize, level)
		}
		over, product := bits.Mul64(uint64(here)+1, total)
		if over != 0 || product > 1<<62 {
			return fmt.Errorf("it is %d levels deep, which holds more records than any file", depth)
		}
		total = product + uint64(here)
		w.totalSize = append(w.totalSize, sizeOf(total))
	}
	return nil
}

// sizeOf is the number of bytes that numbers up to a limit are stored in.
func sizeOf(limit uint64) int { return max(1, (bits.Len64(limit)+7)/8) }

func (w *btree2Walk) node(address uint64, level, count int) error {
	if w.visited[address] {
		return fmt.Errorf("the B-tree's node at address %d is named twice", address)
	}
	w.visited[address] = true
	signature, size := "BTLF", nodeOverhead+count*w.recordSize
	if level > 0 {
		signature = "BTIN"
		size += (count + 1) * (w.f.offsetSize + w.countSize + w.totalSize[level-1])
	}
	if size > w.nodeSize {
		return fmt.Errorf("the B-tree's node at address %d has %d records, more than fit its %d bytes", address, count, w.nodeSize)
	}
	c, err := w.f.summed(signature, address, uint64(size))
	if err != nil {
		return err
	}
	if kind := c.u8(); kind != w.kind {
		return fmt.Errorf("the B-tree's node at address %d is of type %d, %d is wanted", address, kind, w.kind)
	}
	records := c.bytes(count * w.recordSize)
	if c.err != nil {
		return fmt.Errorf("the B-tree's node at address %d: %w", address, c.err)
	}
	for i := range count + 1 {
		if level > 0 {
			child, below := c.offset(), int(c.uint(w.countSize))
			c.skip(w.totalSize[level-1])
			if c.err != nil {
				return fmt.Errorf("the B-tree's node at address %d: %w", address, c.err)
			}
			if err := w.node(child, level-1, below); err != nil {
				return err
			}
		}
		if i < count {
			if err := w.visit(records[i*w.recordSize:][:w.recordSize]); err != nil {
				return err
			}
		}
	}
	return nil
}
