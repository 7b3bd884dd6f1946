package compile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/compile"
	"rnnsim/xmodel"
)

// FuzzLift follows streams of any bytes. Nothing may panic or run without end; what is accepted must be a model.
func FuzzLift(f *testing.F) {
	for i, o := range configurations {
		kind := []xmodel.CellKind{xmodel.LSTM, xmodel.GRU, xmodel.GRU}[i]
		c, err := compile.Compile(modelOf(f, plainSpec(kind, 0, false, 3, 5, 12)), o)
		require.NoError(f, err)
		f.Add(i, c.Cells[0].Init, c.Cells[0].Loop, c.End, c.Weights[:256])
		f.Add(i, c.Cells[0].Init[len(c.Cells[0].Init)-64:], c.Cells[0].Loop, c.End[:16], []byte{})
	}
	f.Fuzz(func(t *testing.T, configuration int, initial, loop, end, blob []byte) {
		o := configurations[uint(configuration)%uint(len(configurations))]
		c, err := compile.Compile(modelOf(t, plainSpec(xmodel.LSTM, 0, false, 3, 5, 12)), o)
		require.NoError(t, err)
		c.Cells[0].Init, c.Cells[0].Loop, c.End = initial, loop, end
		copy(c.Weights, blob)
		l, err := compile.Lift(c)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		for _, cell := range l.Model.Cells {
			require.NoError(t, xmodel.Validate(cell.Graph))
		}
	})
}
