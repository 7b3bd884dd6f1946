package xmodel

import "fmt"

// attrReader reads attributes until one of them is wrong, and keeps what is wrong with it.
type attrReader struct {
	attrs Attrs
	err   error
}

func read[T any](r *attrReader, name string) T {
	value, err := Attr[T](r.attrs, name)
	if err != nil && r.err == nil {
		r.err = err
	}
	return value
}

func optional[T any](r *attrReader, name string) T {
	if _, ok := r.attrs[name]; !ok {
		var zero T
		return zero
	}
	return read[T](r, name)
}

func (r *attrReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *attrReader) instructions(name string) []byte {
	data := read[[]byte](r, name)
	if len(data)%instructionSize != 0 || len(data) == 0 {
		r.fail("attribute %q has %d bytes; instructions are words of %d", name, len(data), instructionSize)
	}
	return data
}

func (r *attrReader) position(name string) int {
	p := read[int32](r, name)
	if p < -maxFixPoint || p > maxFixPoint {
		r.fail("attribute %q is %d; a fix position of %d to %d is wanted", name, p, -maxFixPoint, maxFixPoint)
	}
	return int(p)
}

func (r *attrReader) transfer(name string) Transfer {
	m := read[map[string]uint32](r, name)
	for _, key := range []string{"dir", "aligned_size", "original_size"} {
		if _, ok := m[key]; !ok {
			r.fail("attribute %q has no entry %q", name, key)
		}
	}
	dir, aligned, original := m["dir"], m["aligned_size"], m["original_size"]
	if dir > 1 {
		r.fail("attribute %q: dir is %d; it must be 0 or 1", name, dir)
	}
	if original == 0 || original%2 != 0 || original > aligned {
		r.fail("attribute %q: original_size %d and aligned_size %d do not go together; int16 values are wanted, and room for them", name, original, aligned)
	}
	return Transfer{Forward: dir == 1, Aligned: int(aligned), Original: int(original)}
}

func (r *attrReader) lanes(name string, batch int) []uint32 {
	lanes := read[[]uint32](r, name)
	if len(lanes) != batch {
		r.fail("attribute %q has %d addresses; batch %d wants one a lane", name, len(lanes), batch)
	}
	return lanes
}
