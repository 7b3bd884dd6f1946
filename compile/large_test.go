package compile_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/compile"
	"rnnsim/dump"
	"rnnsim/sim/machine"
	"rnnsim/xmodel"
)

// TestSizesOnEveryConfiguration runs the smallest sizes, those at the edges of padding, and large ones.
func TestSizesOnEveryConfiguration(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles large models")
	}
	for i, size := range [][2]int{{1, 1}, {32, 64}, {33, 65}, {200, 300}, {7, 64}, {96, 200}} {
		o := configurations[i%len(configurations)]
		for _, kind := range []xmodel.CellKind{xmodel.LSTM, xmodel.GRU} {
			m := modelOf(t, plainSpec(kind, 0, i%2 == 1, size[0], size[1], 12))
			c, err := compile.Compile(m, o)
			require.NoError(t, err)
			report, err := machine.CheckTokens(c, 3)
			require.NoError(t, err)
			assert.Empty(t, report.Findings())
			_, err = compile.Lift(c)
			require.NoError(t, err)
			var stimulus []dump.Sequence
			for lane := range o.Batch {
				var s dump.Sequence
				for n := range 5 * size[0] {
					s.Fixed = append(s.Fixed, int16((n+lane*7)*12347))
				}
				stimulus = append(stimulus, s)
			}
			device, err := machine.New(c, machine.Options{})
			require.NoError(t, err)
			ran, err := device.Run(context.Background(), stimulus, nil)
			require.NoError(t, err)
			assert.Equal(t, simulate(t, m, stimulus), ran.Output, "%s %v %v", kind, size, o)
		}
	}
}
