package hdf5

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// verify checks that the last four bytes of a block are the checksum of those before.
func verify(block []byte, address uint64) error {
	if len(block) < 4 {
		return errShort
	}
	body := block[:len(block)-4]
	if stored, sum := binary.LittleEndian.Uint32(block[len(body):]), checksum(body); stored != sum {
		return fmt.Errorf("at address %d: the checksum is %08x, the bytes have %08x: the file is damaged", address, stored, sum)
	}
	return nil
}

// checksum is the format's checksum of metadata: Bob Jenkins's hash of 2006 ("lookup3", hashlittle) from the value 0.
func checksum(b []byte) uint32 {
	start := 0xdeadbeef + uint32(len(b))
	x, y, z := start, start, start
	for ; len(b) > 12; b = b[12:] {
		x += binary.LittleEndian.Uint32(b)
		y += binary.LittleEndian.Uint32(b[4:])
		z += binary.LittleEndian.Uint32(b[8:])
		x = (x - z) ^ bits.RotateLeft32(z, 4)
		z += y
		y = (y - x) ^ bits.RotateLeft32(x, 6)
		x += z
		z = (z - y) ^ bits.RotateLeft32(y, 8)
		y += x
		x = (x - z) ^ bits.RotateLeft32(z, 16)
		z += y
		y = (y - x) ^ bits.RotateLeft32(x, 19)
		x += z
		z = (z - y) ^ bits.RotateLeft32(y, 4)
		y += x
	}
	if len(b) == 0 {
		return z
	}
	var tail [12]byte
	copy(tail[:], b)
	x += binary.LittleEndian.Uint32(tail[:])
	y += binary.LittleEndian.Uint32(tail[4:])
	z += binary.LittleEndian.Uint32(tail[8:])
	z = (z ^ y) - bits.RotateLeft32(y, 14)
	x = (x ^ z) - bits.RotateLeft32(z, 11)
	y = (y ^ x) - bits.RotateLeft32(x, 25)
	z = (z ^ y) - bits.RotateLeft32(y, 16)
	x = (x ^ z) - bits.RotateLeft32(z, 4)
	y = (y ^ x) - bits.RotateLeft32(x, 14)
	z = (z ^ y) - bits.RotateLeft32(y, 24)
	return z
}

// fletcher32 is the checksum of the filter of that name: two sums modulo 65535 over big-endian words of 16 bits, an odd byte
// being the upper half of a last word.
func fletcher32(b []byte) uint32 {
	var first, second uint64
	for ; len(b) > 0; b = b[min(2, len(b)):] {
		word := uint64(b[0]) << 8
		if len(b) > 1 {
			word |= uint64(b[1])
		}
		first = (first + word) % 65535
		second = (second + first) % 65535
	}
	return uint32(second<<16 | first)
}
