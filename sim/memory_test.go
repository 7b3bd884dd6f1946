package sim_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/sim"
)

// The sink holds the workers up, and the frames of the run take 200 MB.
func TestFramesTakeBoundedMemory(t *testing.T) {
	const width, limit = 20000, 32 << 20
	b := newGraph("Wide")
	q := fixed.Format{Bits: 16, Position: 8}
	x, h := b.data("input_0", 1, q), b.data("input_1", 1, q)
	h = b.compute("h_next", "add", q, x, h)
	b.compute("y", "add", q, b.constant("offsets", []int32{width}, q, make([]int16, width)...), h)
	plan, err := sim.Compile(b.returns(h), sim.Options{Threads: 2, NoOutput: true})
	require.NoError(t, err)
	steps := 2500
	if testing.Short() {
		steps = 250
	}
	for name, sequences := range map[string][]dump.Sequence{
		"few long sequences": manySequences(2, steps/2), "many short sequences": manySequences(steps, 1),
	} {
		t.Run(name, func(t *testing.T) {
			runtime.GC()
			var peak uint64
			frames := 0
			result, err := plan.Run(context.Background(), sequences, &slow{write: func(*dump.Frame) {
				if frames++; frames%100 == 0 {
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					peak = max(peak, m.HeapInuse)
				}
			}})
			require.NoError(t, err)
			require.Nil(t, result.Output[0])
			require.Len(t, result.Final, len(sequences))
			require.Equal(t, 2*steps, frames)
			t.Logf("%d frames, at most %d MB in use", frames, peak>>20)
			require.Less(t, peak, uint64(limit))
		})
	}
}
