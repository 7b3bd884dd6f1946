package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
)

// BenchmarkTraced runs S1, and a longer S1, in turn without a trace, with one that nobody keeps, and with one that goes to Arrow
// files in the folder for temporary files. What tracing costs is their ratio in one run.
func BenchmarkTraced(b *testing.B) {
	for _, shape := range []Shape{{32, []int{100}, 500, 1}, {32, []int{100}, 20000, 1}} {
		for _, bits := range []int{8, 16} {
			for _, threads := range []int{1, 2} {
				b.Run(fmt.Sprintf("shape=%s/weights=%d/threads=%d", shape, bits, threads), func(b *testing.B) {
					w, err := NewWorkload(Config{Shape: shape, WeightBits: bits, Threads: threads})
					require.NoError(b, err)
					timed := func(sink dump.Sink) time.Duration {
						start := time.Now()
						_, err := w.plan.Run(context.Background(), w.sequences, sink)
						require.NoError(b, err)
						return time.Since(start)
					}
					dir, n := b.TempDir(), 0
					var plain, counted, written time.Duration
					for b.Loop() {
						n++
						plain += timed(nil)
						counted += timed(discard{})
						written += timed(dump.NewArrowSink(filepath.Join(dir, "trace"), dump.ArrowOptions{Replace: true}))
					}
					b.ReportMetric(float64(counted)/float64(plain), "traced/plain")
					b.ReportMetric(float64(written)/float64(plain), "arrow/plain")
					b.ReportMetric(float64(n*shape.Steps)/plain.Seconds(), "plain-steps/s")
				})
			}
		}
	}
}

// discard is a sink that keeps nothing.
type discard struct{}

func (discard) Begin(dump.Header) error { return nil }
func (discard) Write(*dump.Frame) error { return nil }
func (discard) Close() error            { return nil }
func (discard) Abort() error            { return nil }
