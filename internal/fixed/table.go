package fixed

import "math"

// TableSize is the number of entries of an activation table.
const TableSize = 2048

// TablePosition is the fix position of what a table yields.
const TablePosition = 15

// Table is an activation in the form of a table over a symmetric input range, with the constants beyond it.
type Table struct {
	Name string
	// Entries holds round(32768 · f(x)), half away from zero, for x = (i - 1024) / 2^IndexPosition.
	Entries [TableSize]int16
	// IndexPosition is the fix position of the index: 7 for sigmoid (range ±8), 8 for tanh (range ±4).
	IndexPosition int
	// Below and Above are what inputs left and right of the table give.
	Below, Above int16
}

// Sigmoid and Tanh are the tables of the quantizer. They are built from their formulas and must not be altered.
var (
	Sigmoid = newTable("sigmoid", 7, 0, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) })
	Tanh    = newTable("tanh", 8, math.MinInt16, math.Tanh)
)

func newTable(name string, indexPosition int, below int16, f func(float64) float64) *Table {
	t := &Table{Name: name, IndexPosition: indexPosition, Below: below, Above: math.MaxInt16}
	for i := range t.Entries {
		x := math.Ldexp(float64(i-TableSize/2), -indexPosition)
		t.Entries[i] = int16(HalfAway.Quantize(f(x), Format{Bits: 16, Position: TablePosition}))
	}
	return t
}

// Lookup gives the activation of the integer x at fix position p. The index is floor(x·2^IndexPosition / 2^p) + 1024.
func (t *Table) Lookup(x int64, p int) int16 {
	return t.at(ShiftRight(x, p-t.IndexPosition))
}

// LookupAbs is Lookup with the indexing of an older simulator of the vendor, which took the magnitude of a negative input
// before it shifted: inside the range the index is 1024 - floor(|x|·2^IndexPosition / 2^p). It exists to be told apart from
// Lookup. What lies outside the range is the same in both.
func (t *Table) LookupAbs(x int64, p int) int16 {
	shift := p - t.IndexPosition
	offset := ShiftRight(x, shift)
	if x < 0 && offset >= -TableSize/2 {
		offset = -ShiftRight(-x, shift)
	}
	return t.at(offset)
}

// at gives the entry at an offset from the middle of the table.
func (t *Table) at(offset int64) int16 {
	switch {
	case offset >= TableSize/2:
		return t.Above
	case offset < -TableSize/2:
		return t.Below
	}
	return t.Entries[TableSize/2+offset]
}
