package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/export"
)

// Traces of 120 MB pass through far less memory, whatever the sequences are like: the whole process is measured.
func TestTracesPassThroughLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes large traces")
	}
	requireLinuxPeak(t)
	const limit = 70 << 20 // bytes; what does not grow with the trace is about 40
	work := t.TempDir()
	require.NoError(t, linkVectors(work))
	measure := func(name string, args ...string) {
		cost, output := spend(t, work, args...)
		require.Zero(t, cost.Code, output)
		t.Logf("%s: at most %d MB", name, cost.Memory>>20)
		assert.Less(t, cost.Memory, int64(limit), name)
	}
	for name, shape := range map[string][2]int{"one long": {1, 80000}, "many short": {10000, 8}, "some": {160, 500}} {
		longStimulus(t, filepath.Join(work, "x.npy"), shape[0], shape[1], 8)
		measure(name, "run", "--force", "--input", "x.npy", "-o", "trace", "vectors/digits-lstm16/xmodel")
		info, err := os.Stat(filepath.Join(work, "trace", "Lstm_StandardLstmCell_layer_0_forward.arrow"))
		require.NoError(t, err)
		require.Greater(t, info.Size(), int64(110<<20))
	}
	// Sequences in another order, where they can be sought and where they cannot.
	sinks := map[string]dump.Sink{
		"trace": dump.NewArrowSink(filepath.Join(work, "arrow"), dump.ArrowOptions{}),
		"vcd":   export.NewVCDSink(filepath.Join(work, "vcd"), export.VCDOptions{Nodes: []string{"h_next", "y_f"}}),
	}
	longStimulus(t, filepath.Join(work, "x.npy"), 10000, 8, 8)
	measure("many short", "run", "--force", "--input", "x.npy", "-o", "trace", "vectors/digits-lstm16/xmodel")
	for name, sink := range sinks {
		require.NoError(t, shuffleTrace(filepath.Join(work, "trace"), sink), name)
	}
	measure("compare, the same order", "compare", "trace", "trace")
	measure("compare, another order", "compare", "arrow", "trace")
	measure("compare a VCD, another order", "compare", "vcd", "trace")
	measure("pack", "dump", "--to", "arrow", "--zstd", "-o", "packed", "arrow")
	measure("compare compressed, another order", "compare", "packed", "vcd")
	measure("to npz", "dump", "--to", "npz", "-o", "trace.npz", "trace")
	measure("inspect", "inspect", "trace")
}
