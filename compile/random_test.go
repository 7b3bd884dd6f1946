package compile_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/compile"
	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/sim/machine"
	"rnnsim/xmodel"
)

// configurations are the cores that there are to compile for.
var configurations = []compile.Options{{Target: xmodel.U25, Batch: 1}, {Target: xmodel.U50, Batch: 3}, {Target: xmodel.U50, Batch: 4}}

// drawSpec draws a cell whose fix positions the instructions can express.
func drawSpec(t *rapid.T, kind xmodel.CellKind, layer int, backward bool, input, hidden int) xmodel.CellSpec {
	spec := xmodel.CellSpec{
		Name: graphName(kind, layer, backward), Kind: kind, Backward: backward, Input: input, Hidden: hidden, Bias: rapid.Bool().Draw(t, "bias"),
		Values: map[string][]float32{}, Formats: map[string]fixed.Format{},
	}
	drawPositions(t, &spec)
	for _, label := range xmodel.Parameters(kind, spec.Bias) {
		n := hidden
		switch {
		case strings.HasPrefix(label, "weight_i"):
			n *= input
		case strings.HasPrefix(label, "weight_h"):
			n *= hidden
		}
		position := spec.Formats[label].Position
		// Some models are small of value, some saturate everywhere.
		reach := rapid.SampledFrom([]int{1 << 6, 1 << 11, 1 << 15}).Draw(t, "reach")
		seed := rapid.Uint64().Draw(t, "seed")
		for range n {
			seed = seed*6364136223846793005 + 1442695040888963407
			q := int64(int16(seed>>48)) * int64(reach) >> 15
			spec.Values[label] = append(spec.Values[label], float32(fixed.Real(q, position)))
		}
	}
	return spec
}

func graphName(kind xmodel.CellKind, layer int, backward bool) string {
	name, direction := "Lstm_StandardLstmCell", "forward"
	if kind == xmodel.GRU {
		name = "Gru_StandardGruCell"
	}
	if backward {
		direction = "backward"
	}
	return fmt.Sprintf("%s_layer_%d_%s", name, layer, direction)
}

// drawPositions draws formats: every sum no finer than its parts, all else free within a few bits.
func drawPositions(t *rapid.T, spec *xmodel.CellSpec) {
	draw := func(label string, low, high int) int {
		p := rapid.IntRange(low, high).Draw(t, label)
		spec.Formats[label] = fixed.Format{Bits: 16, Position: p}
		return p
	}
	alike := rapid.Bool().Draw(t, "alike") // as the quantizer's export leaves them
	common := rapid.IntRange(8, 15).Draw(t, "common")
	for _, n := range xmodel.Nodes(spec.Kind) {
		low, high := common-3, common
		switch {
		case n.Op == "sigmoid" || n.Op == "tanh":
			low, high = 15, 15
			if !alike {
				low = 12
			}
		case n.Label == "input_0":
			low, high = 8, 15
		case alike:
			low = common
		case n.Op == "add" || n.Op == "sub":
			high = common
			for _, r := range n.Reads {
				high = min(high, spec.Formats[r].Position)
			}
			low = high - 2
			if n.Op == "sub" { // what is taken away may be no finer
				spec.Formats["cct"] = fixed.Format{Bits: 16, Position: max(spec.Formats["cct"].Position, spec.Formats[n.Reads[1]].Position)}
			}
		}
		draw(n.Label, low, high)
		if n.Weight != "" {
			out := spec.Formats[n.Label].Position
			draw(n.Weight, out-2, out+3)
			if n.Bias != "" {
				draw(n.Bias, out, out+2)
			}
		}
	}
}

// drawModel draws a stack of layers, each of one direction.
func drawModel(t *rapid.T, most int, inputs, units int) *xmodel.Model {
	kind := rapid.SampledFrom([]xmodel.CellKind{xmodel.LSTM, xmodel.GRU}).Draw(t, "kind")
	layers, backward := rapid.IntRange(1, most).Draw(t, "layers"), rapid.Bool().Draw(t, "backward")
	input := rapid.IntRange(1, inputs).Draw(t, "input")
	var graphs []*xmodel.Graph
	for layer := range layers {
		hidden := rapid.IntRange(1, units).Draw(t, "hidden")
		g, err := xmodel.Build(drawSpec(t, kind, layer, backward, input, hidden))
		require.NoError(t, err)
		graphs = append(graphs, g)
		input = hidden
	}
	m, err := xmodel.NewModel(graphs...)
	require.NoError(t, err)
	return m
}

func drawStimulus(t *rapid.T, sequences, features int) []dump.Sequence {
	seed := rapid.Uint64().Draw(t, "stimulus")
	steps := rapid.IntRange(1, 6).Draw(t, "steps")
	var list []dump.Sequence
	for range sequences {
		var s dump.Sequence
		for range steps * features {
			seed = seed*6364136223846793005 + 1442695040888963407
			s.Fixed = append(s.Fixed, int16(seed>>48))
		}
		list = append(list, s)
	}
	return list
}

// requireEqualLevels holds a compiled model against its graphs: on the machine, in its tokens, and by lifting it again.
func requireEqualLevels(t *rapid.T, m *xmodel.Model, o compile.Options) {
	c, err := compile.Compile(m, o)
	require.NoError(t, err)
	report, err := machine.CheckTokens(c, 3)
	require.NoError(t, err)
	require.Empty(t, report.Findings())

	features, err := m.Cells[0].Input()
	require.NoError(t, err)
	stimulus := drawStimulus(t, o.Batch, features)
	device, err := machine.New(c, machine.Options{Seed: rapid.Uint64().Draw(t, "memory")})
	require.NoError(t, err)
	ran, err := device.Run(context.Background(), stimulus, nil)
	require.NoError(t, err)
	want := simulate(t, m, stimulus)
	require.Equal(t, want, ran.Output)

	lifted, err := compile.Lift(c)
	require.NoError(t, err)
	require.Equal(t, want, simulate(t, lifted.Model, stimulus))
	requireEqualFrames(t, c, lifted, stimulus)
	again, err := compile.Compile(lifted.Model, o)
	require.NoError(t, err)
	require.Equal(t, c.Weights, again.Weights)
}

// TestRandomModelsOnEveryConfiguration takes -rapid.checks=N for more than the usual number of models.
func TestRandomModelsOnEveryConfiguration(t *testing.T) {
	drawn := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		inputs, units := 200, 300
		if testing.Short() {
			inputs, units = 33, 65
		}
		m := drawModel(t, 3, inputs, units)
		o := rapid.SampledFrom(configurations).Draw(t, "configuration")
		requireEqualLevels(t, m, o)
		drawn[fmt.Sprintf("%s batch %d, %s", o.Target, o.Batch, count(len(m.Cells), "cell"))]++
	})
	t.Log(drawn)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
