package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// benchShapes are the shapes of the project's benchmark: inputs, units of each layer, timesteps, sequences.
var benchShapes = []struct {
	name                  string
	inputs                int
	hidden                []int
	steps, batch, threads int
}{
	{name: "S1", inputs: 32, hidden: []int{100}, steps: 500, batch: 1},
	{name: "S2", inputs: 32, hidden: []int{100}, steps: 500, batch: 32},
	{name: "S3", inputs: 128, hidden: []int{128}, steps: 500, batch: 1},
	{name: "S4", inputs: 512, hidden: []int{512}, steps: 200, batch: 1},
	{name: "S5", inputs: 1024, hidden: []int{1024}, steps: 100, batch: 1},
	{name: "S6", inputs: 1024, hidden: []int{1024}, steps: 100, batch: 16},
	{name: "S7", inputs: 700, hidden: []int{1024, 1024}, steps: 100, batch: 1},
}

// benchWeights draws weights as training leaves them: most of them small, the largest near the end of the range.
func benchWeights(r *rand.Rand, bits int) int16 {
	limit := 1 << (bits - 1)
	if bits == 16 {
		limit = 1 << 11
	}
	return int16(min(max(int(r.NormFloat64()*float64(limit)/4), 1-limit), limit-1))
}

// roofline is measured once for each size of weights.
var rooflines = map[int]Roofline{}

func roofline(hidden, bits int) Roofline {
	size := 4 * hidden * hidden * bits / 8
	if _, ok := rooflines[size]; !ok {
		rooflines[size] = MeasureRoofline(size, 300*time.Millisecond)
	}
	return rooflines[size]
}

func BenchmarkLSTM(b *testing.B) {
	for _, shape := range benchShapes {
		for _, bits := range []int{8, 16} {
			for _, threads := range []int{1, 2} {
				b.Run(fmt.Sprintf("shape=%s/weights=%d/threads=%d", shape.name, bits, threads), func(b *testing.B) {
					r := rand.New(rand.NewPCG(1, 2))
					inputs, products, limit := shape.inputs, 0, 0.0 // limit is in seconds a step
					var layers []*LSTM
					var batches [][]Sequence
					for _, hidden := range shape.hidden {
						layer, err := NewLSTM(alignedLSTM(r, benchWeights, inputs, hidden, bits, 12))
						if err != nil {
							b.Fatal(err)
						}
						batch := make([]Sequence, shape.batch)
						for n := range batch {
							batch[n] = randomSequence(r, fills[1].fill, fills[0].fill, inputs, hidden, shape.steps, Layout{})
							batch[n].Trace = nil
							if len(batches) > 0 {
								batch[n].X = batches[len(batches)-1][n].Output
							}
						}
						layers, batches = append(layers, layer), append(batches, batch)
						products += 4 * hidden * (inputs + hidden)
						limit += 1 / roofline(hidden, bits).StepsPerSecond(inputs, hidden, shape.batch, bits)
						inputs = hidden
					}
					shortest := time.Hour
					b.ResetTimer()
					for b.Loop() {
						begin := time.Now()
						for n, layer := range layers {
							if err := layer.Run(batches[n], threads); err != nil {
								b.Fatal(err)
							}
						}
						shortest = min(shortest, time.Since(begin))
					}
					// benchstat gets the mean; the best run is what other work on the machine disturbs least.
					steps := float64(b.N) * float64(shape.steps*shape.batch) / b.Elapsed().Seconds()
					b.ReportMetric(steps, "steps/s")
					b.ReportMetric(steps*float64(products)/1e9, "GMAC/s")
					best := float64(shape.steps*shape.batch) / shortest.Seconds()
					b.ReportMetric(best, "best-steps/s")
					b.ReportMetric(best*limit, "of-roofline")
				})
			}
		}
	}
}
