package dump

import (
	"errors"
	"io"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// testHeader is two cells with nodes of different widths, an 8-bit matmul input among them, and parameters in the first.
func testHeader() Header {
	cell := func(graph string, backward bool) Cell {
		return Cell{Graph: graph, Layer: 0, Backward: backward, Nodes: []Node{
			{Name: "input_0", Label: "input_0", Op: "data", Width: 3, Bits: 16, Position: 12},
			{Name: "w_ii___input_0___bias_i", Label: "w_ii * input_0 + bias_i", Op: "matmul", Width: 5, Bits: 16, Position: 12},
			{Name: "w_ii___input_0___bias_i_pre_fix_i0", Label: "w_ii * input_0 + bias_i_pre_fix_i0", Op: "fix", Width: 3, Bits: 8, Position: 7},
			{Name: "h_next", Label: "h_next", Op: "mul", Width: 5, Bits: 16, Position: -2},
		}}
	}
	h := Header{
		Cells: []Cell{cell("Rnn_StandardLstmCell_layer_0_forward", false), cell("Rnn_StandardLstmCell_layer_0_backward", true)},
		Meta:  map[string]string{"rnnsim.version": "test", "rnnsim.model_digest": "sha256:00"},
	}
	h.Cells[0].Params = []Param{
		{Name: "weight_ii", Label: "Rnn_StandardLstmCell_layer_0_forward::weight_ii", Shape: []int{5, 3}, Bits: 8, Position: 7, Values: []int16{1, -2, 3, 4, -5, 6, 7, 8, 9, 10, 11, 12, 13, -128, 127}},
		{Name: "bias_i", Label: "Rnn_StandardLstmCell_layer_0_forward::bias_i", Shape: []int{5}, Bits: 16, Position: 12, Values: []int16{-32768, 0, 32767, 1, 2}},
	}
	return h
}

// testFrames gives frames of random values: for each sequence the steps of each cell.
func testFrames(h Header, lengths []int, saturations bool, random *rand.Rand) []*Frame {
	var frames []*Frame
	for sequence, length := range lengths {
		for cell := range h.Cells {
			for step := range length {
				frames = append(frames, randomFrame(h, cell, sequence, step, saturations, random))
			}
		}
	}
	return frames
}

func randomFrame(h Header, cell, sequence, step int, saturations bool, random *rand.Rand) *Frame {
	f := &Frame{Cell: cell, Sequence: sequence, Step: step}
	f.resize(h.Cells[cell].Nodes)
	for i, node := range h.Cells[cell].Nodes {
		if node.Float {
			f.Float[i] = make([]float32, node.Width)
			for k := range f.Float[i] {
				f.Float[i][k] = random.Float32() - 0.5
			}
			continue
		}
		f.Fixed[i] = make([]int16, node.Width)
		for k := range f.Fixed[i] {
			f.Fixed[i][k] = int16(random.Uint32()) >> (16 - node.Bits)
		}
	}
	if saturations {
		for range h.Cells[cell].Nodes {
			f.Saturations = append(f.Saturations, int32(random.IntN(4)))
		}
	}
	return f
}

func write(t testing.TB, sink Sink, h Header, frames []*Frame) {
	t.Helper()
	require.NoError(t, sink.Begin(h))
	for _, f := range frames {
		require.NoError(t, sink.Write(f))
	}
	require.NoError(t, sink.Close())
}

func readAll(t testing.TB, s Source) []*Frame {
	t.Helper()
	frames, err := drain(s)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	return frames
}

// drain reads a source to its end, or to its first error.
func drain(s Source) ([]*Frame, error) {
	var frames []*Frame
	var f Frame
	for {
		if err := s.Next(&f); errors.Is(err, io.EOF) {
			return frames, nil
		} else if err != nil {
			return frames, err
		}
		frames = append(frames, f.Clone())
	}
}

// noLeftovers checks that a folder holds what is named, and no temporary names.
func noLeftovers(t testing.TB, dir string, want ...string) {
	t.Helper()
	var got []string
	for _, pattern := range []string{"*", ".*"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		for _, path := range paths {
			got = append(got, filepath.Base(path))
		}
	}
	require.ElementsMatch(t, want, got)
}
