package verify

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
)

// syntheticHeader is two cells, a layer forward and backward, with three nodes each.
func syntheticHeader() dump.Header {
	nodes := func() []dump.Node {
		return []dump.Node{
			{Name: "input_0", Label: "input_0", Op: "data", Width: 3, Bits: 16, Position: 12},
			{Name: "y_i", Label: "y_i", Op: "add", Width: 5, Bits: 16, Position: 12},
			{Name: "h_next", Label: "h_next", Op: "mul", Width: 5, Bits: 16, Position: 8},
		}
	}
	return dump.Header{Cells: []dump.Cell{
		{Graph: "Rnn_StandardLstmCell_layer_0_forward", Nodes: nodes()},
		{Graph: "Rnn_StandardLstmCell_layer_0_backward", Backward: true, Nodes: nodes()},
	}}
}

// syntheticTrace fills a trace with seeded random values.
func syntheticTrace(t testing.TB, header dump.Header, sequences, steps int, seed uint64) *dump.Memory {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	memory := dump.NewMemory()
	require.NoError(t, memory.Begin(header))
	for sequence := range sequences {
		for cell := range header.Cells {
			for step := range steps {
				frame := &dump.Frame{Cell: cell, Sequence: sequence, Step: step}
				for _, node := range header.Cells[cell].Nodes {
					values := make([]int16, node.Width)
					for i := range values {
						values[i] = int16(random.IntN(1 << 16))
					}
					frame.Fixed = append(frame.Fixed, values)
				}
				require.NoError(t, memory.Write(frame))
			}
		}
	}
	return memory
}

// copied gives a trace with frames of its own, to be altered.
func copied(m *dump.Memory) *dump.Memory {
	c := &dump.Memory{Header: m.Header}
	for _, frame := range m.Frames {
		c.Frames = append(c.Frames, frame.Clone())
	}
	return c
}

// frameOf finds a frame of a trace in memory.
func frameOf(t testing.TB, m *dump.Memory, cell, sequence, step int) *dump.Frame {
	t.Helper()
	for _, frame := range m.Frames {
		if frame.Cell == cell && frame.Sequence == sequence && frame.Step == step {
			return frame
		}
	}
	t.Fatalf("the trace has no cell %d, sequence %d, step %d", cell, sequence, step)
	return nil
}

func compareTraces(t testing.TB, got, want *dump.Memory, options Options) *Comparison {
	t.Helper()
	result, err := Compare(context.Background(), got.Source(), want.Source(), options)
	require.NoError(t, err)
	return result
}
