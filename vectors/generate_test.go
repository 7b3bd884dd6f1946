package vectors

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
)

func drawGenerator(t *rapid.T) *Generator {
	return &Generator{
		Features: rapid.IntRange(1, 9).Draw(t, "features"),
		Grid:     fixed.Format{Bits: rapid.IntRange(2, 16).Draw(t, "bits"), Position: rapid.IntRange(-4, 12).Draw(t, "position")},
		Seed:     rapid.Uint64().Draw(t, "seed"),
		Steps:    rapid.IntRange(1, 40).Draw(t, "steps"),
	}
}

func TestStimuliReplayAndStayOnTheGrid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGenerator(t)
		count := rapid.IntRange(1, 30).Draw(t, "sequences")
		sequences, err := g.Generate(count)
		require.NoError(t, err)
		again, err := g.Generate(count)
		require.NoError(t, err)
		require.Equal(t, sequences, again)
		require.Len(t, sequences, count)
		for i, s := range sequences {
			require.Len(t, s.Fixed, g.Steps*g.Features)
			for _, v := range s.Fixed {
				require.True(t, int64(v) >= g.Grid.Min() && int64(v) <= g.Grid.Max())
			}
			// A pattern alone gives what it gives among the others.
			alone, err := g.Generate(i/len(patterns)+1, patterns[i%len(patterns)].name)
			require.NoError(t, err)
			require.Equal(t, s, alone[i/len(patterns)])
		}
	})
}

func TestPatterns(t *testing.T) {
	g := &Generator{Features: 3, Grid: fixed.Format{Bits: 8, Position: 4}, Seed: 1, Steps: 4}
	for name, want := range map[string][2][]int16{
		"zero":        {make([]int16, 12), make([]int16, 12)},
		"min":         {{-128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128}},
		"max":         {{127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127}},
		"alternating": {{-128, 127, -128, 127, -128, 127, -128, 127, -128, 127, -128, 127}, {127, -128, 127, -128, 127, -128, 127, -128, 127, -128, 127, -128}},
		"small":       {{-1, 0, 1, 0, 1, 0, 1, 0, -1, 0, -1, 0}},
		"one-hot":     {{127, 0, 0, 0, 127, 0, 0, 0, 127, 127, 0, 0}, {0, -128, 0, 0, 0, -128, -128, 0, 0, 0, -128, 0}},
		"ramp":        {{-128, -128, -128, -43, -43, -43, 42, 42, 42, 127, 127, 127}, {127, 127, 127, 42, 42, 42, -43, -43, -43, -128, -128, -128}},
	} {
		got, err := g.Generate(2, name)
		require.NoError(t, err)
		for turn, w := range want {
			if w != nil {
				require.Equal(t, w, got[turn].Fixed, "%s, turn %d", name, turn)
			}
		}
	}
}

func TestRandomFillsTheRangeAndThenLessOfIt(t *testing.T) {
	g := &Generator{Features: 64, Grid: fixed.Format{Bits: 16, Position: 12}, Seed: 3, Steps: 64}
	sequences, err := g.Generate(3, "random")
	require.NoError(t, err)
	for turn, reach := range []int16{32767, 32767 >> 1, 32767 >> 3} {
		low, high := int16(0), int16(0)
		for _, v := range sequences[turn].Fixed {
			low, high = min(low, v), max(high, v)
		}
		require.InDelta(t, reach, high, float64(reach)/50)
		require.InDelta(t, -reach, low, float64(reach)/50)
	}
	g.Seed++
	others, err := g.Generate(3, "random")
	require.NoError(t, err)
	require.NotEqual(t, sequences, others)
}

// Each edge is a multiple of 2^j, or 1 beside one, for many j; every power is met.
func TestEdgesMeetEveryPowerOfTwo(t *testing.T) {
	g := &Generator{Features: 50, Grid: fixed.Format{Bits: 12}, Seed: 3, Steps: 50}
	sequences, err := g.Generate(1, "edges")
	require.NoError(t, err)
	met := map[string]bool{}
	for _, v := range sequences[0].Fixed {
		for j := range 12 {
			for beside := range 3 {
				if edge := int(v) - beside + 1; edge != 0 && edge%(1<<j) == 0 && edge%(2<<j) != 0 {
					met[fmt.Sprint(j, beside)] = true
				}
			}
		}
	}
	require.Len(t, met, 12*3-1, "all but 1 below -2048, which lies outside")
}

func TestSaturateDrivesAUnit(t *testing.T) {
	param := func(name string, values ...int16) dump.Param {
		return dump.Param{Name: name, Shape: []int{2, 2}, Values: values}
	}
	g := &Generator{Features: 2, Grid: fixed.Format{Bits: 16, Position: 12}, Steps: 1, First: dump.Cell{Params: []dump.Param{
		param("weight_ii", 5, 5, 1, 1), param("weight_if", 1, -9, 1, 1), param("weight_ig", 7, -7, -3, 0), param("weight_io", 0, 0, 0, 0),
	}}}
	sequences, err := g.Generate(4, "saturate")
	require.NoError(t, err)
	require.Equal(t, []dump.Sequence{
		{Fixed: []int16{32767, -32768}}, // unit 0 up: 5+1+14, 5-9-14
		{Fixed: []int16{-32768, 32767}}, // unit 0 down: 5+1-14, 5-9+14
		{Fixed: []int16{-32768, 32767}}, // unit 1 up: 1+1-6, 1+1
		{Fixed: []int16{32767, 32767}},  // unit 1 down
	}, sequences)
}

func TestGenerateRefuses(t *testing.T) {
	good := Generator{Features: 1, Steps: 1, Grid: fixed.Format{Bits: 16}}
	_, err := good.Generate(0)
	require.ErrorContains(t, err, "0 sequences")
	_, err = good.Generate(1 << 40)
	require.ErrorContains(t, err, "more than 268435456 values")
	_, err = good.Generate(1, "noise")
	require.ErrorContains(t, err, `no pattern "noise"; there are random, zero`)
	for _, bad := range []Generator{{Steps: 1, Grid: good.Grid}, {Features: 1, Grid: good.Grid}, {Features: 1, Steps: 1, Grid: fixed.Format{Bits: 32}}} {
		_, err = bad.Generate(1)
		require.Error(t, err)
	}
	require.Contains(t, PatternText(), "one-hot")
}
