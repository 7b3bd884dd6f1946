package fault

import "rnnsim/internal/fixed"

// indexing is how the index into a table is formed.
type indexing int

const (
	indexFloors indexing = iota
	indexAbs             // a negative value by its magnitude
	indexRounds          // to the nearest entry
	indexNext            // the entry after
	indexBefore          // the entry before
	indexWraps           // modulo the size of the table, without constants beyond its ends
	indexUnsigned
	// The entry after, and the entry before, where one is added or subtracted before the range is checked: one entry too few lies
	// inside at one end, and at the other the one beyond.
	indexNextEarly
	indexBeforeEarly
)

// edges is what a table yields beyond its ends.
type edges int

const (
	constants edges = iota
	endEntries
	zeros
	edgesSwapped
)

// table is how a node looks up an activation.
type table struct {
	of         *fixed.Table
	indexing   indexing
	edges      edges
	indexShift int // bits that the index is shifted too far to the right
	negated    bool
	// other is entries and constants of the other table at the table's own index, floored are entries that were not rounded,
	// highByte ones that lack their low byte.
	other, floored, highByte bool
	interpolated             bool
}

// look gives the entry for the integer x at a position.
func (t *table) look(x int64, position int) int64 {
	entries := t.of
	if t.other {
		entries = otherTable(entries)
	}
	if t.floored {
		entries = flooredTables()[entries]
	}
	if t.negated {
		x = -x
	}
	shift := position - t.of.IndexPosition + t.indexShift
	offset := fixed.ShiftRight(x, shift)
	switch t.indexing {
	case indexNextEarly:
		offset = min(offset, fixed.TableSize) + 1
	case indexBeforeEarly:
		offset = max(offset, -fixed.TableSize) - 1
	}
	right, left := offset >= fixed.TableSize/2, offset < -fixed.TableSize/2
	switch t.indexing {
	case indexAbs:
		if x < 0 && !left {
			offset = -fixed.ShiftRight(-x, shift)
		}
	case indexRounds:
		offset = round(x, shift, halfUp)
		right, left = offset >= fixed.TableSize/2, offset < -fixed.TableSize/2
	case indexNext:
		offset = min(offset+1, fixed.TableSize/2-1)
	case indexBefore:
		offset = max(offset-1, -fixed.TableSize/2)
	case indexWraps:
		right, left = false, false
	case indexUnsigned:
		offset, right, left = fixed.ShiftRight(x&0xffff, shift), fixed.ShiftRight(x&0xffff, shift) >= fixed.TableSize/2, false
	}
	if right || left {
		return t.beyond(entries, right)
	}
	at := (offset + fixed.TableSize/2) & (fixed.TableSize - 1)
	value := t.entry(entries, at)
	if t.interpolated && shift > 0 {
		next := int64(entries.Above)
		if at+1 < fixed.TableSize {
			next = t.entry(entries, at+1)
		}
		value += (next - value) * (x & (1<<shift - 1)) >> shift
	}
	return value
}

func (t *table) entry(entries *fixed.Table, at int64) int64 {
	if t.highByte {
		return int64(entries.Entries[at]) >> 8 << 8
	}
	return int64(entries.Entries[at])
}

func (t *table) beyond(entries *fixed.Table, right bool) int64 {
	if t.edges == edgesSwapped {
		right = !right
	}
	switch {
	case t.edges == zeros:
		return 0
	case t.edges == endEntries && right:
		return t.entry(entries, fixed.TableSize-1)
	case t.edges == endEntries:
		return t.entry(entries, 0)
	case right:
		return int64(entries.Above)
	}
	return int64(entries.Below)
}
