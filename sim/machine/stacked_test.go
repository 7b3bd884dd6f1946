package machine

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// TestStackedCellsFeedEachOther runs two cells as one model, and one after the other as two. The arrangement of layers is read in
// sources only; this holds the machine to it.
func TestStackedCellsFeedEachOther(t *testing.T) {
	for _, target := range isa.Targets() {
		core := target.Cores[0]
		first, second := newSketch(target, core.Batch, 3), newSketch(target, core.Batch, 4)
		second.x = first.h
		second.xUnits, second.blob = first.hUnits, first.blob
		for first.draw(15); len(first.end) > 1; first.draw(15) { // cells before the last save within their steps
			first.end = nil
		}
		second.draw(15)
		a, b := first.compiled(t), second.compiled(t)
		both := first.compiled(t)
		both.Cells, both.End = append([]xmodel.CompiledCell{a.Cells[0]}, b.Cells[0]), b.End

		var x []dump.Sequence
		for _, values := range randomInput(first.random, core.Batch+1, 32*4) {
			x = append(x, dump.Sequence{Fixed: values})
		}
		run := func(c *xmodel.Compiled, x []dump.Sequence, sink dump.Sink) [][]int16 {
			m, err := New(c, Options{})
			require.NoError(t, err)
			r, err := m.Run(context.Background(), x, sink)
			require.NoError(t, err)
			return r.Output
		}
		trace := dump.NewMemory()
		got := run(both, x, trace)
		var between []dump.Sequence
		for _, h := range run(a, x, nil) {
			between = append(between, dump.Sequence{Fixed: h})
		}
		assert.Equal(t, run(b, between, nil), got)
		assert.Len(t, trace.Header.Cells, 2)
		assert.Len(t, trace.Frames, 2*4*(core.Batch+1))
		for _, f := range trace.Frames {
			want := got[f.Sequence]
			if f.Cell == 0 {
				want = between[f.Sequence].Fixed
			}
			nodes := len(f.Fixed)
			assert.Equal(t, want[f.Step*100:(f.Step+1)*100], f.Fixed[nodes-1])
		}
		_, err := CheckTokens(both, 3)
		require.NoError(t, err)

		both.Cells[1].LoadX.Aligned = 512
		_, err = New(both, Options{})
		assert.ErrorContains(t, err, `subgraph "sketch" (cell 1): load_src_reg_0 steps by 512 bytes, and the cell before it saves 256 a step`)
	}
}
