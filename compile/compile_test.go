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

// execute runs a compiled model on the machine.
func TestRealModelsCompiledAgain(t *testing.T) {
	for _, path := range realFiles(t) {
		c := readCompiled(t, path)
		l, err := compile.Lift(c)
		require.NoError(t, err)
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
		t.Logf("%s %v -> %v  once %d %d words %d %d", path, e0.Frame, e1.Frame, e0.Once, e1.Once, len(c.Cells[0].Loop)/16, len(again.Cells[0].Loop)/16)
	}
}
