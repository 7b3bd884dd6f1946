package dump

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	durable = false
	os.Exit(m.Run())
}

// The whole way, to the disk.
func TestDurableTraces(t *testing.T) {
	durable = true
	defer func() { durable = false }()
	h, frames := mixedTrace()
	dir := t.TempDir()
	write(t, NewArrowSink(filepath.Join(dir, "a"), ArrowOptions{}), h, frames)
	write(t, NewDeployCheckSink(filepath.Join(dir, "b"), DeployCheckOptions{}), h, frames)
	write(t, NewNpzSink(filepath.Join(dir, "c.npz"), NpzOptions{}), h, frames)
	noLeftovers(t, dir, "a", "b", "c.npz")
}

// Folders that had to be made go with what was written into them.
func TestAbortLeavesNoFolders(t *testing.T) {
	h, _ := mixedTrace()
	dir := t.TempDir()
	for _, sink := range []Sink{
		NewArrowSink(filepath.Join(dir, "x", "y", "a"), ArrowOptions{}), NewDeployCheckSink(filepath.Join(dir, "x", "y", "a"), DeployCheckOptions{}),
		NewNpzSink(filepath.Join(dir, "x", "y", "c.npz"), NpzOptions{}),
	} {
		require.NoError(t, sink.Begin(h))
		require.NoError(t, sink.Abort())
		noLeftovers(t, dir)
	}
	used := NewArrowSink(filepath.Join(dir, "x", "y", "a"), ArrowOptions{})
	require.NoError(t, used.Begin(h))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x", "other"), nil, 0o666))
	require.NoError(t, used.Abort())
	noLeftovers(t, filepath.Join(dir, "x"), "other")
}

// Few files are synced one by one, many by the file system; both find a folder that is gone.
func TestSyncTree(t *testing.T) {
	for _, n := range []int{1, manyFiles + 1} {
		dir := t.TempDir()
		for i := range n {
			require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte("x"), 0o666))
		}
		assert.NoError(t, syncTree(dir))
		assert.Error(t, syncTree(filepath.Join(dir, "gone")))
	}
}

func TestReplaceRefusesWhatIsNoTrace(t *testing.T) {
	for _, path := range []string{"notes.txt", "graph/notes.txt", "graph/frame_x/a", "params/notes.txt"} {
		dir := filepath.Join(t.TempDir(), "out")
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, path), nil, 0o666))
		_, err := newStaging(dir, true)
		assert.ErrorContains(t, err, "it holds more than a trace", path)
	}
	for _, path := range []string{"", "graph/frame_0", "params", "graph"} {
		dir := filepath.Join(t.TempDir(), "out")
		require.NoError(t, os.MkdirAll(filepath.Join(dir, path), 0o777))
		s, err := newStaging(dir, true)
		require.NoError(t, err, path)
		require.NoError(t, s.publish())
		noLeftovers(t, filepath.Dir(dir), "out")
	}
}
