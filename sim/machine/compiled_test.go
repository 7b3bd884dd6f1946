package machine_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/compile"
	"rnnsim/dump"
	"rnnsim/internal/shared"
	"rnnsim/sim"
	"rnnsim/sim/machine"
	"rnnsim/xmodel"
)

// TestFramesOfCompiledModels holds the frames of models of other sizes, positions and numbers of layers, which our own compiler
// made, against those of the graphs that they were made from.
func TestFramesOfCompiledModels(t *testing.T) {
	folders := []string{"../../vectors/digits-gru16/xmodel", "../../vectors/digits-lstm16/xmodel"}
	t.Run("shipped", func(t *testing.T) { requireEqualFrames(t, folders) })
	t.Run("recorded", func(t *testing.T) {
		var more []string
		for _, name := range []string{"sat", "nobias", "gru", "small2", "gru-2layer"} {
			more = append(more, shared.Path(t, "vectors", name, "xmodel"))
		}
		requireEqualFrames(t, more)
	})
}

func requireEqualFrames(t *testing.T, folders []string) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, folder := range folders {
		model, err := xmodel.ReadModel(folder)
		require.NoError(t, err)
		plan, err := sim.Compile(model, sim.Options{})
		require.NoError(t, err)
		features, _ := plan.Input()
		var x []dump.Sequence
		for i := range 5 {
			values := make([]int16, features*(4-i%2))
			for k := range values {
				values[k] = int16(random.Uint32()) >> 2
			}
			x = append(x, dump.Sequence{Fixed: values})
		}
		want := dump.NewMemory()
		_, err = plan.Run(context.Background(), x, want)
		require.NoError(t, err)
		for _, o := range []compile.Options{{Target: xmodel.U25, Batch: 1}, {Target: xmodel.U50, Batch: 3}, {Target: xmodel.U50, Batch: 4}} {
			c, err := compile.Compile(model, o)
			require.NoError(t, err)
			m, err := machine.New(c, machine.Options{Seed: 5})
			require.NoError(t, err)
			got := dump.NewMemory()
			_, err = m.Run(context.Background(), x, got)
			require.NoError(t, err)
			requireSameFrames(t, want, got)
		}
	}
}

// requireSameFrames compares every node of every frame by name, whatever the order of the cells' frames.
func requireSameFrames(t *testing.T, want, got *dump.Memory) {
	type key struct{ cell, sequence, step int }
	frames := map[key]*dump.Frame{}
	for _, f := range got.Frames {
		frames[key{f.Cell, f.Sequence, f.Step}] = f
	}
	require.Len(t, got.Frames, len(want.Frames))
	for _, w := range want.Frames {
		f := frames[key{w.Cell, w.Sequence, w.Step}]
		require.NotNil(t, f)
		nodes := map[string]int{}
		for i, n := range got.Header.Cells[w.Cell].Nodes {
			nodes[n.Name] = i
		}
		for i, n := range want.Header.Cells[w.Cell].Nodes {
			at, ok := nodes[n.Name]
			require.True(t, ok, "the machine's frames lack %s", n.Name)
			require.Equal(t, n.Position, got.Header.Cells[w.Cell].Nodes[at].Position, "%s of cell %d", n.Name, w.Cell)
			require.Equal(t, w.Fixed[i], f.Fixed[at], "%s of cell %d, sequence %d, step %d", n.Name, w.Cell, w.Sequence, w.Step)
		}
	}
}
