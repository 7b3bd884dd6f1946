package hdf5

import (
	"encoding/binary"
	"fmt"
)

// Class is the class of a datatype, with the format's numbers.
type Class uint8

// The classes that can be read; all others are named in errors.
const (
	Integer  Class = 0
	Float    Class = 1
	String   Class = 3 // of fixed length
	Enum     Class = 8 // read as the integers that stand for the names
	VLString Class = 9 // of variable length
)

var classNames = map[Class]string{
	Integer: "integer", Float: "float", 2: "time", String: "string", 4: "bit field", 5: "opaque", 6: "compound", 7: "reference",
	Enum: "enumeration", VLString: "string of variable length", 10: "array", vlenSequence: "sequence of variable length",
}

// vlenSequence is class 9 where it holds no string. The format has no number for it.
const vlenSequence Class = 0xff

// String gives the class's name.
func (c Class) String() string {
	if name, ok := classNames[c]; ok {
		return name
	}
	return fmt.Sprintf("class %d", uint8(c))
}

// Datatype is the type of one value.
type Datatype struct {
	Class Class
	// Size is the bytes of a value in the file.
	Size   int
	Signed bool
	Order  binary.ByteOrder // of integers and floats

	padding uint8 // of strings
	form    floatForm
	unread  string // why values cannot be read, or empty
}

// String describes the type: "float of 4 bytes, big endian".
func (t Datatype) String() string {
	s := fmt.Sprintf("%s of %d bytes", t.Class, t.Size)
	if t.Size > 1 && t.Order == binary.BigEndian {
		s += ", big endian"
	}
	return s
}

// floatForm is how a float's bits lie.
type floatForm struct {
	sign, exponent, exponentBits, mantissa, mantissaBits uint8
	bias                                                 uint32
	size                                                 int
}

// The forms that are read: IEEE 754 binary16, binary32, binary64, and bfloat16.
var (
	binary16 = floatForm{15, 10, 5, 0, 10, 15, 2}
	binary32 = floatForm{31, 23, 8, 0, 23, 127, 4}
	binary64 = floatForm{63, 52, 11, 0, 52, 1023, 8}
	brain16  = floatForm{15, 7, 8, 0, 7, 127, 2}
)

// datatype reads a datatype message.
func (f *File) datatype(data []byte) (Datatype, error) {
	c := f.cursor(data)
	t, err := readDatatype(c, 0)
	if err == nil {
		err = c.err
	}
	if err != nil {
		return t, fmt.Errorf("datatype: %w", err)
	}
	return t, nil
}

func readDatatype(c *cursor, depth int) (Datatype, error) {
	head, flags, high := c.u8(), c.u8(), c.u16()
	t := Datatype{Class: Class(head & 0x0f), Size: int(c.u32()), Order: binary.LittleEndian}
	if version := head >> 4; c.err == nil && (version < 1 || version > 4) {
		return t, fmt.Errorf("version %d is not known: 1 to 4 are", version)
	}
	if c.err == nil && t.Size == 0 {
		return t, fmt.Errorf("a value has no bytes")
	}
	if flags&0x01 != 0 && (t.Class == Integer || t.Class == Float) {
		t.Order = binary.BigEndian
	}
	switch t.Class {
	case Integer:
		t.Signed = flags&0x08 != 0
		offset, precision := int(c.u16()), int(c.u16())
		if t.Size > 8 || t.Size&(t.Size-1) != 0 || offset != 0 || precision != 8*t.Size {
			t.unread = fmt.Sprintf("integers of %d bits from bit %d on in %d bytes are not read", precision, offset, t.Size)
		}
	case Float:
		offset, precision := int(c.u16()), int(c.u16())
		t.form = floatForm{sign: uint8(high), size: t.Size}
		t.form.exponent, t.form.exponentBits = c.u8(), c.u8()
		t.form.mantissa, t.form.mantissaBits = c.u8(), c.u8()
		t.form.bias = c.u32()
		vax, implied := flags&0x40 != 0, flags>>4&3 == 2
		known := t.form == binary16 || t.form == binary32 || t.form == binary64 || t.form == brain16
		if vax || !implied || !known || offset != 0 || precision != 8*t.Size {
			t.unread = fmt.Sprintf("floats of %d bytes with %d bits of exponent and %d of mantissa are not read: save them as float32", t.Size, t.form.exponentBits, t.form.mantissaBits)
		}
	case String:
		t.padding = flags & 0x0f
	case Enum:
		// The base type comes first, then the names, of which nothing is needed.
		if depth > 0 {
			return t, fmt.Errorf("an enumeration of enumerations")
		}
		base, err := readDatatype(c, depth+1)
		if err != nil {
			return t, err
		}
		if base.Class != Integer || base.Size != t.Size {
			return t, fmt.Errorf("an enumeration of %d bytes on %s", t.Size, base)
		}
		t.Signed, t.Order, t.unread = base.Signed, base.Order, base.unread
	case VLString:
		if want := 4 + c.f.offsetSize + 4; t.Size != want {
			return t, fmt.Errorf("values of variable length take %d bytes, %d are wanted", t.Size, want)
		}
		if flags&0x0f != 1 {
			t.Class = vlenSequence
			t.unread = "sequences of variable length are not read"
		}
		t.padding = flags >> 4
	default:
		t.unread = fmt.Sprintf("values of type %s are not read", t.Class)
	}
	return t, nil
}

// dataspace is the extent of an attribute or a dataset.
type dataspace struct {
	shape []int
	most  []uint64 // the largest extent, all bits set for one without limit
	null  bool
}

// maxRank is the format's own limit.
const maxRank = 32

// dataspace reads a dataspace message.
func (f *File) dataspace(data []byte) (dataspace, error) {
	var s dataspace
	c := f.cursor(data)
	version, rank, flags := c.u8(), int(c.u8()), c.u8()
	switch version {
	case 1:
		c.skip(5)
	case 2:
		s.null = c.u8() == 2
	default:
		return s, fmt.Errorf("dataspace: version %d is not known: 1 and 2 are", version)
	}
	if rank > maxRank {
		return s, fmt.Errorf("dataspace: %d dimensions, the limit is %d", rank, maxRank)
	}
	s.shape = make([]int, rank)
	s.most = make([]uint64, rank)
	for i := range s.shape {
		extent := c.length()
		if extent > 1<<48 {
			return s, fmt.Errorf("dataspace: dimension %d has the extent %d", i, extent)
		}
		s.shape[i], s.most[i] = int(extent), extent
	}
	if flags&0x01 != 0 {
		for i := range s.most {
			s.most[i] = c.length()
			if f.lengthSize < 8 && s.most[i] == 1<<(8*f.lengthSize)-1 {
				s.most[i] = undefined
			}
		}
	}
	if c.err != nil {
		return s, fmt.Errorf("dataspace: %w", c.err)
	}
	return s, nil
}

// elements is the number of values, or an error if their bytes are more than any file has.
func (s dataspace) elements(size int) (int, error) {
	n := 1
	if s.null {
		return 0, nil
	}
	for _, extent := range s.shape {
		if extent == 0 {
			return 0, nil
		}
		if n > 1<<48/extent {
			return 0, fmt.Errorf("the shape %v is too large", s.shape)
		}
		n *= extent
	}
	if size > 0 && n > 1<<48/size {
		return 0, fmt.Errorf("the shape %v is too large", s.shape)
	}
	return n, nil
}
