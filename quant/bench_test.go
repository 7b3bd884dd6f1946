package quant

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/model"
)

// randomNetwork makes an LSTM or GRU of the given shape with weights of uniform(-scale, scale).
func randomNetwork(rng *rand.Rand, kind model.Kind, input, hidden, layers int, directions string, bias bool, scale float32) *model.Network {
	net := &model.Network{Name: "rnn", Kind: kind, Layers: make([]model.Layer, layers)}
	values := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = (2*rng.Float32() - 1) * scale
		}
		return v
	}
	rows := kind.Gates() * hidden
	cell := func(features int) *model.Cell {
		c := &model.Cell{Input: features, Hidden: hidden, WeightIH: values(rows * features), WeightHH: values(rows * hidden)}
		if bias {
			c.BiasIH, c.BiasHH = values(rows), values(rows)
		}
		return c
	}
	for l := range net.Layers {
		switch directions {
		case "forward":
			net.Layers[l].Forward = cell(input)
		case "backward":
			net.Layers[l].Backward = cell(input)
		case "both":
			net.Layers[l].Forward, net.Layers[l].Backward = cell(input), cell(input)
		}
		input = net.Layers[l].Output()
	}
	return net
}

// randomSequences makes sequences of normal values times scale.
func randomSequences(rng *rand.Rand, sequences, steps, features int, scale float64) [][]float32 {
	out := make([][]float32, sequences)
	for i := range out {
		out[i] = make([]float32, steps*features)
		for k := range out[i] {
			out[i][k] = float32(rng.NormFloat64() * scale)
		}
	}
	return out
}

// BenchmarkCalibrate32x100 reports the time a timestep takes, for the three ways in which a search can go: small is values
// whose position the limit decides, large is values that need all five candidates at every node.
func BenchmarkCalibrate32x100(b *testing.B) {
	const steps = 2000
	for _, size := range []struct {
		name           string
		weights, input float64
		bits           int
	}{{"small", 0.1, 1, 16}, {"large", 6, 40, 16}, {"small8", 0.1, 1, 8}, {"large8", 6, 40, 8}} {
		b.Run(size.name, func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 2))
			net := randomNetwork(rng, model.LSTM, 32, 100, 1, "forward", true, float32(size.weights))
			sequences := randomSequences(rng, 20, steps/20, 32, size.input)
			b.ResetTimer()
			for b.Loop() {
				_, err := calibrate(b.Context(), net, sequences, Options{WeightBits: size.bits})
				require.NoError(b, err)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*steps), "µs/timestep")
		})
	}
}
