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
	makeDurable = func(string) error { return nil }
	os.Exit(m.Run())
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
