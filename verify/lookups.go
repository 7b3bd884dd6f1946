package verify

import (
	"slices"

	"rnnsim/internal/fixed"
)

// Lookups counts which entries of its table a sigmoid or a tanh looked up, by what the got side holds for the node that it reads.
type Lookups struct {
	Table string `json:"table"` // sigmoid or tanh
	// Counts are those of so many neighbouring entries each, from the first on; Left and Right count what lies beyond the table.
	EntriesAField int     `json:"entries_a_field"`
	Counts        []int64 `json:"counts"`
	Left          int64   `json:"left_of_table"`
	Right         int64   `json:"right_of_table"`

	table *fixed.Table
}

// lookupEntries is how many entries share a count.
const lookupEntries = 16

// newLookups gives nil for an op without a table.
func newLookups(op string) *Lookups {
	tables := map[string]*fixed.Table{"sigmoid": fixed.Sigmoid, "tanh": fixed.Tanh}
	table := tables[op]
	if table == nil {
		return nil
	}
	return &Lookups{Table: table.Name, EntriesAField: lookupEntries, Counts: make([]int64, fixed.TableSize/lookupEntries), table: table}
}

// take counts what the operands, at their position, look up.
func (l *Lookups) take(operands []int16, position int) {
	for _, x := range operands {
		const half = fixed.TableSize / 2
		switch offset := fixed.ShiftRight(int64(x), position-l.table.IndexPosition); {
		case offset < -half:
			l.Left++
		case offset >= half:
			l.Right++
		default:
			l.Counts[(offset+half)/lookupEntries]++
		}
	}
}

// any says that something was looked up.
func (l *Lookups) any() bool {
	return l.Left > 0 || l.Right > 0 || slices.ContainsFunc(l.Counts, func(n int64) bool { return n > 0 })
}
