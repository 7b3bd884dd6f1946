package hdf5

import (
	"bytes"
	"fmt"
)

// symbolTable reads the members of an old group: a B-tree of symbol nodes, with the names in a local heap.
func (r *linkReader) symbolTable(data []byte) error {
	c := r.f.cursor(data)
	tree, heap := c.offset(), c.offset()
	if c.err != nil {
		return fmt.Errorf("symbol table: %w", c.err)
	}
	names, err := r.f.localHeap(heap)
	if err != nil {
		return err
	}
	return r.f.btree1(tree, 0, r.f.lengthSize, func(_ []byte, node uint64) error {
		if err := r.symbolNode(node, names); err != nil {
			return fmt.Errorf("symbol node at address %d: %w", node, err)
		}
		return nil
	})
}

// localHeap gives the data of a local heap.
func (f *File) localHeap(address uint64) ([]byte, error) {
	c, err := f.block("HEAP", address, uint64(8+2*f.lengthSize+f.offsetSize))
	if err != nil {
		return nil, err
	}
	if version := c.u8(); version != 0 {
		return nil, fmt.Errorf("local heap at address %d: version %d is not known: 0 is", address, version)
	}
	c.skip(3)
	size := c.length()
	c.length()
	data, err := f.read(c.offset(), size)
	if err != nil {
		return nil, fmt.Errorf("local heap at address %d: %w", address, err)
	}
	return data, nil
}

// text gives the zero-terminated string at an offset of a local heap.
func text(heap []byte, at uint64) (string, error) {
	if at >= uint64(len(heap)) {
		return "", fmt.Errorf("a name lies at byte %d of a local heap of %d", at, len(heap))
	}
	end := bytes.IndexByte(heap[at:], 0)
	if end < 0 {
		return "", fmt.Errorf("the name at byte %d of the local heap has no end", at)
	}
	return string(heap[at : at+uint64(end)]), nil
}

// symbolNode reads the entries of one symbol node.
func (r *linkReader) symbolNode(address uint64, names []byte) error {
	c, err := r.f.block("SNOD", address, 8)
	if err != nil {
		return err
	}
	if version := c.u8(); version != 1 {
		return fmt.Errorf("version %d is not known: 1 is", version)
	}
	c.skip(1)
	count := int(c.u16())
	const scratch = 16
	size := r.f.lengthSize + r.f.offsetSize + 8 + scratch
	raw, err := r.f.read(address+8, uint64(count*size))
	if err != nil {
		return err
	}
	c = r.f.cursor(raw)
	for range count {
		at, object := c.length(), c.offset()
		kind := c.u32()
		c.skip(4)
		var l link
		rest := r.f.cursor(c.bytes(scratch))
		name, err := text(names, at)
		if err != nil {
			return err
		}
		l.address = object
		// Kinds 0 and 1 are objects; the scratch pad of kind 2 is the place of a soft link's path in the heap.
		if kind == 2 {
			if l.soft, err = text(names, uint64(rest.u32())); err != nil {
				return err
			}
			if l.soft == "" {
				return fmt.Errorf("the soft link %q leads nowhere", name)
			}
		} else if kind > 2 {
			l.other = fmt.Sprintf("an entry of kind %d", kind)
		}
		if err := r.add(name, l); err != nil {
			return err
		}
	}
	return c.err
}
