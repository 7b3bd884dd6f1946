package compile

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/fixed"
	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// TestVectorsShareAFullBank compiles for targets with less and less room in the elementwise banks. Vectors begin to share places, the
// streams still compute the cell, and when not even that helps the error says so.
func TestVectorsShareAFullBank(t *testing.T) {
	for _, kind := range []xmodel.CellKind{xmodel.LSTM, xmodel.GRU} {
		spec := xmodel.CellSpec{Name: graphName(kind, 0, false), Kind: kind, Input: 5, Hidden: 70, Bias: true, Values: map[string][]float32{}, Formats: map[string]fixed.Format{}}
		for _, n := range xmodel.Nodes(kind) {
			spec.Formats[n.Label] = fixed.Format{Bits: 16, Position: 12}
		}
		for i, label := range xmodel.Parameters(kind, true) {
			spec.Formats[label] = fixed.Format{Bits: 16, Position: 12}
			n := map[string]int{"weight_i": 5 * 70, "weight_h": 70 * 70}[label[:min(8, len(label))]]
			for j := range max(n, 70) {
				spec.Values[label] = append(spec.Values[label], float32((i*31+j*17)%101-50)/4096)
			}
		}
		g, err := xmodel.Build(spec)
		require.NoError(t, err)
		m, err := xmodel.NewModel(g)
		require.NoError(t, err)
		for _, whole := range isa.Targets() {
			target, refused, shared := *whole, false, false
			var roomy *xmodel.Compiled
			for _, units := range []int{64, 28, 22, 20, 16} {
				target.ElementwiseCapacity = units * isa.ElementwiseUnit
				c, err := compileFor(&target, &target.Cores[0], m)
				if err != nil {
					require.ErrorContains(t, err, "bytes of elementwise bank")
					refused = true
					break
				}
				if roomy == nil {
					roomy = c
				}
				shared = shared || string(c.Cells[0].Loop) != string(roomy.Cells[0].Loop)
				_, err = liftFor(&target, c)
				require.NoError(t, err, "%s with %d units", target.Name, units)
			}
			assert.True(t, shared, target.Name)
			assert.True(t, refused, target.Name)
		}
	}
}
