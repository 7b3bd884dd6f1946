package hdf5

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Signature is how an HDF5 file begins.
const Signature = "\x89HDF\r\n\x1a\n"

// undefined is the address of what is not there: all bits set.
const undefined = ^uint64(0)

// MaxBytes is how much of a file of that size may be read and decoded through one [File], in bytes: sixteen times its size, and
// 16 MiB for what does not grow with it. It counts metadata, raw data and decoded data, each time anew.
func MaxBytes(size int64) int64 { return 16<<20 + 16*size }

// File is an open HDF5 file. It is not safe for use by several goroutines.
type File struct {
	r    io.ReaderAt
	base int64 // where address 0 lies
	size int64 // bytes from there
	left int64 // bytes that may still be read or decoded

	offsetSize int // bytes of an address
	lengthSize int // bytes of a length
	root       uint64

	headers map[uint64]*header
	groups  map[uint64]map[string]link
	heaps   map[uint64]map[uint16][]byte // global heap collections
}

// Open reads the superblock of a file of size bytes. It lies at byte 0, or at 512, 1024, 2048, … behind a user's own block.
func Open(r io.ReaderAt, size int64) (*File, error) {
	f := &File{
		r: r, size: size, left: MaxBytes(size),
		headers: map[uint64]*header{}, groups: map[uint64]map[string]link{}, heaps: map[uint64]map[uint16][]byte{},
	}
	for at := int64(0); at+int64(len(Signature)) <= size; at = max(512, 2*at) {
		found := make([]byte, len(Signature))
		if _, err := r.ReadAt(found, at); err != nil {
			return nil, fmt.Errorf("read the signature: %w", err)
		}
		if string(found) != Signature {
			continue
		}
		if err := f.superblock(at); err != nil {
			return nil, fmt.Errorf("superblock at byte %d: %w", at, err)
		}
		return f, nil
	}
	return nil, errors.New("it is no HDF5 file: the signature is not there")
}

// superblock reads what the whole file rests on.
func (f *File) superblock(at int64) error {
	const most = 128
	raw := make([]byte, min(most, f.size-at))
	if _, err := f.r.ReadAt(raw, at); err != nil {
		return err
	}
	c := f.cursor(raw)
	c.skip(len(Signature))
	version := c.u8()
	switch version {
	case 0, 1:
		c.skip(4)
		f.offsetSize, f.lengthSize = int(c.u8()), int(c.u8())
		c.skip(1 + 4 + 4)
		if version == 1 {
			c.skip(4)
		}
	case 2, 3:
		f.offsetSize, f.lengthSize = int(c.u8()), int(c.u8())
		c.skip(1)
	default:
		return fmt.Errorf("version %d is not known: 0 to 3 are", version)
	}
	for _, size := range []int{f.offsetSize, f.lengthSize} {
		if c.err == nil && size != 2 && size != 4 && size != 8 {
			return fmt.Errorf("addresses of %d bytes and lengths of %d: 2, 4 and 8 can be read", f.offsetSize, f.lengthSize)
		}
	}
	base := c.offset()
	c.offset()
	end := c.offset()
	if version < 2 {
		c.offset() // driver information
		c.length() // the root entry's name
	}
	f.root = c.offset()
	if version >= 2 {
		sum := checksum(raw[:c.at])
		if stored := c.u32(); c.err == nil && stored != sum {
			return fmt.Errorf("the checksum is %08x, the bytes have %08x: the file is damaged", stored, sum)
		}
	}
	if c.err != nil {
		return c.err
	}
	// The address of the superblock is what a base address of another value was moved by.
	if base != 0 && base != uint64(at) {
		return fmt.Errorf("the base address is %d, and the superblock is at %d", base, at)
	}
	f.base, f.size = int64(base), f.size-int64(base)
	if end == undefined || end > uint64(f.size)+base {
		return fmt.Errorf("the file ends at %d by its own account, and has %d bytes: it is cut short", end, uint64(f.size)+base)
	}
	return nil
}

var errBudget = errors.New("reading it takes more than a sound file of this size needs: it is damaged, or compressed beyond reason (store it without compression)")

// spend takes n bytes from what may be read and decoded.
func (f *File) spend(n int64) error {
	if n < 0 || n > f.left {
		return fmt.Errorf("%w; the limit is %d bytes", errBudget, MaxBytes(f.size))
	}
	f.left -= n
	return nil
}

// inside says whether n bytes from the address on are in the file.
func (f *File) inside(address, n uint64) bool {
	return address <= uint64(f.size) && n <= uint64(f.size)-address
}

// read gives n bytes from the address on.
func (f *File) read(address, n uint64) ([]byte, error) {
	if !f.inside(address, n) {
		if address == undefined {
			return nil, errors.New("its address is undefined")
		}
		return nil, fmt.Errorf("%d bytes at address %d lie outside the file of %d bytes", n, address, f.size)
	}
	if err := f.spend(int64(n)); err != nil {
		return nil, err
	}
	raw := make([]byte, n)
	if _, err := f.r.ReadAt(raw, f.base+int64(address)); err != nil {
		return nil, fmt.Errorf("read %d bytes at address %d: %w", n, address, err)
	}
	return raw, nil
}

// block gives a cursor over a block of n bytes that starts with a signature, behind which it stands.
func (f *File) block(signature string, address, n uint64) (*cursor, error) {
	raw, err := f.read(address, max(n, uint64(len(signature))))
	if err != nil {
		return nil, fmt.Errorf("%s block: %w", signature, err)
	}
	if !bytes.HasPrefix(raw, []byte(signature)) {
		return nil, fmt.Errorf("address %d holds % x, a block %q is wanted", address, raw[:len(signature)], signature)
	}
	c := f.cursor(raw)
	c.skip(len(signature))
	return c, nil
}

// summed is block for one that has a version 0 and ends with its checksum.
func (f *File) summed(signature string, address, n uint64) (*cursor, error) {
	c, err := f.block(signature, address, n)
	if err != nil {
		return nil, err
	}
	if err := verify(c.b, address); err != nil {
		return nil, fmt.Errorf("%s block: %w", signature, err)
	}
	if version := c.u8(); version != 0 {
		return nil, fmt.Errorf("%s block at address %d: version %d is not known: 0 is", signature, address, version)
	}
	c.b = c.b[:len(c.b)-4]
	return c, nil
}
