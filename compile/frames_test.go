package compile_test

import (
	"context"

	"github.com/stretchr/testify/require"

	"rnnsim/compile"
	"rnnsim/dump"
	"rnnsim/sim"
	"rnnsim/sim/machine"
	"rnnsim/xmodel"
)

// requireEqualFrames compares every node of every step of the machine with the lifted graphs, and the results.
func requireEqualFrames(t require.TestingT, c *xmodel.Compiled, l *compile.Lifted, stimulus []dump.Sequence) {
	plan, err := sim.Compile(l.Model, sim.Options{})
	require.NoError(t, err)
	fromGraphs := dump.NewMemory()
	want, err := plan.Run(context.Background(), stimulus, fromGraphs)
	require.NoError(t, err)
	m, err := machine.New(c, machine.Options{View: l.View})
	require.NoError(t, err)
	fromWords := dump.NewMemory()
	got, err := m.Run(context.Background(), stimulus, fromWords)
	require.NoError(t, err)
	require.Equal(t, want.Output, got.Output)
	require.Equal(t, framesByPlace(fromGraphs), framesByPlace(fromWords))
}

type nodePlace struct {
	graph          string
	layer          int
	backward       bool
	sequence, step int
	node           dump.Node
}

// framesByPlace takes a trace apart: levels may order frames and nodes in their own ways.
func framesByPlace(trace *dump.Memory) map[nodePlace][]int16 {
	values := map[nodePlace][]int16{}
	for _, f := range trace.Frames {
		cell := trace.Header.Cells[f.Cell]
		for i, n := range cell.Nodes {
			values[nodePlace{cell.Graph, cell.Layer, cell.Backward, f.Sequence, f.Step, n}] = f.Fixed[i]
		}
	}
	return values
}
