package machine_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/sim"
	"rnnsim/sim/machine"
	"rnnsim/xmodel"
)

// cellGraph builds the cell graph of a compiled model from its blob and the positions of its frames. The weights of the known
// models are at the position of their products.
func cellGraph(t testing.TB, c *xmodel.Compiled, header dump.Header) *xmodel.Model {
	t.Helper()
	kind, err := xmodel.BlobKind(c)
	require.NoError(t, err)
	blob, err := xmodel.UnpackBlob(c, kind)
	require.NoError(t, err)
	spec := xmodel.CellSpec{
		Name: header.Cells[0].Graph, Kind: kind, Input: blob.Input, Hidden: blob.Hidden, Bias: true,
		Values: map[string][]float32{}, Formats: map[string]fixed.Format{},
	}
	for _, n := range header.Cells[0].Nodes {
		spec.Formats[n.Label] = fixed.Format{Bits: n.Bits, Position: n.Position}
	}
	for label, values := range blob.Values {
		spec.Formats[label] = fixed.Format{Bits: 16, Position: c.OutputPosition}
		for _, v := range values {
			spec.Values[label] = append(spec.Values[label], float32(fixed.Real(int64(v), c.OutputPosition)))
		}
	}
	g, err := xmodel.Build(spec)
	require.NoError(t, err)
	m, err := xmodel.NewModel(g)
	require.NoError(t, err)
	return m
}

// TestFramesEqualTheCellGraphs compares every node of every step of the two levels, the first step with what it leaves out as well.
func TestFramesEqualTheCellGraphs(t *testing.T) {
	for name, c := range realModels(t) {
		t.Run(name, func(t *testing.T) {
			x, _ := recorded(t, name)
			x = append(x, x...)
			x[0].Fixed = x[0].Fixed[:32*3]
			m, err := machine.New(c, machine.Options{Seed: 7})
			require.NoError(t, err)
			got := dump.NewMemory()
			fromMachine, err := m.Run(context.Background(), x, got)
			require.NoError(t, err)
			require.True(t, got.Closed)

			plan, err := sim.Compile(cellGraph(t, c, m.Header()), sim.Options{})
			require.NoError(t, err)
			want := dump.NewMemory()
			fromGraph, err := plan.Run(context.Background(), x, want)
			require.NoError(t, err)
			require.Equal(t, fromGraph.Output, fromMachine.Output)

			of := map[string]int{}
			for i, n := range got.Header.Cells[0].Nodes {
				of[n.Name] = i
			}
			compared := 0
			require.Len(t, got.Frames, len(want.Frames))
			for i, frame := range got.Frames {
				require.Equal(t, [2]int{want.Frames[i].Sequence, want.Frames[i].Step}, [2]int{frame.Sequence, frame.Step})
				for k, n := range want.Header.Cells[0].Nodes {
					at, ok := of[n.Name]
					require.True(t, ok, "the machine's frames lack %s", n.Name)
					require.Equal(t, n.Position, got.Header.Cells[0].Nodes[at].Position)
					require.Equal(t, want.Frames[i].Fixed[k], frame.Fixed[at], "%s, sequence %d, step %d", n.Name, frame.Sequence, frame.Step)
					compared++
				}
			}
			assert.Greater(t, compared, 200)
		})
	}
}

func TestResultsOfEveryInstruction(t *testing.T) {
	for name, c := range realModels(t) {
		x, h := recorded(t, name)
		x[0].Fixed = x[0].Fixed[:32*2]
		for i := range x[1:] {
			x[i+1].Fixed = x[i+1].Fixed[:32*2]
		}
		steps := map[int]int{}
		var saved []int16
		m, err := machine.New(c, machine.Options{Results: func(r *machine.WordResult) error {
			assert.NotEmpty(t, r.Values)
			steps[r.Step]++
			if r.Segment == "end" && r.Lane == 0 {
				saved = append(saved, r.Values...)
			}
			return nil
		}})
		require.NoError(t, err)
		_, err = m.Run(context.Background(), x, nil)
		require.NoError(t, err)
		assert.Len(t, steps, 3, name)
		assert.Equal(t, h[0][100:200], saved[:100], name)
	}
}

func TestAnErrorOfTheSinkEndsTheRun(t *testing.T) {
	for name, c := range realModels(t) {
		x, _ := recorded(t, name)
		m, err := machine.New(c, machine.Options{})
		require.NoError(t, err)
		sink := &failing{after: 2}
		_, err = m.Run(context.Background(), x, sink)
		require.ErrorIs(t, err, errFull)
		assert.True(t, sink.aborted)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err = m.Run(ctx, x, nil)
		require.ErrorIs(t, err, context.Canceled)
		break
	}
}

var errFull = errors.New("the disk is full")

type failing struct {
	after   int
	aborted bool
}

func (*failing) Begin(dump.Header) error { return nil }
func (*failing) Close() error            { return nil }

func (f *failing) Write(*dump.Frame) error {
	if f.after--; f.after < 0 {
		return errFull
	}
	return nil
}

func (f *failing) Abort() error {
	f.aborted = true
	return nil
}
