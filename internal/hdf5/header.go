package hdf5

import (
	"errors"
	"fmt"
)

// The types of header messages that are read.
const (
	messageDataspace    = 0x01
	messageLinkInfo     = 0x02
	messageDatatype     = 0x03
	messageFillOld      = 0x04
	messageFill         = 0x05
	messageLink         = 0x06
	messageLayout       = 0x08
	messageFilters      = 0x0b
	messageAttribute    = 0x0c
	messageContinuation = 0x10
	messageSymbolTable  = 0x11
	messageAttrInfo     = 0x15
	lastMessage         = 0x18
)

// messageCost is the memory of a message beside its data.
const messageCost = 40

// message is one message of an object header.
type message struct {
	kind   uint16
	shared bool // the data say where the message really is
	data   []byte
}

// header is an object: what its messages say.
type header struct {
	address  uint64
	messages []message
}

// first gives the first message of a kind, or nil.
func (h *header) first(kind uint16) *message {
	for i := range h.messages {
		if h.messages[i].kind == kind {
			return &h.messages[i]
		}
	}
	return nil
}

// header reads the object header at an address, with all its continuation blocks.
func (f *File) header(address uint64) (*header, error) {
	if h := f.headers[address]; h != nil {
		return h, nil
	}
	start, err := f.read(address, 4)
	if err != nil {
		return nil, fmt.Errorf("object header: %w", err)
	}
	r := headerReader{f: f, h: &header{address: address}, visited: map[uint64]bool{address: true}}
	switch {
	case string(start) == "OHDR":
		err = r.readNew(address)
	case start[0] == 1:
		err = r.readOld(address)
	default:
		err = fmt.Errorf("it starts with % x: neither version 1 nor 2", start)
	}
	if err != nil {
		return nil, fmt.Errorf("object header at address %d: %w", address, err)
	}
	f.headers[address] = r.h
	return r.h, nil
}

// headerReader reads the blocks of one object header.
type headerReader struct {
	f       *File
	h       *header
	visited map[uint64]bool
	isNew   bool
	order   bool // messages of version 2 carry their creation order
	pending []span
}

type span struct{ address, size uint64 }

// readOld reads version 1: 16 bytes of prefix, then messages on multiples of 8 bytes.
func (r *headerReader) readOld(address uint64) error {
	prefix, err := r.f.read(address, 16)
	if err != nil {
		return err
	}
	c := r.f.cursor(prefix)
	c.skip(8)
	size := c.u32()
	if err := r.readBlock(span{address + 16, uint64(size)}, r.f.read); err != nil {
		return err
	}
	return r.continuations(r.f.read)
}

// readNew reads version 2: checksummed blocks.
func (r *headerReader) readNew(address uint64) error {
	r.isNew = true
	const longest = 4 + 2 + 16 + 4 + 8
	prefix, err := r.f.read(address, min(longest, uint64(r.f.size)-address))
	if err != nil {
		return err
	}
	c := r.f.cursor(prefix)
	c.skip(4)
	if version := c.u8(); version != 2 {
		return fmt.Errorf("version %d is not known: 1 and 2 are", version)
	}
	flags := c.u8()
	r.order = flags&0x04 != 0
	if flags&0x20 != 0 {
		c.skip(16)
	}
	if flags&0x10 != 0 {
		c.skip(4)
	}
	size := c.uint(1 << (flags & 3))
	if c.err != nil {
		return c.err
	}
	if size > uint64(r.f.size) {
		return fmt.Errorf("it is %d bytes long, in a file of %d", size, r.f.size)
	}
	whole := span{address, uint64(c.at) + size + 4}
	if err := r.readBlock(whole, func(address, size uint64) ([]byte, error) {
		raw, err := r.f.read(address, size)
		if err != nil {
			return nil, err
		}
		return raw[c.at : len(raw)-4], verify(raw, address)
	}); err != nil {
		return err
	}
	return r.continuations(func(address, size uint64) ([]byte, error) {
		c, err := r.f.block("OCHK", address, size)
		if err != nil {
			return nil, err
		}
		if len(c.b) < 8 {
			return nil, errShort
		}
		return c.b[4 : len(c.b)-4], verify(c.b, address)
	})
}

// continuations reads the further blocks, in the order in which they are named.
func (r *headerReader) continuations(read func(address, size uint64) ([]byte, error)) error {
	for len(r.pending) > 0 {
		next := r.pending[0]
		r.pending = r.pending[1:]
		if r.visited[next.address] {
			return fmt.Errorf("the continuation block at address %d is named twice", next.address)
		}
		r.visited[next.address] = true
		if err := r.readBlock(next, read); err != nil {
			return fmt.Errorf("continuation block: %w", err)
		}
	}
	return nil
}

// readBlock takes the messages of a block.
func (r *headerReader) readBlock(at span, read func(address, size uint64) ([]byte, error)) error {
	raw, err := read(at.address, at.size)
	if err != nil {
		return err
	}
	prefix := 8
	if r.isNew {
		prefix = 4
		if r.order {
			prefix = 6
		}
	}
	// A rest too small for a message is a gap.
	for c := r.f.cursor(raw); c.left() >= prefix; {
		m := message{}
		start := c.at
		var size int
		var flags uint8
		if r.isNew {
			m.kind, size, flags = uint16(c.u8()), int(c.u16()), c.u8()
		} else {
			m.kind, size, flags = c.u16(), int(c.u16()), c.u8()
		}
		c.skip(start + prefix - c.at)
		m.data = c.bytes(size)
		if c.err != nil {
			return fmt.Errorf("message of kind %#x and %d bytes: %w", m.kind, size, c.err)
		}
		m.shared = flags&0x02 != 0
		if err := r.take(m, flags); err != nil {
			return err
		}
	}
	return nil
}

func (r *headerReader) take(m message, flags uint8) error {
	if m.kind > lastMessage && flags&0x80 != 0 {
		return fmt.Errorf("message of kind %#x is not known, and the file says that it must be", m.kind)
	}
	if m.kind != messageContinuation {
		if m.kind == 0 {
			return nil
		}
		r.h.messages = append(r.h.messages, m)
		return r.f.spend(messageCost)
	}
	c := r.f.cursor(m.data)
	next := span{c.offset(), c.length()}
	if c.err != nil {
		return fmt.Errorf("continuation message: %w", c.err)
	}
	r.pending = append(r.pending, next)
	return nil
}

// resolve gives the data of a message, from the object where a shared one really is. Only committed datatypes are shared in
// the files that are known.
func (f *File) resolve(kind uint16, shared bool, data []byte) ([]byte, error) {
	if !shared {
		return data, nil
	}
	c := f.cursor(data)
	version, where := c.u8(), c.u8()
	switch version {
	case 1:
		c.skip(6)
	case 2:
	case 3:
		if where == 1 {
			return nil, errors.New("it is shared in the file's table of messages, which is not read")
		}
	default:
		return nil, fmt.Errorf("shared message: version %d is not known", version)
	}
	address := c.offset()
	if c.err != nil {
		return nil, fmt.Errorf("shared message: %w", c.err)
	}
	h, err := f.header(address)
	if err != nil {
		return nil, fmt.Errorf("shared message: %w", err)
	}
	m := h.first(kind)
	if m == nil || m.shared {
		return nil, fmt.Errorf("shared message: the object at address %d does not hold it", address)
	}
	return m.data, nil
}
