package hdf5

import "fmt"

// btree1 visits the entries of a version 1 B-tree from left to right: key (of keySize bytes, the one before the child) and child.
func (f *File) btree1(address uint64, kind uint8, keySize int, visit func(key []byte, child uint64) error) error {
	w := btree1Walk{f: f, kind: kind, keySize: keySize, visit: visit, visited: map[uint64]bool{}}
	return w.node(address, -1)
}

type btree1Walk struct {
	f       *File
	kind    uint8
	keySize int
	visit   func(key []byte, child uint64) error
	visited map[uint64]bool
}

// node visits a node, which must be of that level; the root is of any.
func (w *btree1Walk) node(address uint64, level int) error {
	if w.visited[address] {
		return fmt.Errorf("the B-tree's node at address %d is named twice", address)
	}
	w.visited[address] = true
	head := 8 + 2*w.f.offsetSize
	c, err := w.f.block("TREE", address, uint64(head))
	if err != nil {
		return err
	}
	kind, itsLevel, entries := c.u8(), int(c.u8()), int(c.u16())
	if kind != w.kind {
		return fmt.Errorf("the B-tree's node at address %d is of kind %d, %d is wanted", address, kind, w.kind)
	}
	if level >= 0 && itsLevel != level {
		return fmt.Errorf("the B-tree's node at address %d is of level %d, %d is wanted", address, itsLevel, level)
	}
	raw, err := w.f.read(address+uint64(head), uint64(entries*(w.keySize+w.f.offsetSize)))
	if err != nil {
		return fmt.Errorf("the B-tree's node at address %d, of %d entries: %w", address, entries, err)
	}
	c = w.f.cursor(raw)
	for range entries {
		key, child := c.bytes(w.keySize), c.offset()
		if itsLevel > 0 {
			err = w.node(child, itsLevel-1)
		} else {
			err = w.visit(key, child)
		}
		if err != nil {
			return err
		}
	}
	return c.err
}
