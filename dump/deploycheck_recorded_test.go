package dump

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/shared"
)

// exactDumps are the cases whose dump was recorded from a float64 run, in which the tool computes exactly.
var exactDumps = []string{"bidir", "bidir-w8", "digits-gru16", "digits-lstm16", "digits-lstm8", "small2"}

// float32Dumps are dumps of float32 runs in which no value fell on the other side of a boundary.
var float32Dumps = []string{"digits-gru8", "gru_w8", "gru", "gru-2layer", "gru-bidir", "sat", "nobias", "small2-w8", "digits-bilstm16"}

// Every file that the original wrote is written again, byte for byte, and no other.
func TestDeployCheckIsTheRecordedOne(t *testing.T) {
	exact := exactDumps
	if testing.Short() {
		exact = []string{"digits-gru16", "digits-lstm8"}
	}
	for _, name := range exact {
		t.Run(name, func(t *testing.T) { writeRecorded(t, name, "deploy_check_f64") })
	}
	if testing.Short() {
		return
	}
	for _, name := range float32Dumps {
		t.Run(name, func(t *testing.T) { writeRecorded(t, name, "deploy_check_data_int") })
	}
}

func writeRecorded(t *testing.T, name, folder string) {
	wanted := files(t, shared.Path(t, "vectors", name, folder))
	r := readRecorded(t, name)
	sink := NewDeployCheckSink(filepath.Join(t.TempDir(), "dump"), DeployCheckOptions{VAI20: true})
	require.NoError(t, sink.Begin(r.header))
	written := map[string]string{}
	sink.writeFile = func(path string, text []byte) error { // thousands of files are slow on a disk
		relative, err := filepath.Rel(sink.staging.path, path)
		written[relative] = string(text)
		return err
	}
	for _, f := range r.frames {
		require.NoError(t, sink.Write(f))
	}
	require.NoError(t, sink.Close())
	compareFolders(t, wanted, written)
}

// On the disk as well, and read back.
func TestDeployCheckFolderIsTheRecordedOne(t *testing.T) {
	r := readRecorded(t, "digits-lstm8")
	dir := filepath.Join(t.TempDir(), "dump")
	write(t, NewDeployCheckSink(dir, DeployCheckOptions{VAI20: true}), r.header, r.frames)
	compareFolders(t, files(t, shared.Path(t, "vectors", "digits-lstm8", "deploy_check_f64")), files(t, dir))
	s, err := OpenDeployCheck(dir, DeployCheckReadOptions{Formats: &r.header})
	require.NoError(t, err)
	assert.Equal(t, asShown(r), readAll(t, s))
}

func compareFolders(t *testing.T, wanted, written map[string]string) {
	t.Helper()
	require.NotEmpty(t, wanted)
	differ, missing := 0, 0
	for path, text := range wanted {
		if other, ok := written[path]; !ok {
			missing++
		} else if other != text {
			differ++
			if differ < 5 {
				assert.Equal(t, text, other, path)
			}
		}
		delete(written, path)
	}
	assert.Zero(t, missing, "files are missing, of %d", len(wanted))
	assert.Zero(t, differ, "files differ, of %d", len(wanted))
	assert.Empty(t, written, "files that the original does not write")
}

func files(t testing.TB, root string) map[string]string {
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		if entry.IsDir() {
			return nil
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		relative, err := filepath.Rel(root, path)
		require.NoError(t, err)
		all[relative] = string(text)
		return nil
	}))
	return all
}
