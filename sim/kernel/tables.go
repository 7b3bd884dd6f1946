package kernel

import (
	"sync"

	"rnnsim/internal/fixed"
)

// Positions at which the fused path runs: table indices are right shifts, and no product of table outputs leaves 16 bits.
const (
	minFusedPosition = 8
	maxFusedPosition = 15
)

// tables are the activations over every index that a 16-bit value at one position can have, so that no index needs a clamp:
// entry centre + (y >> shift).
type tables struct {
	sigmoid, tanh             []int16
	sigmoidCentre, tanhCentre int
}

var tablesAt [maxFusedPosition + 1]struct {
	once   sync.Once
	tables *tables
}

// tablesFor builds the tables of a position, once.
func tablesFor(position int) *tables {
	at := &tablesAt[position]
	at.once.Do(func() {
		t := &tables{}
		t.sigmoid, t.sigmoidCentre = expand(fixed.Sigmoid, position)
		t.tanh, t.tanhCentre = expand(fixed.Tanh, position)
		at.tables = t
	})
	return at.tables
}

func expand(t *fixed.Table, position int) (entries []int16, centre int) {
	shift := position - t.IndexPosition
	centre = 1 << (15 - shift)
	entries = aligned[int16](2*centre + 2) // a gather of 32 bits reads one entry more
	for k := range 2 * centre {
		entries[k] = t.Lookup(int64(k-centre)<<shift, position)
	}
	return entries, centre
}
