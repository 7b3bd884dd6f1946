package verify_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rnnsim/bench"
	"rnnsim/sim"
	"rnnsim/verify"
)

// BenchmarkVerifyBesideRun runs a 32→100 LSTM alone, on one thread, and verifies it, in turn: what the exact reference and the
// comparison of all nodes cost is their ratio.
func BenchmarkVerifyBesideRun(b *testing.B) {
	for _, bits := range []int{8, 16} {
		b.Run(fmt.Sprintf("weights=%d", bits), func(b *testing.B) {
			const steps = 5000
			w, err := bench.NewWorkload(bench.Config{Shape: bench.Shape{Inputs: 32, Hidden: []int{100}, Steps: steps, Batch: 1}, WeightBits: bits})
			require.NoError(b, err)
			plan, err := sim.Compile(w.Model(), sim.Options{Threads: 1})
			require.NoError(b, err)
			var alone, verified time.Duration
			for b.Loop() {
				start := time.Now()
				_, err := plan.Run(context.Background(), w.Sequences(), nil)
				require.NoError(b, err)
				middle := time.Now()
				report, err := verify.Run(context.Background(), verify.Job{Model: w.Model(), Input: verify.Input{Source: "bench", Sequences: w.Sequences()}})
				require.NoError(b, err)
				require.Equal(b, verify.Pass, report.Verdict)
				alone, verified = alone+middle.Sub(start), verified+time.Since(middle)
			}
			b.ReportMetric(float64(verified)/float64(alone), "verify/run")
			b.ReportMetric(float64(b.N)*steps/verified.Seconds(), "steps/s")
		})
	}
}
