package hdf5

import (
	"encoding/binary"
	"errors"
)

// cursor reads a block field by field. Reading beyond its end leaves an error, and yields zeros.
type cursor struct {
	b   []byte
	at  int
	f   *File
	err error
}

var errShort = errors.New("it is cut short: a field lies beyond its end")

func (f *File) cursor(b []byte) *cursor { return &cursor{b: b, f: f} }

// left is how many bytes follow.
func (c *cursor) left() int { return len(c.b) - c.at }

// bytes gives the next n, which are part of the block.
func (c *cursor) bytes(n int) []byte {
	if c.err != nil || n < 0 || n > c.left() {
		if c.err == nil {
			c.err = errShort
		}
		return nil
	}
	c.at += n
	return c.b[c.at-n : c.at]
}

func (c *cursor) skip(n int) { c.bytes(n) }

// align moves to the next multiple of n, counted from the start of the block.
func (c *cursor) align(n int) { c.skip((n - c.at%n) % n) }

// uint reads an unsigned little-endian number of up to 8 bytes.
func (c *cursor) uint(size int) uint64 {
	var wide [8]byte
	if size < 0 || size > len(wide) {
		c.bytes(-1)
		return 0
	}
	copy(wide[:], c.bytes(size))
	return binary.LittleEndian.Uint64(wide[:])
}

func (c *cursor) u8() uint8   { return uint8(c.uint(1)) }
func (c *cursor) u16() uint16 { return uint16(c.uint(2)) }
func (c *cursor) u32() uint32 { return uint32(c.uint(4)) }

// offset reads an address; all bits set is undefined, whatever their number.
func (c *cursor) offset() uint64 {
	at := c.uint(c.f.offsetSize)
	if c.f.offsetSize < 8 && at == 1<<(8*c.f.offsetSize)-1 {
		return undefined
	}
	return at
}

func (c *cursor) length() uint64 { return c.uint(c.f.lengthSize) }
