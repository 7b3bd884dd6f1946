package compile_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/compile"
	"rnnsim/sim/machine"
	"rnnsim/xmodel"
)

// drawBidirectional draws layers of two directions; what both directions share lies at one position.
func drawBidirectional(t *rapid.T) (m *xmodel.Model, hidden int) {
	kind := rapid.SampledFrom([]xmodel.CellKind{xmodel.LSTM, xmodel.GRU}).Draw(t, "kind")
	inputs, most := 200, 300
	if testing.Short() {
		inputs, most = 33, 33
	}
	input := rapid.IntRange(1, inputs).Draw(t, "input")
	var graphs []*xmodel.Graph
	layers := rapid.IntRange(1, 2).Draw(t, "layers")
	for layer := range layers {
		hidden = rapid.IntRange(1, most).Draw(t, "hidden")
		forward := drawSpec(t, kind, layer, false, input, hidden)
		backward := drawSpec(t, kind, layer, true, input, hidden)
		for _, shared := range []string{"input_0", "h_next"} {
			backward.Formats[shared] = forward.Formats[shared]
		}
		for _, spec := range []xmodel.CellSpec{forward, backward} {
			g, err := xmodel.Build(spec)
			require.NoError(t, err)
			graphs = append(graphs, g)
		}
		input = 2 * hidden
	}
	m, err := xmodel.NewModel(graphs...)
	require.NoError(t, err)
	return m, hidden
}

func TestRandomBidirectionalModels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, hidden := drawBidirectional(t)
		o := rapid.SampledFrom(configurations).Draw(t, "configuration")
		c, err := compile.Compile(m, o)
		if err != nil { // the position of h_next that was taken over may not be one that its sum can have
			require.ErrorContains(t, err, "adds up")
			t.Skip("the position of h_next")
		}
		report, err := machine.CheckTokens(c, 3)
		require.NoError(t, err)
		require.Empty(t, report.Findings())
		features, err := m.Cells[0].Input()
		require.NoError(t, err)
		stimulus := drawStimulus(t, o.Batch, features)
		lifted, err := compile.Lift(c)
		require.NoError(t, err)
		want := simulate(t, m, stimulus)
		require.Equal(t, want, simulate(t, lifted.Model, stimulus))
		requireEqualFrames(t, c, lifted, stimulus)

		// Without a view the frames are as they lie in memory.
		device, err := machine.New(c, machine.Options{Seed: rapid.Uint64().Draw(t, "memory")})
		require.NoError(t, err)
		ran, err := device.Run(context.Background(), stimulus, nil)
		require.NoError(t, err)
		for n := range want {
			require.Equal(t, want[n], withoutGap(ran.Output[n], hidden))
		}
	})
}

// withoutGap takes the padding out between the h of the two directions.
func withoutGap(values []int16, hidden int) []int16 {
	padded := (hidden + 63) / 64 * 64
	var list []int16
	for ; len(values) > 0; values = values[padded+hidden:] {
		list = append(append(list, values[:hidden]...), values[padded:padded+hidden]...)
	}
	return list
}
