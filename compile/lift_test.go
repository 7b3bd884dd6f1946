package compile_test

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/compile"
	"rnnsim/dump"
	"rnnsim/internal/npy"
	"rnnsim/internal/shared"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

func realFiles(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(shared.Path(t, "models", "compiled"), "*", "*.xmodel"))
	require.NoError(t, err)
	require.Len(t, paths, 8)
	return paths
}

func readCompiled(t testing.TB, path string) *xmodel.Compiled {
	t.Helper()
	c, err := xmodel.ReadCompiled(path)
	require.NoError(t, err)
	return c
}

var lifts sync.Map // of *compile.Lifted by path

// liftedReal gives a real file and what was lifted of it, once for all tests.
func liftedReal(t testing.TB, path string) (*xmodel.Compiled, *compile.Lifted) {
	t.Helper()
	c := readCompiled(t, path)
	l, known := lifts.Load(path)
	if !known {
		lifted, err := compile.Lift(c)
		require.NoError(t, err, path)
		l, _ = lifts.LoadOrStore(path, lifted)
	}
	return c, l.(*compile.Lifted)
}

// recordedRun gives a recorded x and h of a real file, lanes as sequences.
func recordedRun(t testing.TB, path string) (x []dump.Sequence, h [][]int16) {
	t.Helper()
	name := filepath.Base(filepath.Dir(path)) + "_" + strings.TrimSuffix(filepath.Base(path), ".xmodel")
	lanes := func(part string) [][]int16 {
		a, err := npy.ReadFile(shared.Path(t, "vectors", "compiled", name+"."+part+".npy"))
		require.NoError(t, err)
		values, err := a.Int16s()
		require.NoError(t, err)
		var list [][]int16
		for lane := range a.Shape[0] {
			list = append(list, values[lane*len(values)/a.Shape[0]:(lane+1)*len(values)/a.Shape[0]])
		}
		return list
	}
	for _, lane := range lanes("x") {
		x = append(x, dump.Sequence{Fixed: lane})
	}
	return x, lanes("h")
}

// simulate runs a quantized model at the level of graphs.
func simulate(t require.TestingT, m *xmodel.Model, sequences []dump.Sequence) [][]int16 {
	plan, err := sim.Compile(m, sim.Options{})
	require.NoError(t, err)
	result, err := plan.Run(context.Background(), sequences, nil)
	require.NoError(t, err)
	return result.Output
}

func TestLiftedRealModelsComputeWhatWasRecorded(t *testing.T) {
	for _, path := range realFiles(t) {
		c, l := liftedReal(t, path)
		x, h := recordedRun(t, path)
		require.Len(t, h, c.Batch)
		for lane, got := range simulate(t, l.Model, x) {
			assert.Equal(t, h[lane], got, "%s, lane %d", path, lane)
		}
	}
}

func TestProofsOfTheRealModels(t *testing.T) {
	words := 0
	for _, path := range realFiles(t) {
		c, l := liftedReal(t, path)
		require.Len(t, l.Cells, 1)
		cell := l.Cells[0]
		kind, err := xmodel.BlobKind(c)
		require.NoError(t, err)
		assert.Equal(t, kind, cell.Spec.Kind)
		assert.Equal(t, [2]int{32, 100}, [2]int{cell.Spec.Input, cell.Spec.Hidden})
		words += cell.Proof.Words

		// Of 8 blocks of h and 7 of each state that is not padding alone, in the first step and in the others.
		blocks := 2 * (8 + 7 + 7)
		position := 12
		if kind == xmodel.GRU {
			blocks, position = 2*(8+7), 15
		}
		assert.Equal(t, c.Batch, cell.Proof.Lanes)
		assert.Equal(t, c.Batch*blocks, cell.Proof.Blocks)
		assert.Equal(t, 28, cell.Proof.PaddedValues)

		// The parameters are those that the blob's layout says, wherever the stream found them.
		b, err := xmodel.UnpackBlob(c, kind)
		require.NoError(t, err)
		assert.Equal(t, b.Values, cell.Values)
		for label, offsets := range cell.Offsets {
			for i, at := range offsets {
				if at >= 0 && elementName(label, i, cell.Spec) != b.Locate(int(at)) {
					t.Errorf("%s is %s by the layout", elementName(label, i, cell.Spec), b.Locate(int(at)))
				}
			}
		}
		// Scratch is one vector a lane, within a zero block.
		require.Len(t, cell.Proof.Scratch, 1)
		scratch := cell.Proof.Scratch[0]
		assert.Equal(t, 256*c.Batch, scratch.To-scratch.From)
		assert.Contains(t, b.Locate(scratch.From), "zero block")

		for _, n := range xmodel.Nodes(kind) {
			want := position
			switch n.Op {
			case "sigmoid", "tanh":
				want = 15
			case "data":
				if n.Label == "input_0" {
					want = c.InputPosition
				}
			}
			assert.Equal(t, want, cell.Spec.Formats[n.Label].Position, n.Label)
		}
		for _, label := range xmodel.Parameters(kind, true) {
			assert.Equal(t, position, cell.Spec.Formats[label].Position, label)
		}
		param, output := l.Info()
		assert.Len(t, param, len(xmodel.Parameters(kind, true)))
		assert.Len(t, output, len(xmodel.Nodes(kind)))
	}
	assert.Equal(t, 2940, words)
}
