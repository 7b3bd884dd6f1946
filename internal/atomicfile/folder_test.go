package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestAFolderAppearsWhole(t *testing.T) {
	parent := t.TempDir()
	target := filepath.Join(parent, "out")
	err := WriteFolder(target, func(dir string) error {
		require.NoDirExists(t, target)
		require.NoError(t, os.Mkdir(filepath.Join(dir, "inner"), 0o755))
		return os.WriteFile(filepath.Join(dir, "inner", "file"), []byte("x"), 0o644)
	})
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(target, "inner", "file"))
	require.Equal(t, []string{"out"}, entries(t, parent))

	err = WriteFolder(target, func(string) error { t.Fatal("filled a folder that exists"); return nil })
	require.ErrorIs(t, err, fs.ErrExist)
	require.ErrorContains(t, err, "name another folder")
}

func TestAFolderThatFailsLeavesNothing(t *testing.T) {
	parent := t.TempDir()
	failed := errors.New("disk full")
	err := WriteFolder(filepath.Join(parent, "out"), func(dir string) error {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), []byte("x"), 0o644))
		return failed
	})
	require.ErrorIs(t, err, failed)
	require.Empty(t, entries(t, parent))

	// What takes the place in the meantime stays.
	target := filepath.Join(parent, "taken")
	err = WriteFolder(target, func(string) error { return os.Mkdir(target, 0o755) })
	require.ErrorIs(t, err, fs.ErrExist)
	require.Equal(t, []string{"taken"}, entries(t, parent))
}
