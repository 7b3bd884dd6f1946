package hdf5

import (
	"fmt"
	"strings"
)

// linkReader collects the members of one group.
type linkReader struct {
	f     *File
	links map[string]link
}

func (r *linkReader) add(name string, l link) error {
	if name == "" || name == "." || strings.Contains(name, "/") {
		return fmt.Errorf("a member is named %q, which no path can lead to", name)
	}
	if _, twice := r.links[name]; twice {
		return fmt.Errorf("two members are named %q", name)
	}
	r.links[name] = l
	return r.f.spend(int64(linkCost + len(name) + len(l.soft)))
}

// linkInfo reads a link info message: where the links are when they are not messages of the header.
func (r *linkReader) linkInfo(data []byte) error {
	heap, index, err := r.f.denseInfo(data, 8)
	if err != nil {
		return fmt.Errorf("link info: %w", err)
	}
	if heap == undefined {
		return nil
	}
	return r.f.dense(heap, index, 5, func(record *cursor) []byte {
		record.skip(4)
		return record.bytes(record.left())
	}, r.link)
}

// link reads a link message.
func (r *linkReader) link(data []byte) error {
	c := r.f.cursor(data)
	version, flags := c.u8(), c.u8()
	if c.err == nil && version != 1 {
		return fmt.Errorf("link message: version %d is not known: 1 is", version)
	}
	kind := uint8(0)
	if flags&0x08 != 0 {
		kind = c.u8()
	}
	if flags&0x04 != 0 {
		c.skip(8)
	}
	if flags&0x10 != 0 {
		c.skip(1)
	}
	size := c.uint(1 << (flags & 3))
	if size > uint64(c.left()) {
		c.skip(-1)
		size = 0
	}
	name := string(c.bytes(int(size)))
	var l link
	switch kind {
	case 0:
		l.address = c.offset()
	case 1:
		l.soft = string(c.bytes(int(c.u16())))
	case 64:
		l.other = "a link to another file"
	default:
		l.other = fmt.Sprintf("a link of kind %d", kind)
	}
	if c.err == nil && kind == 1 && l.soft == "" {
		return fmt.Errorf("link message: the soft link %q leads nowhere", name)
	}
	if c.err != nil {
		return fmt.Errorf("link message: %w", c.err)
	}
	return r.add(name, l)
}

// denseInfo reads a link info or attribute info message: the addresses of the fractal heap and of the index by name.
// counter is the size of the creation counter.
func (f *File) denseInfo(data []byte, counter int) (heap, index uint64, err error) {
	c := f.cursor(data)
	version, flags := c.u8(), c.u8()
	if c.err == nil && version != 0 {
		return 0, 0, fmt.Errorf("version %d is not known: 0 is", version)
	}
	if flags&0x01 != 0 {
		c.skip(counter)
	}
	heap, index = c.offset(), c.offset()
	return heap, index, c.err
}

// dense visits what lies in a fractal heap, in the order of its index, whose records are of that type.
func (f *File) dense(heap, index uint64, kind uint8, id func(*cursor) []byte, visit func([]byte) error) error {
	h, err := f.fractalHeap(heap)
	if err != nil {
		return err
	}
	return f.btree2(index, kind, func(record []byte) error {
		c := f.cursor(record)
		key := id(c)
		if c.err != nil {
			return fmt.Errorf("record of the index: %w", c.err)
		}
		data, err := h.get(key)
		if err != nil {
			return fmt.Errorf("fractal heap at address %d: %w", heap, err)
		}
		return visit(data)
	})
}
