package ipc

import (
	"encoding/binary"
	"fmt"
)

// buffer is a FlatBuffer that is not trusted. The first thing found wrong sticks in err; from then on every read yields zero,
// so that a caller may read on and ask once.
type buffer struct {
	data []byte
	text string // the same bytes; strings are cut from it and share its memory
	err  error
	// visits counts down the elements that may still be read. Elements of a sound buffer do not overlap, so there are fewer
	// of them than bytes; offsets that all lead to one place would otherwise cost time out of proportion.
	visits int
}

func newBuffer(data []byte) *buffer {
	return &buffer{data: data, text: string(data), visits: len(data)}
}

func (b *buffer) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf(format, args...)
	}
}

// has tells whether size bytes lie at position at, and counts a visit.
func (b *buffer) has(at, size int) bool {
	if b.err != nil {
		return false
	}
	if b.visits--; b.visits < 0 {
		b.fail("the elements of the metadata overlap")
		return false
	}
	if at < 0 || size < 0 || at > len(b.data)-size {
		b.fail("the metadata refers to byte %d of %d", at, len(b.data))
		return false
	}
	return true
}

func (b *buffer) uint8(at int) uint8 {
	if !b.has(at, 1) {
		return 0
	}
	return b.data[at]
}

func (b *buffer) int16(at int) int16 {
	if !b.has(at, 2) {
		return 0
	}
	return int16(binary.LittleEndian.Uint16(b.data[at:]))
}

func (b *buffer) int32(at int) int32 {
	if !b.has(at, 4) {
		return 0
	}
	return int32(binary.LittleEndian.Uint32(b.data[at:]))
}

func (b *buffer) int64(at int) int64 {
	if !b.has(at, 8) {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(b.data[at:]))
}

// follow gives the position that the unsigned offset at a position leads to.
func (b *buffer) follow(at int) int {
	offset := uint32(b.int32(at))
	if b.err == nil && int64(offset) > int64(len(b.data)) {
		b.fail("the metadata refers to byte %d of %d", int64(at)+int64(offset), len(b.data))
	}
	if b.err != nil {
		return 0
	}
	return at + int(offset)
}

func (b *buffer) root() table { return b.table(b.follow(0)) }

// table is a table of a buffer: a record whose fields may be absent.
type table struct {
	b        *buffer
	at       int
	fieldsAt int // position of the vtable's field offsets
	fields   int // their number
}

func (b *buffer) table(at int) table {
	vtable := int64(at) - int64(b.int32(at))
	if b.err == nil && (vtable < 0 || vtable > int64(len(b.data))) {
		b.fail("the metadata refers to byte %d of %d", vtable, len(b.data))
	}
	if b.err != nil {
		return table{b: b}
	}
	size := int(uint16(b.int16(int(vtable))))
	if size < 4 {
		b.fail("a table of the metadata has a vtable of %d bytes", size)
		return table{b: b}
	}
	if !b.has(int(vtable), size) {
		return table{b: b}
	}
	return table{b: b, at: at, fieldsAt: int(vtable) + 4, fields: (size - 4) / 2}
}

// field gives the position of a field, and false where the table does not have it.
func (t table) field(i int) (int, bool) {
	if t.b.err != nil || i >= t.fields {
		return 0, false
	}
	offset := int(uint16(t.b.int16(t.fieldsAt + 2*i)))
	if offset == 0 || t.b.err != nil {
		return 0, false
	}
	return t.at + offset, true
}

func (t table) uint8(i int) uint8 {
	if at, ok := t.field(i); ok {
		return t.b.uint8(at)
	}
	return 0
}

func (t table) int16(i int) int16 {
	if at, ok := t.field(i); ok {
		return t.b.int16(at)
	}
	return 0
}

func (t table) int32(i int) int32 {
	if at, ok := t.field(i); ok {
		return t.b.int32(at)
	}
	return 0
}

func (t table) int64(i int) int64 {
	if at, ok := t.field(i); ok {
		return t.b.int64(at)
	}
	return 0
}

// table gives a field that is a table, and false where it is absent.
func (t table) table(i int) (table, bool) {
	at, ok := t.field(i)
	if !ok {
		return table{b: t.b}, false
	}
	return t.b.table(t.b.follow(at)), t.b.err == nil
}

// vector gives the position and the number of the elements, of size bytes each, of a field that is a vector.
func (t table) vector(i, size int) (at, n int) {
	at, ok := t.field(i)
	if !ok {
		return 0, 0
	}
	at = t.b.follow(at)
	n = int(uint32(t.b.int32(at)))
	at += 4
	if t.b.err != nil {
		return 0, 0
	}
	if n > (len(t.b.data)-at)/size {
		t.b.fail("the metadata has a vector of %d elements where %d bytes are left", n, len(t.b.data)-at)
		return 0, 0
	}
	return at, n
}

// tables gives a field that is a vector of tables.
func (t table) tables(i int) []table {
	at, n := t.vector(i, 4)
	var tables []table
	for k := 0; k < n && t.b.err == nil; k++ {
		tables = append(tables, t.b.table(t.b.follow(at+4*k)))
	}
	return tables
}

func (t table) string(i int) string {
	at, n := t.vector(i, 1)
	if !t.b.has(at, n) {
		return ""
	}
	return t.b.text[at : at+n]
}
