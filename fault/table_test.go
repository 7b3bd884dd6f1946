package fault

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/fixed"
)

// TestTableFaultsByDefinition looks up every 16-bit input at several positions, by way of the real number that it stands for.
func TestTableFaultsByDefinition(t *testing.T) {
	step := 7
	if testing.Short() {
		step = 61
	}
	for _, of := range []*fixed.Table{fixed.Sigmoid, fixed.Tanh} {
		for _, position := range []int{6, 9, 12, 15} {
			for x := int64(-1 << 15); x < 1<<15; x += int64(step) {
				real := math.Ldexp(float64(x), -position)
				exact := math.Ldexp(real, of.IndexPosition)
				inside := exact >= -1024 && exact < 1024
				constant := int64(of.Above)
				if exact < 0 {
					constant = int64(of.Below)
				}
				entry := func(index float64) int64 { return int64(of.Entries[int(index)+1024]) }
				for indexing, index := range map[indexing]float64{
					indexFloors: math.Floor(exact),
					indexAbs:    math.Copysign(math.Floor(math.Abs(exact)), exact),
					indexNext:   math.Min(math.Floor(exact)+1, 1023),
					indexBefore: math.Max(math.Floor(exact)-1, -1024),
				} {
					want := constant
					if inside {
						want = entry(index)
					}
					require.Equal(t, want, (&table{of: of, indexing: indexing}).look(x, position), "%s, indexing %d, %d at %d", of.Name, indexing, x, position)
				}
				for indexing, by := range map[indexing]float64{indexNextEarly: 1, indexBeforeEarly: -1} {
					index := math.Floor(exact) + by
					want := int64(of.Above)
					switch {
					case index < -1024:
						want = int64(of.Below)
					case index < 1024:
						want = entry(index)
					}
					require.Equal(t, want, (&table{of: of, indexing: indexing}).look(x, position), "%s, indexing %d, %d at %d", of.Name, indexing, x, position)
				}
				wrapped := math.Mod(math.Mod(math.Floor(exact)+1024, 2048)+2048, 2048) - 1024
				require.Equal(t, entry(wrapped), (&table{of: of, indexing: indexWraps}).look(x, position))
				require.Equal(t, int64(of.Lookup(x, position)), (&table{of: of}).look(x, position))
				require.Equal(t, int64(of.LookupAbs(x, position)), (&table{of: of, indexing: indexAbs}).look(x, position))
			}
		}
		floored := flooredTables()[of]
		lower := 0
		for i, v := range of.Entries {
			require.Contains(t, []int16{v, v - 1}, floored.Entries[i])
			lower += int(v - floored.Entries[i])
		}
		require.Greater(t, lower, 500)
	}
}
