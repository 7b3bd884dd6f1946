package verify

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
)

// BenchmarkCompare compares frames of a 32→100 cell, 2,432 values each, that are all equal.
func BenchmarkCompare(b *testing.B) {
	widths := append([]int{32}, slices.Repeat([]int{100}, 24)...)
	cell := dump.Cell{Graph: "g"}
	var frame dump.Frame
	for i, width := range widths {
		cell.Nodes = append(cell.Nodes, dump.Node{Name: string(rune('a' + i)), Width: width, Bits: 16, Position: 12})
		frame.Fixed = append(frame.Fixed, slices.Repeat([]int16{int16(i * 100)}, width))
	}
	source := func() dump.Source {
		return &endless{header: dump.Header{Cells: []dump.Cell{cell}}, frame: frame, left: b.N}
	}
	b.ResetTimer()
	result, err := Compare(context.Background(), source(), source(), Options{})
	require.NoError(b, err)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(result.Counts.Values), "ns/value")
}
