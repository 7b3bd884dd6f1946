package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"rnnsim/internal/half"
)

// values is raw bytes with their type.
type values struct {
	f    *File
	Type Datatype
	raw  []byte
}

func (v values) count() int { return len(v.raw) / v.Type.Size }

func (v values) float(i int) float64 {
	b := v.raw[i*v.Type.Size:]
	switch v.Type.form {
	case binary16:
		return float64(half.Float16(v.Type.Order.Uint16(b)))
	case brain16:
		return float64(half.BFloat16(v.Type.Order.Uint16(b)))
	case binary32:
		return float64(math.Float32frombits(v.Type.Order.Uint32(b)))
	}
	return math.Float64frombits(v.Type.Order.Uint64(b))
}

// want checks that values are of a class and can be read.
func (v values) want(wanted string, classes ...Class) error {
	fits := false
	for _, class := range classes {
		fits = fits || v.Type.Class == class
	}
	// An empty list has whatever type its writer gave it.
	if !fits && v.count() > 0 {
		return fmt.Errorf("it holds values of type %s, %s are wanted", v.Type, wanted)
	}
	if v.Type.unread != "" && v.count() > 0 {
		return fmt.Errorf("%s", v.Type.unread)
	}
	return nil
}

// float64s gives floats; every form has exact values in float64.
func (v values) float64s() ([]float64, error) {
	if err := v.want("floats", Float); err != nil {
		return nil, err
	}
	n := v.count()
	if err := v.f.spend(8 * int64(n)); err != nil {
		return nil, err
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = v.float(i)
	}
	return out, nil
}

// float32s gives floats, those of 64 bits rounded to the nearest float32.
func (v values) float32s() ([]float32, error) {
	if err := v.want("floats", Float); err != nil {
		return nil, err
	}
	n := v.count()
	if err := v.f.spend(4 * int64(n)); err != nil {
		return nil, err
	}
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(v.float(i))
	}
	return out, nil
}

// int64s gives integers; those beyond int64 are an error.
func (v values) int64s() ([]int64, error) {
	if err := v.want("integers", Integer, Enum); err != nil {
		return nil, err
	}
	n := v.count()
	if err := v.f.spend(8 * int64(n)); err != nil {
		return nil, err
	}
	out := make([]int64, n)
	for i := range out {
		b := v.raw[i*v.Type.Size:][:v.Type.Size]
		var wide [8]byte
		number := uint64(0)
		if v.Type.Order == binary.BigEndian {
			copy(wide[8-len(b):], b)
			number = binary.BigEndian.Uint64(wide[:])
		} else {
			copy(wide[:], b)
			number = binary.LittleEndian.Uint64(wide[:])
		}
		unused := 64 - 8*len(b)
		out[i] = int64(number)
		if v.Type.Signed {
			out[i] = int64(number<<unused) >> unused
		} else if out[i] < 0 {
			return nil, fmt.Errorf("value %d is %d, beyond int64", i, number)
		}
	}
	return out, nil
}

// stringCost is the memory of a string beside its bytes.
const stringCost = 16

// strings gives strings of fixed or variable length, without their padding.
func (v values) strings() ([]string, error) {
	if err := v.want("strings", String, VLString); err != nil {
		return nil, err
	}
	n := v.count()
	if err := v.f.spend(stringCost*int64(n) + int64(len(v.raw))); err != nil {
		return nil, err
	}
	out := make([]string, n)
	for i := range out {
		b := v.raw[i*v.Type.Size:][:v.Type.Size]
		if v.Type.Class == VLString {
			var err error
			if b, err = v.f.variable(b); err != nil {
				return nil, fmt.Errorf("string %d: %w", i, err)
			}
		}
		out[i] = unpad(b, v.Type.padding)
	}
	return out, nil
}

// unpad takes the padding from a string: what follows the first zero (0), zeros at the end (1), blanks at the end (2).
func unpad(b []byte, padding uint8) string {
	switch padding {
	case 0:
		before, _, _ := bytes.Cut(b, []byte{0})
		return string(before)
	case 1:
		return strings.TrimRight(string(b), "\x00")
	default:
		return strings.TrimRight(string(b), " ")
	}
}

// variable gives the bytes of a value of variable length: how many there are, and where in which global heap collection.
func (f *File) variable(value []byte) ([]byte, error) {
	c := f.cursor(value)
	size, address, index := uint64(c.u32()), c.offset(), c.u32()
	if c.err != nil || size == 0 || address == 0 || address == undefined {
		return nil, c.err
	}
	collection, err := f.globalHeap(address)
	if err != nil {
		return nil, fmt.Errorf("global heap at address %d: %w", address, err)
	}
	object, ok := collection[uint16(index)]
	if !ok || index > math.MaxUint16 {
		return nil, fmt.Errorf("global heap at address %d: it has no object %d", address, index)
	}
	if size > uint64(len(object)) {
		return nil, fmt.Errorf("global heap at address %d: object %d has %d bytes, %d are wanted", address, index, len(object), size)
	}
	return object[:size], f.spend(int64(size))
}

// globalHeap gives the objects of a global heap collection.
func (f *File) globalHeap(address uint64) (map[uint16][]byte, error) {
	if known, ok := f.heaps[address]; ok {
		return known, nil
	}
	head := uint64(8+f.lengthSize+7) &^ 7
	c, err := f.block("GCOL", address, head)
	if err != nil {
		return nil, err
	}
	if version := c.u8(); version != 1 {
		return nil, fmt.Errorf("version %d is not known: 1 is", version)
	}
	c.skip(3)
	size := c.length()
	if size < head {
		return nil, fmt.Errorf("it is %d bytes long by its own account", size)
	}
	raw, err := f.read(address, size)
	if err != nil {
		return nil, err
	}
	objects := map[uint16][]byte{}
	for c = f.cursor(raw[head:]); c.left() >= 8+f.lengthSize; {
		index := c.u16()
		c.skip(6)
		size := c.length()
		c.skip(min(int(-uint(c.at)&7), c.left()))
		if index == 0 {
			break // what follows is free
		}
		if size > uint64(c.left()) {
			return nil, fmt.Errorf("object %d: %w", index, errShort)
		}
		objects[index] = c.bytes(int(size))
		c.skip(min(int(-size&7), c.left()))
		if err := f.spend(messageCost); err != nil {
			return nil, err
		}
	}
	f.heaps[address] = objects
	return objects, c.err
}
