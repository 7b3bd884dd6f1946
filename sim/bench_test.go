package sim_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

// plainCell is a cell as the quantizer leaves one: position 12 throughout, 15 behind the tables.
func plainCell(kind xmodel.CellKind, inputs, hidden, bits int) xmodel.CellSpec {
	spec := xmodel.CellSpec{
		Name: "Net_Cell_layer_0_forward", Kind: kind, Input: inputs, Hidden: hidden, Bias: true,
		Values: map[string][]float32{}, Formats: map[string]fixed.Format{}, MatmulInputs: map[string]fixed.Format{},
	}
	fill := func(label string, count int, f fixed.Format, amplitude float64) {
		spec.Formats[label] = f
		for i := range count {
			v := fixed.Floor.Quantize(amplitude*math.Sin(float64(i*i+len(spec.Values))), f)
			spec.Values[label] = append(spec.Values[label], float32(fixed.Real(v, f.Position)))
		}
	}
	for _, n := range xmodel.Nodes(kind) {
		spec.Formats[n.Label] = fixed.Format{Bits: 16, Position: 12}
		if n.Op == "sigmoid" || n.Op == "tanh" {
			spec.Formats[n.Label] = fixed.Format{Bits: 16, Position: 15}
		}
		if n.Weight == "" {
			continue
		}
		columns := inputs
		if n.Weight[len("weight_")] == 'h' {
			columns = hidden
		}
		weight := fixed.Format{Bits: 16, Position: 12}
		if bits == 8 {
			weight = fixed.Format{Bits: 8, Position: 7}
			spec.MatmulInputs[n.Label] = fixed.Format{Bits: 8, Position: 6}
		}
		fill(n.Weight, hidden*columns, weight, 0.2)
		if n.Bias != "" {
			fill(n.Bias, hidden, fixed.Format{Bits: 16, Position: 12}, 0.5)
		}
	}
	return spec
}

// BenchmarkRun reports timesteps a second of one sequence on one thread: without a sink and with one that takes every node, by
// the kernels and node by node.
func BenchmarkRun(b *testing.B) {
	for _, shape := range []struct {
		kind                 xmodel.CellKind
		inputs, hidden, bits int
	}{
		{xmodel.LSTM, 8, 32, 16}, {xmodel.LSTM, 32, 100, 16}, {xmodel.LSTM, 32, 100, 8}, {xmodel.GRU, 32, 100, 16}, {xmodel.LSTM, 256, 512, 16},
	} {
		for variant := range 4 {
			recorded, nodes := variant&1 != 0, variant&2 != 0
			name := fmt.Sprintf("%v/%dx%d/w%d/recorded=%t/nodes=%t", shape.kind, shape.inputs, shape.hidden, shape.bits, recorded, nodes)
			b.Run(name, func(b *testing.B) {
				specs := [][]xmodel.CellSpec{{plainCell(shape.kind, shape.inputs, shape.hidden, shape.bits)}}
				plan, err := sim.Compile(build(b, specs), sim.Options{Threads: 1, NodeByNode: nodes})
				require.NoError(b, err)
				const steps = 100
				s := dump.Sequence{Float: make([]float32, steps*shape.inputs)}
				for i := range s.Float {
					s.Float[i] = float32(math.Sin(float64(i)))
				}
				var sink dump.Sink
				if recorded {
					sink = &slow{write: func(*dump.Frame) {}}
				}
				for b.Loop() {
					_, err := plan.Run(context.Background(), []dump.Sequence{s}, sink)
					require.NoError(b, err)
				}
				b.ReportMetric(float64(b.N)*steps/b.Elapsed().Seconds(), "steps/s")
			})
		}
	}
}
