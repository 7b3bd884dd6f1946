package compile_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/compile"
	"rnnsim/sim/machine"
	"rnnsim/xmodel"
)

// TestRealModelsCompiledAgain compiles what was lifted of the real files: the same blobs, as many words, the recorded h, clean tokens,
// and fewer cycles by the timing model.
func TestRealModelsCompiledAgain(t *testing.T) {
	paths := realFiles(t)
	if testing.Short() {
		paths = paths[1:6:6]
	}
	for _, path := range paths {
		c, l := liftedReal(t, path)
		again, err := compile.Compile(l.Model, compile.Options{Target: c.Target, Batch: c.Batch})
		require.NoError(t, err, path)
		assert.Equal(t, c.Weights, again.Weights, path)
		report, err := machine.CheckTokens(again, 4)
		require.NoError(t, err)
		assert.Empty(t, report.Findings(), path)
		x, h := recordedRun(t, path)
		m, err := machine.New(again, machine.Options{})
		require.NoError(t, err)
		result, err := m.Run(context.Background(), x, nil)
		require.NoError(t, err)
		assert.Equal(t, h, result.Output, path)
		lifted, err := compile.Lift(again)
		require.NoError(t, err)
		assert.NoError(t, xmodel.Equal(l.Model.Cells[0].Graph, lifted.Model.Cells[0].Graph))
		costs := machine.DefaultCosts()
		e0, err := machine.NewEstimate(c, 100, costs)
		require.NoError(t, err)
		e1, err := machine.NewEstimate(again, 100, costs)
		require.NoError(t, err)
		assert.Less(t, e1.Frame, 0.85*e0.Frame, path)
		assert.Less(t, e1.Once, e0.Once, path)
		assert.Len(t, again.Cells[0].Loop, len(c.Cells[0].Loop), path)
		assert.Len(t, again.End, len(c.End), path)
	}
}
