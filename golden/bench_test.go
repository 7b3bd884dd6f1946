package golden

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// randomCell builds an LSTM cell with random weights, positions as the quantizer chooses them.
func randomCell(t testing.TB, input, hidden, weightBits int) *xmodel.Model {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	spec := xmodel.CellSpec{
		Name: "Lstm_StandardLstmCell_layer_0_forward", Kind: xmodel.LSTM, Input: input, Hidden: hidden, Bias: true,
		Values: map[string][]float32{}, Formats: map[string]fixed.Format{}, MatmulInputs: map[string]fixed.Format{},
	}
	for _, n := range xmodel.Nodes(xmodel.LSTM) {
		spec.Formats[n.Label] = fixed.Format{Bits: 16, Position: 12}
		if n.Op == "sigmoid" || n.Op == "tanh" {
			spec.Formats[n.Label] = fixed.Format{Bits: 16, Position: 15}
		}
		if n.Op == "matmul" && weightBits == 8 {
			spec.MatmulInputs[n.Label] = fixed.Format{Bits: 8, Position: 6}
		}
	}
	for _, label := range xmodel.Parameters(xmodel.LSTM, true) {
		f, size := fixed.Format{Bits: weightBits, Position: weightBits - 1}, hidden*hidden
		switch {
		case label[0] == 'b':
			f, size = fixed.Format{Bits: 16, Position: 12}, hidden
		case label[7] == 'i':
			size = hidden * input
		}
		spec.Formats[label] = f
		values := make([]float32, size)
		for i := range values {
			values[i] = float32(random.IntN(1<<(f.Bits-2))-1<<(f.Bits-3)) / float32(int(1)<<f.Position)
		}
		spec.Values[label] = values
	}
	g, err := xmodel.Build(spec)
	require.NoError(t, err)
	return &xmodel.Model{Cells: []xmodel.Cell{{Graph: g}}}
}

// discard is a sink that keeps nothing.
type discard struct{}

func (discard) Begin(dump.Header) error { return nil }
func (discard) Write(*dump.Frame) error { return nil }
func (discard) Close() error            { return nil }
func (discard) Abort() error            { return nil }

func BenchmarkExact(b *testing.B) {
	for _, weightBits := range []int{16, 8} {
		for _, shape := range [][2]int{{32, 100}, {128, 128}, {512, 512}} {
			b.Run(fmt.Sprintf("bits=%d/input=%d/hidden=%d", weightBits, shape[0], shape[1]), func(b *testing.B) {
				exact, err := NewExact(randomCell(b, shape[0], shape[1], weightBits), xmodel.Sane)
				require.NoError(b, err)
				x := make([]int16, b.N*shape[0])
				random := rand.New(rand.NewPCG(3, 4))
				for i := range x {
					x[i] = int16(random.IntN(1<<14) - 1<<13)
				}
				b.ResetTimer()
				require.NoError(b, exact.Run(context.Background(), []dump.Sequence{{Fixed: x}}, discard{}))
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
			})
		}
	}
}
