package fixed

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var tables = []struct {
	table *Table
	f     func(float64) *big.Float
	reach float64 // inputs of this magnitude and above leave the table
}{{Sigmoid, bigSigmoid, 8}, {Tanh, bigTanh, 4}}

func TestTablesEqualTheirFormulas(t *testing.T) {
	for _, c := range tables {
		for i, got := range c.table.Entries {
			x := float64(i-1024) * c.reach / 1024
			scaled, _ := newBigFloat(0).Mul(c.f(x), newBigFloat(32768)).Rat(nil)
			require.Equal(t, bigRound(HalfAway, scaled).Int64(), int64(got), "%s[%d]", c.table.Name, i)

			// So far from a tie, the last bit of a platform's exp and tanh cannot matter.
			doubled, _ := new(big.Rat).Mul(scaled, big.NewRat(2, 1)).Float64()
			if odd := math.Abs(math.Mod(doubled, 2)); odd != 0 {
				require.Greater(t, math.Abs(odd-1), 1e-6, "%s[%d] lies at a tie", c.table.Name, i)
			}
		}
	}
}

func TestTableEnds(t *testing.T) {
	assert.Equal(t, [2]int16{11, 32757}, [2]int16{Sigmoid.Entries[0], Sigmoid.Entries[2047]})
	assert.Equal(t, [2]int16{-32746, 32746}, [2]int16{Tanh.Entries[0], Tanh.Entries[2047]})
	assert.Equal(t, [2]int16{0, 32767}, [2]int16{Sigmoid.Below, Sigmoid.Above})
	assert.Equal(t, [2]int16{-32768, 32767}, [2]int16{Tanh.Below, Tanh.Above})
}

// bigLookup is the rule in big numbers. The table spans [-reach, reach) in 2048 steps, so a value v has the step
// floor(v·1024/reach); v ≥ reach is step 1024 and up, v < -reach a step below -1024. The abs form floors the magnitude
// of a negative value that lies in the range.
func bigLookup(table *Table, reach int64, x *big.Int, p int, abs bool) int16 {
	step := func(x *big.Int) int64 {
		scaled := new(big.Int).Mul(x, big.NewInt(1024/reach))
		return bigClamp(bigFloorShift(scaled, p), big.NewInt(-4096), big.NewInt(4096)).Int64()
	}
	index := step(x)
	switch {
	case index >= 1024:
		return table.Above
	case index < -1024:
		return table.Below
	case abs && x.Sign() < 0:
		index = -step(new(big.Int).Neg(x))
	}
	return table.Entries[1024+index]
}

func TestLookupsExhaustively(t *testing.T) {
	// All of int16 at every position; -short looks at every 17th value, starting elsewhere at each position.
	stride := 1
	if testing.Short() {
		stride = 17
	}
	for _, c := range tables {
		for p := 0; p <= 15; p++ {
			for x := math.MinInt16 + p%stride; x <= math.MaxInt16; x += stride {
				requireLookups(t, c.table, int64(c.reach), int64(x), p)
			}
		}
	}
}

// requireLookups avoids the cost of an assertion a value: there are four million.
func requireLookups(t require.TestingT, table *Table, reach, x int64, p int) {
	if want, got := bigLookup(table, reach, big.NewInt(x), p, false), table.Lookup(x, p); got != want {
		require.Equal(t, want, got, "%s of %d at position %d", table.Name, x, p)
	}
	if want, got := bigLookup(table, reach, big.NewInt(x), p, true), table.LookupAbs(x, p); got != want {
		require.Equal(t, want, got, "%s of %d at position %d, abs indexing", table.Name, x, p)
	}
}

func TestLookupsOfAnyInteger(t *testing.T) {
	for _, c := range tables {
		rapid.Check(t, func(t *rapid.T) {
			x := anyInt64().Draw(t, "x")
			p := rapid.IntRange(MinPosition, MaxPosition).Draw(t, "position")
			requireLookups(t, c.table, int64(c.reach), x, p)
		})
	}
}

func TestAbsIndexingDiffersByTheKnownCount(t *testing.T) {
	differing := 0
	for x := int64(math.MinInt16); x <= math.MaxInt16; x++ {
		if Sigmoid.Lookup(x, 12) != Sigmoid.LookupAbs(x, 12) {
			differing++
		}
	}
	assert.Equal(t, 25606, differing)
}

func TestLookupAtTheEdgesOfTheRange(t *testing.T) {
	for _, c := range []struct {
		table *Table
		x     int64
		want  int16
	}{
		{Sigmoid, 8 << 11, 32767}, {Sigmoid, 8<<11 - 1, 32757}, {Sigmoid, -8 << 11, 11}, {Sigmoid, -8<<11 - 1, 0},
		{Tanh, 4 << 11, 32767}, {Tanh, 4<<11 - 1, 32746}, {Tanh, -4 << 11, -32746}, {Tanh, -4<<11 - 1, -32768},
	} {
		assert.Equal(t, c.want, c.table.Lookup(c.x, 11), "%s of %d", c.table.Name, c.x)
		assert.Equal(t, c.want, c.table.LookupAbs(c.x, 11), "%s of %d, abs indexing", c.table.Name, c.x)
	}
}
