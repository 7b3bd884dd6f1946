package machine

import (
	"math"

	"rnnsim/internal/fixed"
)

// clamp16 is the saturation behind every compute instruction.
func clamp16(v int64) int16 { return int16(min(max(v, math.MinInt16), math.MaxInt16)) }

// sum is ADD: clamp((a ± b) >> shift), value by value.
type sum struct {
	a, b, result, n, shift int
	minus                  bool
}

func (o *sum) execute(s *state) {
	for lane := range s.lanes {
		bank := s.lanes[lane].elementwise
		a, b, result := bank[o.a:][:o.n], bank[o.b:][:o.n], bank[o.result:][:o.n]
		switch {
		case o.shift != 0:
			for i := range result {
				result[i] = clamp16(fixed.ShiftRight(o.of(a[i], b[i]), o.shift))
			}
		case o.minus:
			for i := range result {
				result[i] = int16(min(max(int32(a[i])-int32(b[i]), math.MinInt16), math.MaxInt16))
			}
		default:
			for i := range result {
				result[i] = int16(min(max(int32(a[i])+int32(b[i]), math.MinInt16), math.MaxInt16))
			}
		}
	}
}

func (o *sum) of(a, b int16) int64 {
	if o.minus {
		return int64(a) - int64(b)
	}
	return int64(a) + int64(b)
}

// multiplication is EMUL: clamp((a · b) >> shift), value by value.
type multiplication struct{ a, b, result, n, shift int }

func (o *multiplication) execute(s *state) {
	for lane := range s.lanes {
		bank := s.lanes[lane].elementwise
		a, b, result := bank[o.a:][:o.n], bank[o.b:][:o.n], bank[o.result:][:o.n]
		if o.shift < 0 || o.shift > 31 {
			for i := range result {
				result[i] = clamp16(fixed.ShiftRight(int64(a[i])*int64(b[i]), o.shift))
			}
			continue
		}
		for i := range result {
			result[i] = int16(min(max(int32(a[i])*int32(b[i])>>(o.shift&31), math.MinInt16), math.MaxInt16))
		}
	}
}

// lookup is ACTV: a table, value by value.
type lookup struct {
	input, result, n int
	table            *table
	shift            int // of the input to the table's index
}

// table is an activation by its index from -1025 to 1024, which stand for all below and above. It is what an input is looked up in
// after its shift.
type table struct {
	entries [fixed.TableSize + 2]int16
	source  *fixed.Table
}

const belowTable = -fixed.TableSize/2 - 1

func newTable(source *fixed.Table) *table {
	t := &table{source: source}
	for i := range t.entries {
		t.entries[i] = source.Lookup(int64(belowTable+i), source.IndexPosition)
	}
	return t
}

var sigmoid, tanh = newTable(fixed.Sigmoid), newTable(fixed.Tanh)

func (o *lookup) execute(s *state) {
	for lane := range s.lanes {
		bank := s.lanes[lane].elementwise
		input, result := bank[o.input:][:o.n], bank[o.result:][:o.n]
		if o.shift < 0 {
			for i := range result {
				result[i] = o.table.source.Lookup(int64(input[i]), o.shift+o.table.source.IndexPosition)
			}
			continue
		}
		entries, shift := &o.table.entries, min(o.shift, 31)
		for i := range result {
			index := max(min(int(input[i])>>(shift&31), fixed.TableSize/2), belowTable)
			result[i] = entries[index-belowTable]
		}
	}
}
