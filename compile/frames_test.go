package compile_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/compile"
	"rnnsim/dump"
	"rnnsim/sim"
	"rnnsim/sim/isa"
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

// TestListingsOfTwoDirections names the parameters of models of several cells, whose blob's layout only the words tell.
func TestListingsOfTwoDirections(t *testing.T) {
	for _, o := range configurations {
		c, err := compile.Compile(modelOf(t, plainSpec(xmodel.GRU, 0, false, 3, 5, 12), plainSpec(xmodel.GRU, 0, true, 3, 5, 12)), o)
		require.NoError(t, err)
		l, err := compile.Lift(c)
		require.NoError(t, err)
		var text bytes.Buffer
		require.NoError(t, machine.WriteListing(&text, c, l.View, ""))
		for _, want := range []string{
			".segment loop[1] ;", "; weight_hf, from 0x", "; bias_hg, from 0x", "; zeros, from 0x", "; h_next [0:5]", "; w_ig * input_0 [0:5]",
			"; what is handed on of lane 0, from 0x", "; what is handed on of lane 0, to 0x", "; h_next of the step before of lane 0, from 0x",
		} {
			require.Contains(t, text.String(), want)
		}
		target, err := isa.TargetNamed(string(c.Target))
		require.NoError(t, err)
		segments, err := isa.Assemble(&text, target)
		require.NoError(t, err)
		require.Len(t, segments, 5)
	}
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
