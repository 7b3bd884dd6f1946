package fault

import (
	"math"
	"sync"

	"rnnsim/internal/fixed"
)

// tables lists what can be wrong with a lookup.
func (l *lister) tables() {
	groups := []place{
		all("tables", "every table", isTable),
		all("sigmoids", "every sigmoid", func(n *node) bool { return n.op == "sigmoid" }),
		all("tanhs", "every tanh", func(n *node) bool { return n.op == "tanh" }),
	}
	for _, p := range append(l.singles(isTable), groups...) {
		set := func(kind, text string, alter func(*table)) {
			l.at(p, kind, text, func(n *node) { alter(&n.table) })
		}
		for _, i := range []struct {
			kind, text string
			indexing   indexing
		}{
			{"index-abs", "looks up negative values by their magnitude", indexAbs},
			{"index-next", "looks up the next entry of its table", indexNext},
			{"index-before", "looks up the entry before the right one", indexBefore},
			{"index-next-early", "adds one to its table index before it checks the range: the last entry is never read", indexNextEarly},
			{"index-before-early", "takes one from its table index before it checks the range: the first entry is never read", indexBeforeEarly},
			{"index-rounds", "looks up the nearest entry where it should floor the index", indexRounds},
			{"index-wraps", "wraps the table index around where it should yield the constants beyond the ends", indexWraps},
			{"index-unsigned", "takes the table index from an unsigned number", indexUnsigned},
		} {
			set(i.kind, i.text, func(t *table) { t.indexing = i.indexing })
		}
		set("end-entries", "yields the last and the first entry beyond the ends of its table, not the constants", func(t *table) { t.edges = endEntries })
		set("zero-beyond", "yields 0 beyond the ends of its table", func(t *table) { t.edges = zeros })
		set("ends-swapped", "has the constants beyond the two ends of its table exchanged", func(t *table) { t.edges = edgesSwapped })
		set("index-shifts-one-more", "shifts the table index one bit too far", func(t *table) { t.indexShift = 1 })
		set("index-shifts-one-less", "shifts the table index one bit too little", func(t *table) { t.indexShift = -1 })
		set("input-negated", "looks up the negated value", func(t *table) { t.negated = true })
		set("interpolates", "interpolates between the entries of its table", func(t *table) { t.interpolated = true })
		set("entries-8-bits", "has only the upper 8 bits of its table's entries", func(t *table) { t.highByte = true })
		set("entries-floored", "has a table whose entries were floored, not rounded", func(t *table) { t.floored = true })
		set("other-entries", "reads the entries of the other table at its own index", func(t *table) { t.other = true })
		l.at(p, "other-function", "computes the other function: tanh for sigmoid, sigmoid for tanh", func(n *node) {
			n.table.of = fixed.Sigmoid
			if n.op == "sigmoid" {
				n.table.of = fixed.Tanh
			}
		})
	}
}

func otherTable(t *fixed.Table) *fixed.Table {
	if t == fixed.Sigmoid {
		return fixed.Tanh
	}
	return fixed.Sigmoid
}

// flooredTables are the tables as they come out where the entries are rounded down.
var flooredTables = sync.OnceValue(func() map[*fixed.Table]*fixed.Table {
	functions := map[*fixed.Table]func(float64) float64{
		fixed.Sigmoid: func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
		fixed.Tanh:    math.Tanh,
	}
	floored := map[*fixed.Table]*fixed.Table{}
	for of, f := range functions {
		t := *of
		for i := range t.Entries {
			x := math.Ldexp(float64(i-fixed.TableSize/2), -of.IndexPosition)
			t.Entries[i] = int16(fixed.Floor.Quantize(f(x), fixed.Format{Bits: 16, Position: tablePosition}))
		}
		floored[of] = &t
	}
	return floored
})
