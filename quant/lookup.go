package quant

import (
	"math"

	"rnnsim/internal/fixed"
)

// lookupAll applies an activation table to real values: beyond the table's range the constants, inside it the entry of
// floor(v·2^IndexPosition) + 1024. The outputs are real values of position 15.
func lookupAll(out, values []float32, table *fixed.Table) {
	scale, unit := power2(table.IndexPosition), power2(-fixed.TablePosition)
	for i, v := range values {
		index := float32(math.Floor(float64(v*scale))) + fixed.TableSize/2
		entry := table.Below
		switch {
		case index >= fixed.TableSize:
			entry = table.Above
		case index >= 0:
			entry = table.Entries[int(index)]
		}
		out[i] = float32(entry) * unit
	}
}
