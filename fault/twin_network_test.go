package fault_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/fault"
	"rnnsim/golden"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// twinNetwork is the cells of a network.
type twinNetwork struct {
	models []twinModel
	cells  []dump.Cell
}

func newTwinNetwork(t *testing.T, m *xmodel.Model) *twinNetwork {
	t.Helper()
	exact, err := golden.NewExact(m, xmodel.Sane)
	require.NoError(t, err)
	n := &twinNetwork{cells: exact.Header().Cells}
	for i := range n.cells {
		model, err := newTwinModel(exact, i)
		require.NoError(t, err)
		n.models = append(n.models, model)
	}
	return n
}

// run computes sequences, one after another, with faults, and gives each frame: by cell, sequence and step, then by node.
func (n *twinNetwork) run(faults []*fault.Fault, sequences []dump.Sequence) map[[3]int]map[string][]int64 {
	frames := map[[3]int]map[string][]int64{}
	twins := make([]*twin, len(n.models))
	for i, m := range n.models {
		twins[i] = m.with(i, faults)
	}
	for number, s := range sequences {
		x := n.offered(s)
		for layer := range n.cells[len(n.cells)-1].Layer + 1 {
			above := make([]twinEntry, len(x))
			for i, cell := range n.cells {
				if cell.Layer != layer {
					continue
				}
				t := twins[i]
				t.begin(s, i)
				for step := range x {
					time := step
					if cell.Backward {
						time = len(x) - 1 - step
					}
					frame := t.next(x[time], nil)
					frames[[3]int{i, number, step}] = frame
					for _, v := range frame["h_next"] {
						above[time].integers = append(above[time].integers, v)
						above[time].positions = append(above[time].positions, t.nodes["h_next"].Position)
					}
				}
			}
			x = above
		}
	}
	return frames
}

func (t *twin) begin(s dump.Sequence, cell int) {
	t.step, t.h0, t.c0 = 0, nil, nil
	if len(s.Initial) > 0 {
		t.h0, t.c0 = widened(s.Initial[cell].H), widened(s.Initial[cell].C)
	}
}

// offered is what a sequence offers to the first layer, a step.
func (n *twinNetwork) offered(s dump.Sequence) []twinEntry {
	x := n.models[0].nodes["input_0"]
	steps := make([]twinEntry, max(len(s.Float), len(s.Fixed))/x.Width)
	for i, v := range s.Float {
		steps[i/x.Width].real = append(steps[i/x.Width].real, float64(v))
	}
	for i, v := range s.Fixed {
		e := &steps[i/x.Width]
		e.integers, e.positions = append(e.integers, int64(v)), append(e.positions, x.Position)
	}
	return steps
}

func widened(values []int16) []int64 {
	var out []int64
	for _, v := range values {
		out = append(out, int64(v))
	}
	return out
}

func equalValues(a []int64, b []int16) bool {
	if len(a) != len(b) {
		return false
	}
	for i, v := range a {
		if v != int64(b[i]) {
			return false
		}
	}
	return true
}

// requireTwin holds a datapath equal to the twin, at every node of every step. It says whether the faults show.
func (n *twinNetwork) requireTwin(t *testing.T, base *fault.Base, faults []*fault.Fault, sequences []dump.Sequence, sound map[[3]int]map[string][]int64) (shows bool) {
	t.Helper()
	want := n.run(faults, sequences)
	path := base.With(faults...)
	runner := path.Runner()
	frames := 0
	for number := range sequences {
		require.NoError(t, runner.Sequence(context.Background(), number, &sequences[number], func(f *dump.Frame) error {
			frames++
			key := [3]int{f.Cell, f.Sequence, f.Step}
			for i, node := range n.cells[f.Cell].Nodes {
				if !equalValues(want[key][node.Name], f.Fixed[i]) {
					require.Equal(t, want[key][node.Name], widened(f.Fixed[i]), "%s: cell %d, sequence %d, step %d, %s", path, f.Cell, f.Sequence, f.Step, node.Name)
				}
				shows = shows || sound != nil && !equalValues(sound[key][node.Name], f.Fixed[i])
			}
			return nil
		}))
	}
	require.Len(t, want, frames)
	return shows
}

// tinyCell draws a cell of 5 units. Its nodes stand at one position, as an export leaves them, or at positions of their own.
func tinyCell(random *rand.Rand, kind xmodel.CellKind, bits, layer int, backward, apart bool, features int) xmodel.CellSpec {
	direction := "forward"
	if backward {
		direction = "backward"
	}
	spec := xmodel.CellSpec{
		Name: fmt.Sprintf("Tiny_Standard%sCell_layer_%d_%s", map[xmodel.CellKind]string{xmodel.LSTM: "Lstm", xmodel.GRU: "Gru"}[kind], layer, direction),
		Kind: kind, Backward: backward, Input: features, Hidden: 5, Bias: true, Values: map[string][]float32{}, Formats: map[string]fixed.Format{},
	}
	position := func(usual, low, high int) int {
		if apart {
			return low + random.IntN(high-low+1)
		}
		return usual
	}
	parameter := func(label string, f fixed.Format, count int) {
		spec.Formats[label] = f
		for i := range count {
			v := random.Int64N(f.Max()-f.Min()+1) + f.Min()
			switch {
			case i < features: // as far as an accumulator can be driven
				v = []int64{f.Min(), f.Max()}[random.IntN(2)]
			case random.IntN(2) == 0:
				v /= 8
			}
			spec.Values[label] = append(spec.Values[label], float32(fixed.Real(v, f.Position)))
		}
	}
	for _, n := range xmodel.Nodes(kind) {
		spec.Formats[n.Label] = fixed.Format{Bits: 16, Position: position(12, 8, 14)}
		switch n.Op {
		case "sigmoid", "tanh":
			spec.Formats[n.Label] = fixed.Format{Bits: 16, Position: position(15, 14, 15)}
		case "matmul":
			columns := spec.Hidden
			if n.Reads[0] == "input_0" {
				columns = features
			}
			parameter(n.Weight, fixed.Format{Bits: bits, Position: position(bits-3, bits-5, bits-2)}, spec.Hidden*columns)
			if n.Bias != "" {
				parameter(n.Bias, fixed.Format{Bits: 16, Position: position(12, 10, 15)}, spec.Hidden)
			}
			if bits == 8 {
				if spec.MatmulInputs == nil {
					spec.MatmulInputs = map[string]fixed.Format{}
				}
				spec.MatmulInputs[n.Label] = fixed.Format{Bits: 8, Position: position(5, 3, 7)}
			}
		}
	}
	return spec
}

func modelOf(t *testing.T, specs ...xmodel.CellSpec) *xmodel.Model {
	t.Helper()
	var graphs []*xmodel.Graph
	for _, spec := range specs {
		g, err := xmodel.Build(spec)
		require.NoError(t, err)
		graphs = append(graphs, g)
	}
	m, err := xmodel.NewModel(graphs...)
	require.NoError(t, err)
	return m
}

// realSteps are sequences of real numbers on and off the grid, up to a little beyond its range.
func realSteps(random *rand.Rand, features, steps, position int) dump.Sequence {
	var s dump.Sequence
	for range features * steps {
		s.Float = append(s.Float, float32(fixed.Real((random.Int64N(1<<20)-1<<19)>>random.IntN(12), position+2)))
	}
	return s
}
