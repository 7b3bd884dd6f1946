package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// benchShapes are the shapes of the project's benchmark: inputs, units of each layer, timesteps, sequences.
var benchShapes = []struct {
	name         string
	inputs       int
	hidden       []int
	steps, batch int
}{
	{"S1", 32, []int{100}, 500, 1},
	{"S2", 32, []int{100}, 500, 32},
	{"S3", 128, []int{128}, 500, 1},
	{"S4", 512, []int{512}, 200, 1},
	{"S5", 1024, []int{1024}, 100, 1},
	{"S6", 1024, []int{1024}, 100, 16},
	{"S7", 700, []int{1024, 1024}, 100, 1},
}

// benchWeights draws weights as training leaves them: most of them small, the largest near the end of the range.
func benchWeights(r *rand.Rand, bits int) int16 {
	limit := 1 << (bits - 1)
	if bits == 16 {
		limit = 1 << 11
	}
	return int16(min(max(int(r.NormFloat64()*float64(limit)/4), 1-limit), limit-1))
}

// benchCell is one layer of either kind, prepared for a routine set.
func benchCell(r *rand.Rand, set *routines, cell string, inputs, hidden, bits int) func([]Sequence, int) error {
	if cell == "gru" {
		g := &GRU{p: alignedGRU(r, benchWeights, inputs, hidden, bits, 12), layout: newLayout(gruNodes, hidden)}
		g.fused, g.reason = newGRUFused(&g.p, set)
		return g.Run
	}
	l := &LSTM{p: alignedLSTM(r, benchWeights, inputs, hidden, bits, 12), layout: newLayout(lstmNodes, hidden)}
	l.fused, l.reason = newLSTMFused(&l.p, set)
	return l.Run
}

// rooflines are measured once for each size of weights.
var rooflines = map[int]Roofline{}

func roofline(hidden, bits int) Roofline {
	size := 4 * hidden * hidden * bits / 8
	if _, ok := rooflines[size]; !ok {
		rooflines[size] = MeasureRoofline(size, 300*time.Millisecond)
	}
	return rooflines[size]
}

// benchLayers runs the layers of a shape one after the other. benchstat gets the mean rate; the best run, which other work on
// the machine disturbs least, is held against the roofline.
func benchLayers(b *testing.B, set *routines, cell string, shape, bits, threads int) {
	s := benchShapes[shape]
	r := rand.New(rand.NewPCG(1, 2))
	inputs, products, limit := s.inputs, 0, 0.0 // limit is in seconds a step
	var runs []func([]Sequence, int) error
	var batches [][]Sequence
	for _, hidden := range s.hidden {
		batch := make([]Sequence, s.batch)
		for n := range batch {
			batch[n] = randomSequence(r, fills[1].fill, fills[0].fill, inputs, hidden, s.steps, Layout{})
			batch[n].Trace = nil
			if len(batches) > 0 {
				batch[n].X = batches[len(batches)-1][n].Output
			}
			if cell == "gru" {
				batch[n].C = nil
			}
		}
		runs, batches = append(runs, benchCell(r, set, cell, inputs, hidden, bits)), append(batches, batch)
		products += 4 * hidden * (inputs + hidden)
		limit += 1 / roofline(hidden, bits).StepsPerSecond(inputs, hidden, s.batch, bits)
		inputs = hidden
	}
	if cell == "gru" {
		products = products * 3 / 4
	}
	shortest := time.Hour
	for b.Loop() {
		begin := time.Now()
		for n, run := range runs {
			if err := run(batches[n], threads); err != nil {
				b.Fatal(err)
			}
		}
		shortest = min(shortest, time.Since(begin))
	}
	steps := float64(b.N) * float64(s.steps*s.batch) / b.Elapsed().Seconds()
	best := float64(s.steps*s.batch) / shortest.Seconds()
	b.ReportMetric(steps, "steps/s")
	b.ReportMetric(best, "best-steps/s")
	b.ReportMetric(best*float64(products)/1e9, "best-GMAC/s")
	if cell == "lstm" {
		b.ReportMetric(best*limit, "of-roofline")
	}
}

func benchKind(b *testing.B, cell string) {
	for _, set := range available() {
		for shape, s := range benchShapes {
			if set == generic && s.steps*s.batch*s.hidden[0] > 100_000 {
				continue // minutes a run
			}
			for _, bits := range []int{8, 16} {
				for _, threads := range []int{1, 2} {
					name := fmt.Sprintf("kernel=%s/shape=%s/weights=%d/threads=%d", set.name, s.name, bits, threads)
					b.Run(name, func(b *testing.B) { benchLayers(b, set, cell, shape, bits, threads) })
				}
			}
		}
	}
}

func BenchmarkLSTM(b *testing.B) { benchKind(b, "lstm") }
func BenchmarkGRU(b *testing.B)  { benchKind(b, "gru") }
