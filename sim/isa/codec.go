package isa

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// WordSize is the length of a word in bytes.
const WordSize = 16

// Word is an instruction as it lies in memory: 128 bits, the lowest byte first.
type Word [WordSize]byte

// FieldError says what is wrong with one field of an instruction.
type FieldError struct {
	Field string
	Err   error
}

// Error names the field, then what is wrong.
func (e *FieldError) Error() string { return fmt.Sprintf("field %s: %v", e.Field, e.Err) }

// Unwrap gives what is wrong.
func (e *FieldError) Unwrap() error { return e.Err }

func wrong(field, format string, args ...any) error {
	return &FieldError{Field: field, Err: fmt.Errorf(format, args...)}
}

// word128 is a word as two halves.
type word128 struct{ hi, lo uint64 }

func ones(n int) uint64 { return 1<<n - 1 } // n = 64 gives all: the shift yields 0

// get takes the bits hi…lo, at most 32 of them.
func (w word128) get(hi, lo int) uint64 {
	var v uint64
	switch {
	case lo >= 64:
		v = w.hi >> (lo - 64)
	default:
		v = w.lo>>lo | w.hi<<(64-lo) // for lo = 0 the second shift yields 0
	}
	return v & ones(hi-lo+1)
}

// put sets bits that are zero.
func (w *word128) put(hi, lo int, v uint64) {
	v &= ones(hi - lo + 1)
	if lo >= 64 {
		w.hi |= v << (lo - 64)
		return
	}
	w.lo |= v << lo
	w.hi |= v >> (64 - lo)
}

func newInstruction(u Unit) Instruction {
	switch u {
	case LoadUnit:
		return &Load{}
	case SaveUnit:
		return &Save{}
	case MatMulUnit:
		return &MatMul{}
	case AddUnit:
		return &Add{}
	case ActivationUnit:
		return &Activation{}
	case MultiplyUnit:
		return &Multiply{}
	}
	return &End{}
}

// Decode takes a word apart. Errors are a *FieldError: an opcode that is none of the seven, a mask with a bit that is no unit's,
// or a bit set that no field has ("reserved").
func Decode(w Word) (Instruction, error) {
	v := word128{hi: binary.LittleEndian.Uint64(w[8:]), lo: binary.LittleEndian.Uint64(w[:8])}
	opcode := uint8(v.get(127, 120))
	if bits.OnesCount8(opcode) != 1 || opcode >= 1<<Units {
		return nil, wrong("opcode", "%#02x is none of the seven, which are 0x01, 0x02, 0x04 … 0x40", opcode)
	}
	i := newInstruction(Unit(bits.TrailingZeros8(opcode)))
	*i.Dependencies() = Depends{On: Mask(v.get(119, 112)), By: Mask(v.get(111, 104))}
	if err := i.Dependencies().check(); err != nil {
		return nil, err
	}
	rest := v
	rest.hi &= ones(40)
	for _, f := range i.fields() {
		raw := v.get(f.hi, f.lo)
		switch f.form {
		case minusOne:
			*f.value = int(raw) + 1
		case signed:
			shift := 64 - f.width()
			*f.value = int(int64(raw<<shift) >> shift)
		default:
			*f.value = int(raw)
		}
		var mask word128
		mask.put(f.hi, f.lo, ^uint64(0))
		rest.hi &^= mask.hi
		rest.lo &^= mask.lo
	}
	if rest != (word128{}) {
		return nil, wrong("reserved", "bit %d is set in a word of %s, which has no field there", rest.highest(), i.Unit())
	}
	return i, nil
}

func (w word128) highest() int {
	if w.hi != 0 {
		return 127 - bits.LeadingZeros64(w.hi)
	}
	return 63 - bits.LeadingZeros64(w.lo)
}

func (d Depends) check() error {
	for _, m := range []struct {
		name string
		mask Mask
	}{{"on", d.On}, {"by", d.By}} {
		if m.mask >= 1<<Units {
			return wrong(m.name, "%#02x has a bit that is no unit's", uint8(m.mask))
		}
	}
	return nil
}

// Encode is the inverse of Decode. Errors are a *FieldError: a value that its bits cannot hold.
func Encode(i Instruction) (Word, error) {
	d := i.Dependencies()
	if err := d.check(); err != nil {
		return Word{}, err
	}
	var v word128
	v.put(127, 120, uint64(i.Unit().Bit()))
	v.put(119, 112, uint64(d.On))
	v.put(111, 104, uint64(d.By))
	for _, f := range i.fields() {
		lowest, highest := f.limits()
		if *f.value < lowest || *f.value > highest {
			return Word{}, wrong(f.name, "%d is outside %d to %d", *f.value, lowest, highest)
		}
		raw := uint64(*f.value)
		if f.form == minusOne {
			raw--
		}
		v.put(f.hi, f.lo, raw)
	}
	var w Word
	binary.LittleEndian.PutUint64(w[:8], v.lo)
	binary.LittleEndian.PutUint64(w[8:], v.hi)
	return w, nil
}
