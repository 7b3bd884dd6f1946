package verify

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
)

// TestHeatHoldsTheLargestDelta holds the shared fields against a table of every step and unit.
func TestHeatHoldsTheLargestDelta(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range len(few(make([]int, 50))) {
		steps, width := 1+random.IntN(700), 1+random.IntN(600)
		h := newHeat(width)
		want := map[[2]int]float64{}
		for range 200 {
			step, unit, delta := random.IntN(steps), random.IntN(width), float64(random.IntN(1000))
			h.add(step, unit, delta)
			want[[2]int{step, unit}] = max(want[[2]int{step, unit}], delta)
		}
		require.LessOrEqual(t, len(h.Rows), maxHeatRows)
		for i, row := range h.Rows {
			require.LessOrEqual(t, len(row), maxHeatColumns)
			for j, got := range row {
				largest := 0.0
				for place, delta := range want {
					if place[0]/h.StepsAField == i && place[1]/h.UnitsAField == j {
						largest = max(largest, delta)
					}
				}
				require.Equal(t, float32(largest), got)
			}
		}
	}
}

func TestHeatFitsTheTerminal(t *testing.T) {
	h := newHeat(100)
	for step := range 40 {
		h.add(step, step, float64(step*step))
	}
	for _, columns := range []int{80, 120} {
		lines := h.Text(columns)
		require.Len(t, lines, 15)
		for _, line := range lines[:len(lines)-1] {
			require.LessOrEqual(t, utf8.RuneCountInString(line), columns)
		}
	}
	require.Contains(t, h.Text(120)[0], "       0 ·░▒")
	require.Nil(t, newHeat(3).Text(80))
}

func TestAWideTerminalGetsAHeatMap(t *testing.T) {
	header := dump.Header{Cells: []dump.Cell{{Graph: "g", Nodes: []dump.Node{{Name: "h_next", Label: "h_next", Width: 3, Bits: 16, Position: 12}}}}}
	source := func(delta int16) dump.Source {
		return dump.NewSource(header, []*dump.Frame{{Fixed: [][]int16{{1, 2, 3 + delta}}}, {Step: 1, Fixed: [][]int16{{1, 2 + 20*delta, 3}}}})
	}
	result, err := Compare(context.Background(), source(1), source(0), Options{Heat: true})
	require.NoError(t, err)
	for columns, drawn := range map[int]bool{0: false, 79: false, 80: true} {
		var text strings.Builder
		require.NoError(t, result.WriteText(&text, TextOptions{Columns: columns}))
		require.Equal(t, drawn, strings.Contains(text.String(), "0 ··░"), text.String())
		require.Equal(t, drawn, strings.Contains(text.String(), "1 ·▓·"), text.String())
	}
}
