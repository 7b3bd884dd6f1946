package sim_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

// drawPositions gives a source of fix positions: as an export leaves them, near each other, or anything legal.
func drawPositions(t *rapid.T) func(label string) int {
	low, high := 12, 12
	switch rapid.SampledFrom([]string{"exported", "near", "any"}).Draw(t, "positions") {
	case "near":
		low, high = 6, 15
	case "any":
		low, high = fixed.MinPosition, fixed.MaxPosition
	}
	return func(label string) int { return rapid.IntRange(low, high).Draw(t, label) }
}

// drawCell draws a standard cell. Weights are of any size, so that sums saturate now and then.
func drawCell(t *rapid.T, kind xmodel.CellKind, name string, backward bool, inputs, hidden, bits int) xmodel.CellSpec {
	position := drawPositions(t)
	spec := xmodel.CellSpec{
		Name: name, Kind: kind, Backward: backward, Input: inputs, Hidden: hidden, Bias: rapid.Bool().Draw(t, "bias"),
		Values: map[string][]float32{}, Formats: map[string]fixed.Format{},
	}
	size := rapid.IntRange(1, bits-1).Draw(t, "magnitude of the weights")
	widths := rapid.SampledFrom([][]int{{16}, {16, 10, 5}}).Draw(t, "widths of nodes")
	for _, n := range xmodel.Nodes(kind) {
		f := fixed.Format{Bits: 16, Position: position(n.Label)}
		if n.Op != "data" {
			f.Bits = rapid.SampledFrom(widths).Draw(t, n.Label+" bits")
		}
		if n.Op == "sigmoid" || n.Op == "tanh" {
			f.Position = rapid.SampledFrom([]int{15, f.Position}).Draw(t, n.Label+" from the table")
		}
		spec.Formats[n.Label] = f
		if n.Weight == "" {
			continue
		}
		drawParam(t, &spec, n.Weight, fixed.Format{Bits: bits, Position: position(n.Weight)}, size)
		if n.Bias != "" && spec.Bias {
			drawParam(t, &spec, n.Bias, fixed.Format{Bits: 16, Position: position(n.Bias)}, 15)
		}
		if bits != 16 {
			if spec.MatmulInputs == nil {
				spec.MatmulInputs = map[string]fixed.Format{}
			}
			spec.MatmulInputs[n.Label] = fixed.Format{Bits: bits, Position: position(n.Label + " input")}
		}
	}
	return spec
}

func drawParam(t *rapid.T, spec *xmodel.CellSpec, label string, f fixed.Format, size int) {
	spec.Formats[label] = f
	for _, v := range drawInts(t, label, spec.Count(label), size) {
		spec.Values[label] = append(spec.Values[label], float32(math.Ldexp(float64(v), -f.Position)))
	}
}

// drawInts draws integers of size bits beside the sign, the ends of the range among them. A seed keeps long rows cheap.
func drawInts(t *rapid.T, label string, count, size int) []int16 {
	seed := rapid.Uint64().Draw(t, label)
	values := make([]int16, count)
	for i := range values {
		seed = seed*6364136223846793005 + 1442695040888963407
		switch v := int64(seed>>33) & (1<<(size+1) - 1); seed >> 60 {
		case 0:
			values[i] = int16(-1 << size)
		case 1:
			values[i] = int16(1<<size - 1)
		default:
			values[i] = int16(v - 1<<size)
		}
	}
	return values
}

func drawNetwork(t *rapid.T) [][]xmodel.CellSpec {
	kind := rapid.SampledFrom([]xmodel.CellKind{xmodel.LSTM, xmodel.GRU}).Draw(t, "kind")
	bits := rapid.SampledFrom([]int{16, 8}).Draw(t, "bits")
	inputs := rapid.IntRange(1, 20).Draw(t, "inputs")
	directions := rapid.IntRange(1, 2).Draw(t, "directions")
	var layers [][]xmodel.CellSpec
	for l := range rapid.IntRange(1, 2).Draw(t, "layers") {
		hidden := rapid.IntRange(1, 20).Draw(t, "hidden")
		var layer []xmodel.CellSpec
		for d := range directions {
			name := fmt.Sprintf("Net_Cell_layer_%d_%d", l, d)
			layer = append(layer, drawCell(t, kind, name, d == 1, inputs, hidden, bits))
		}
		layers, inputs = append(layers, layer), directions*hidden
	}
	return layers
}

func drawSequence(t *rapid.T, specs [][]xmodel.CellSpec) dump.Sequence {
	var s dump.Sequence
	count := specs[0][0].Input * rapid.IntRange(1, 5).Draw(t, "steps")
	values := drawInts(t, "x", count, 15)
	if rapid.Bool().Draw(t, "integers") {
		s.Fixed = values
	} else {
		scale := rapid.IntRange(-40, 40).Draw(t, "scale of x")
		for _, v := range values {
			s.Float = append(s.Float, float32(math.Ldexp(float64(v)+0.375, scale)))
		}
	}
	if rapid.Bool().Draw(t, "initial states") {
		for _, layer := range specs {
			for _, spec := range layer {
				state := dump.State{H: drawInts(t, "h", spec.Hidden, 15)}
				if spec.Kind == xmodel.LSTM {
					state.C = drawInts(t, "c", spec.Hidden, 15)
				}
				s.Initial = append(s.Initial, state)
			}
		}
	}
	return s
}

func build(t require.TestingT, specs [][]xmodel.CellSpec) *xmodel.Model {
	m := &xmodel.Model{Source: "a drawn model"}
	for l, layer := range specs {
		for _, spec := range layer {
			g, err := xmodel.Build(spec)
			require.NoError(t, err)
			m.Cells = append(m.Cells, xmodel.Cell{Graph: g, Layer: l, Backward: spec.Backward})
		}
	}
	return m
}

// requireReference compares every node of every frame, its saturation count, and the output.
func requireReference(t require.TestingT, specs [][]xmodel.CellSpec, compat xmodel.Compat, sequences []dump.Sequence, trace *dump.Memory, result *sim.Result) {
	expected := make([][][]map[string]*tensor, len(sequences))
	for i, s := range sequences {
		var output []int16
		expected[i], output = refRun(specs, compat, s)
		require.Equal(t, output, result.Output[i], "output of sequence %d", i)
	}
	for _, f := range trace.Frames {
		want := expected[f.Sequence][f.Cell][f.Step]
		nodes := trace.Header.Cells[f.Cell].Nodes
		require.Len(t, want, len(nodes))
		for i, n := range nodes {
			w := want[n.Label]
			require.NotNil(t, w, n.Label)
			at := fmt.Sprintf("cell %d, sequence %d, step %d, %s", f.Cell, f.Sequence, f.Step, n.Label)
			require.Equal(t, w.ints, f.Fixed[i], at)
			require.Equal(t, w.clamped, f.Saturations[i], at)
			require.Equal(t, w.format, fixed.Format{Bits: n.Bits, Position: n.Position}, at)
		}
	}
}

func TestRandomNetworksEqualExactReals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		specs := drawNetwork(t)
		sequences := []dump.Sequence{drawSequence(t, specs), drawSequence(t, specs)}
		compat := rapid.SampledFrom([]xmodel.Compat{xmodel.Sane, xmodel.VAI20}).Draw(t, "compat")
		plan, err := sim.Compile(build(t, specs), sim.Options{Compat: compat, Threads: 2, NodeByNode: rapid.Bool().Draw(t, "node by node")})
		require.NoError(t, err)
		trace := dump.NewMemory()
		result, err := plan.Run(context.Background(), sequences, trace)
		require.NoError(t, err)
		requireReference(t, specs, compat, sequences, trace, result)
	})
}

// The last unit alone is clamped: it lies past the whole registers in which the magnitudes of a row are looked for.
func TestClampedValuesPastTheLastWholeRegisterAreCounted(t *testing.T) {
	const hidden = 9
	formats := map[string]fixed.Format{}
	spec := xmodel.CellSpec{Name: "Tail", Kind: xmodel.LSTM, Input: 1, Hidden: hidden, Bias: true, Values: map[string][]float32{}, Formats: formats}
	for _, n := range xmodel.Nodes(xmodel.LSTM) {
		formats[n.Label] = fixed.Format{Bits: 16, Position: 12}
		if n.Op == "sigmoid" || n.Op == "tanh" {
			formats[n.Label] = fixed.Format{Bits: 16, Position: fixed.TablePosition}
		}
	}
	for _, label := range xmodel.Parameters(xmodel.LSTM, true) {
		formats[label] = fixed.Format{Bits: 16, Position: 12}
		count := map[byte]int{'b': hidden, 'i': hidden, 'h': hidden * hidden}
		which := label[0]
		if which == 'w' {
			which = label[len("weight_")]
		}
		spec.Values[label] = make([]float32, count[which])
	}
	spec.Values["weight_if"][hidden-1] = 7.5
	specs := [][]xmodel.CellSpec{{spec}}
	sequences := []dump.Sequence{{Float: []float32{1.5, 0.5, -2}}}
	trace, result := runWith(t, build(t, specs), sim.Options{}, sequences)
	requireReference(t, specs, xmodel.Sane, sequences, trace, result)
}
