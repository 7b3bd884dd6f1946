package bench

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/xmodel"
)

// BenchmarkShape runs every shape of the project's benchmark, in the names that benchstat takes apart:
//
//	go test -run - -bench Shape -count 10 ./bench | tee new.txt; benchstat -col /threads new.txt
func BenchmarkShape(b *testing.B) {
	for _, n := range Standard() {
		for _, kind := range []xmodel.CellKind{xmodel.LSTM, xmodel.GRU} {
			for _, bits := range []int{8, 16} {
				for _, threads := range []int{1, 2} {
					c := Config{Shape: n.Shape, Kind: kind, WeightBits: bits, Threads: threads}
					b.Run(fmt.Sprintf("shape=%s/cell=%v/weights=%d/threads=%d", n.Name, kind, bits, threads), func(b *testing.B) { run(b, c) })
				}
			}
		}
	}
}

// BenchmarkValues shows what values that are not usual cost.
func BenchmarkValues(b *testing.B) {
	for _, n := range Standard() {
		for _, bits := range []int{8, 16} {
			for _, values := range AllValues() {
				c := Config{Shape: n.Shape, WeightBits: bits, Threads: 1, Values: values}
				b.Run(fmt.Sprintf("shape=%s/weights=%d/values=%s", n.Name, bits, values), func(b *testing.B) { run(b, c) })
			}
		}
	}
}

func run(b *testing.B, c Config) {
	w, err := NewWorkload(c)
	require.NoError(b, err)
	for b.Loop() {
		_, err := w.Run(context.Background())
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.N)*float64(w.stepsPerRun())/b.Elapsed().Seconds(), "steps/s")
}
