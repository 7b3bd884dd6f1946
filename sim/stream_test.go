package sim_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

// However a sequence is cut, its pieces give the frames, the output and the states of the whole.
func TestStreamInPiecesEqualsTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		specs := drawNetwork(t)
		for l := range specs {
			specs[l] = specs[l][:1]
		}
		if len(specs) == 2 && specs[1][0].Input != specs[0][0].Hidden {
			specs = specs[:1]
		}
		compat := rapid.SampledFrom([]xmodel.Compat{xmodel.Sane, xmodel.VAI20}).Draw(t, "compat")
		plan, err := sim.Compile(build(t, specs), sim.Options{Compat: compat})
		require.NoError(t, err)
		s := drawSequence(t, specs)
		trace := dump.NewMemory()
		whole, err := plan.Run(context.Background(), []dump.Sequence{s}, trace)
		require.NoError(t, err)

		pieces := dump.NewMemory()
		require.NoError(t, pieces.Begin(plan.Header()))
		stream, err := plan.NewStream(s.Initial, pieces.Write)
		require.NoError(t, err)
		features, rest := specs[0][0].Input, dump.Sequence{Float: s.Float, Fixed: s.Fixed}
		var output []int16
		for left := (len(s.Float) + len(s.Fixed)) / features; left > 0; {
			steps := rapid.IntRange(0, left).Draw(t, "steps of a piece")
			var piece dump.Sequence
			piece, rest = cutSequence(rest, features, steps)
			out, err := stream.Push(context.Background(), piece)
			require.NoError(t, err)
			output, left = append(output, out...), left-steps
		}
		require.Equal(t, whole.Output[0], output)
		require.Equal(t, whole.Final[0], stream.State())
		require.ElementsMatch(t, trace.Frames, pieces.Frames)
	})
}

func TestStreamRefusesABackwardCell(t *testing.T) {
	m := leaky(newGraph("Leaky"))
	m.Cells[0].Backward = true
	plan, err := sim.Compile(m, sim.Options{})
	require.NoError(t, err)
	_, err = plan.NewStream(nil, nil)
	require.ErrorContains(t, err, `graph "Leaky" runs backward: it begins at the last timestep`)
}

func TestStreamRefusesAPieceAsAWhole(t *testing.T) {
	plan, err := sim.Compile(leaky(newGraph("Leaky")), sim.Options{})
	require.NoError(t, err)
	stream, err := plan.NewStream([]dump.State{{H: []int16{1, 2, 3}}}, nil)
	require.NoError(t, err)
	_, err = stream.Push(context.Background(), dump.Sequence{Fixed: []int16{1, 2}})
	require.NoError(t, err)
	before := stream.State()
	_, err = stream.Push(context.Background(), dump.Sequence{Float: []float32{1, 2, 3, float32(math.NaN())}})
	require.ErrorContains(t, err, "step 2, feature 1: NaN")
	_, err = stream.Push(context.Background(), dump.Sequence{Fixed: []int16{1, 2}, Initial: []dump.State{{}}})
	require.ErrorContains(t, err, "step 1: an initial state")
	require.Equal(t, before, stream.State())
	_, err = plan.NewStream(make([]dump.State, 3), nil)
	require.ErrorContains(t, err, "initial states for 3 cells")
}

func TestStreamStopsWhereItsProbeFails(t *testing.T) {
	plan, err := sim.Compile(leaky(newGraph("Leaky")), sim.Options{})
	require.NoError(t, err)
	stream, err := plan.NewStream(nil, func(*dump.Frame) error { return errFull })
	require.NoError(t, err)
	for range 2 {
		_, err = stream.Push(context.Background(), dump.Sequence{Fixed: []int16{1, 2}})
		require.True(t, errors.Is(err, errFull), err)
	}
	require.ErrorContains(t, err, "it stopped at step 0")
}

// The state that one piece leaves is clamped on its way into the next, and counted there.
func TestStreamCountsClampedStatesAcrossPieces(t *testing.T) {
	spec := plainCell(xmodel.LSTM, 2, 3, 16)
	spec.Formats["it*cct"] = fixed.Format{Bits: 16, Position: 10}
	spec.Formats["c_next"] = fixed.Format{Bits: 16, Position: 10}
	spec.Formats["input_2"] = fixed.Format{Bits: 16, Position: 15}
	spec.Values["bias_g"] = []float32{4, 4, 4}
	spec.Values["bias_i"] = []float32{4, 4, 4}
	spec.Values["bias_f"] = []float32{4, 4, 4}
	s := dump.Sequence{Fixed: []int16{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}
	for _, nodes := range []bool{false, true} {
		m := build(t, [][]xmodel.CellSpec{{spec}})
		options := sim.Options{NodeByNode: nodes, Nodes: []string{"input_2"}}
		twice, _ := runWith(t, m, sim.Options{NodeByNode: nodes, Nodes: options.Nodes, Threads: 1}, []dump.Sequence{s, s})
		require.Equal(t, []int32{0}, twice.Frames[5].Saturations, "a sequence begins with nothing clamped")
		trace, _ := runWith(t, m, options, []dump.Sequence{s})
		plan, err := sim.Compile(m, options)
		require.NoError(t, err)
		require.Equal(t, nodes, plan.Kernels()[0].Kernel == "nodes")
		pieces := dump.NewMemory()
		require.NoError(t, pieces.Begin(plan.Header()))
		stream, err := plan.NewStream(nil, pieces.Write)
		require.NoError(t, err)
		for step := range 5 {
			_, err := stream.Push(context.Background(), dump.Sequence{Fixed: s.Fixed[2*step : 2*step+2]})
			require.NoError(t, err)
		}
		require.Equal(t, trace.Frames, pieces.Frames)
		require.Equal(t, []int32{3}, pieces.Frames[4].Saturations)
	}
}
