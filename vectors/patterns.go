package vectors

import (
	"fmt"
	"math/rand/v2"

	"rnnsim/internal/fixed"
)

// pattern is a kind of sequence. begin prepares the sequence of a turn and gives the value of each step and feature; values are
// asked for in order, and those beyond the grid's range are clamped.
type pattern struct {
	name, text string
	begin      func(g *Generator, turn int, random *rand.Rand) func(step, feature int) int64
}

// patterns are in the order in which they take turns.
var patterns = []pattern{
	{"random", "uniform over the range; each turn over a smaller part of it", beginRandom},
	{"zero", "all zero", beginConstant(func(fixed.Format) int64 { return 0 })},
	{"min", "all at the low end", beginConstant(fixed.Format.Min)},
	{"max", "all at the high end", beginConstant(fixed.Format.Max)},
	{"alternating", "both ends in turn, from step to step and feature to feature", beginAlternating},
	{"small", "-1, 0, 1, 0 LSB", beginSmall},
	{"one-hot", "one feature at a time at an end, the others zero", beginOneHot},
	{"ramp", "from the low end to the high end; each second turn down again", beginRamp},
	{"edges", "multiples of powers of two, the grids that positions and tables cut at, and 1 LSB to either side", beginEdges},
	{"saturate", "the ends held for the whole sequence, with the signs that drive one unit's c up or down", beginSaturate},
}

// PatternNames are the names of the patterns, in the order in which they take turns.
func PatternNames() []string {
	names := make([]string, len(patterns))
	for i, p := range patterns {
		names[i] = p.name
	}
	return names
}

// PatternText says, a line a pattern, what the patterns are.
func PatternText() string {
	text := ""
	for _, p := range patterns {
		text += fmt.Sprintf("  %-12s %s\n", p.name, p.text)
	}
	return text
}

func beginConstant(of func(fixed.Format) int64) func(*Generator, int, *rand.Rand) func(int, int) int64 {
	return func(g *Generator, _ int, _ *rand.Rand) func(int, int) int64 {
		v := of(g.Grid)
		return func(int, int) int64 { return v }
	}
}

// randomTurns is after how many turns the random pattern fills the whole range again.
const randomTurns = 10

func beginRandom(g *Generator, turn int, random *rand.Rand) func(int, int) int64 {
	low, high := g.Grid.Min(), g.Grid.Max()
	shift := turn % randomTurns * g.Grid.Bits / randomTurns
	return func(int, int) int64 { return fixed.ShiftRight(low+random.Int64N(high-low+1), shift) }
}

func beginAlternating(g *Generator, turn int, _ *rand.Rand) func(int, int) int64 {
	ends := [2]int64{g.Grid.Min(), g.Grid.Max()}
	return func(step, feature int) int64 { return ends[(turn+step+feature)%2] }
}

func beginSmall(_ *Generator, turn int, _ *rand.Rand) func(int, int) int64 {
	return func(step, feature int) int64 { return [4]int64{-1, 0, 1, 0}[(turn+step+feature)%4] }
}

func beginOneHot(g *Generator, turn int, _ *rand.Rand) func(int, int) int64 {
	end := [2]int64{g.Grid.Max(), g.Grid.Min()}[turn%2]
	return func(step, feature int) int64 {
		// Where there are more features than steps, each turn goes on with the next features.
		if (turn*g.Steps+step)%g.Features == feature {
			return end
		}
		return 0
	}
}

func beginRamp(g *Generator, turn int, _ *rand.Rand) func(int, int) int64 {
	low, high := g.Grid.Min(), g.Grid.Max()
	return func(step, _ int) int64 {
		if turn%2 == 1 {
			step = g.Steps - 1 - step
		}
		return low + (high-low)*int64(step)/int64(max(1, g.Steps-1))
	}
}

func beginEdges(g *Generator, _ int, random *rand.Rand) func(int, int) int64 {
	return func(int, int) int64 {
		shift := random.IntN(g.Grid.Bits)
		half := int64(1) << (g.Grid.Bits - 1 - shift)
		return (random.Int64N(2*half)-half)<<shift + random.Int64N(3) - 1
	}
}

func beginSaturate(g *Generator, turn int, random *rand.Rand) func(int, int) int64 {
	signs := g.drive(turn, random)
	return func(_, feature int) int64 {
		if signs[feature] {
			return g.Grid.Min()
		}
		return g.Grid.Max()
	}
}

// drive says for each feature whether x is to be negative. For an LSTM whose weights are known, one unit's input and forget gates
// are driven open and its cell input towards an end, the high one and the low one in turn, so that its c moves by up to 1 a step.
func (g *Generator) drive(turn int, random *rand.Rand) []bool {
	negative := make([]bool, g.Features)
	for i := range negative {
		negative[i] = random.IntN(2) == 0
	}
	gates := map[string][]int16{}
	for _, p := range g.First.Params {
		if len(p.Shape) == 2 && len(p.Values)%g.Features == 0 {
			gates[p.Name] = p.Values
		}
	}
	i, f, c, o := gates["weight_ii"], gates["weight_if"], gates["weight_ig"], gates["weight_io"]
	if len(o) == 0 || len(i) != len(o) || len(f) != len(o) || len(c) != len(o) { // a GRU has no weight_io
		return negative
	}
	unit := turn / 2 % (len(i) / g.Features)
	for feature := range negative {
		at := unit*g.Features + feature
		towards := int64(c[at])
		if turn%2 == 1 {
			towards = -towards
		}
		// The cell input counts twice, for its sign is what c follows; a feature that moves nothing keeps its random sign.
		if sum := int64(i[at]) + int64(f[at]) + 2*towards; sum != 0 {
			negative[feature] = sum < 0
		}
	}
	return negative
}
