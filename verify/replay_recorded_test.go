package verify

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/internal/shared"
	"rnnsim/xmodel"
)

// recordedCases lists the recorded cases, a few of them in short mode.
func recordedCases(t *testing.T) []string {
	t.Helper()
	if testing.Short() {
		return []string{"small2", "bidir-w8", "gru_w8", "bigw"}
	}
	entries, err := os.ReadDir(shared.Path(t, "vectors"))
	require.NoError(t, err)
	var cases []string
	for _, entry := range entries {
		if _, err := os.Stat(shared.Path(t, "vectors", entry.Name()) + "/case.json"); err == nil {
			cases = append(cases, entry.Name())
		}
	}
	require.GreaterOrEqual(t, len(cases), 18)
	return cases
}

// recordedCase is a recorded case with its exact reference.
type recordedCase struct {
	folder string
	model  *xmodel.Model
	exact  *golden.Exact
}

func readRecordedCase(t *testing.T, name string) recordedCase {
	t.Helper()
	folder := shared.Path(t, "vectors", name)
	model, err := xmodel.ReadModel(folder)
	require.NoError(t, err)
	exact, err := golden.NewExact(model, xmodel.VAI20)
	require.NoError(t, err)
	return recordedCase{folder, model, exact}
}

// exactTrace reads exact.npz into memory.
func (c recordedCase) exactTrace(t *testing.T) *dump.Memory {
	t.Helper()
	run, err := OpenRecordedNpz(filepath.Join(c.folder, "exact.npz"), c.exact.Header())
	require.NoError(t, err)
	require.Empty(t, run.Missing)
	require.Empty(t, run.Unknown)
	memory := &dump.Memory{Header: run.Header}
	source := run.Source()
	for {
		var frame dump.Frame
		if err := source.Next(&frame); err != nil {
			return memory
		}
		memory.Frames = append(memory.Frames, frame.Clone())
	}
}

func opening(m *dump.Memory) func() (dump.Source, error) {
	return func() (dump.Source, error) { return m.Source(), nil }
}

func TestReplayFindsNothingInTheExactRecordings(t *testing.T) {
	for _, name := range recordedCases(t) {
		t.Run(name, func(t *testing.T) {
			c := readRecordedCase(t, name)
			trace := c.exactTrace(t)
			result, err := Replay(context.Background(), opening(trace), c.exact, c.model, ReplayOptions{Exact: true, Compat: xmodel.VAI20})
			require.NoError(t, err)
			require.Equal(t, Pass, result.Verdict(), "%+v", result.First)
			require.Zero(t, result.Counts.Misreported)
			require.Equal(t, len(trace.Frames), int(result.Counts.Steps))
			require.NotEmpty(t, trace.Header.Cells[0].Params)
			t.Logf("%+v", result.Counts)
		})
	}
}
