package golden

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/internal/npy"
	"rnnsim/internal/shared"
	"rnnsim/xmodel"
)

// recordedCases lists the folders of the reference data that hold a run of the original.
func recordedCases(t *testing.T) []string {
	t.Helper()
	root := shared.Path(t, "vectors")
	entries, err := os.ReadDir(root)
	require.NoError(t, err)
	var cases []string
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(root, e.Name(), "exact.npz")); err == nil {
			cases = append(cases, filepath.Join(root, e.Name()))
		}
	}
	require.GreaterOrEqual(t, len(cases), 18)
	return cases
}

// caseSequences reads the first n test sequences of a case.
func caseSequences(t *testing.T, folder string, n int) []dump.Sequence {
	t.Helper()
	path := filepath.Join(folder, "x_test.npy")
	if _, err := os.Stat(path); err != nil {
		path = filepath.Join(folder, "x.npy")
	}
	array, err := npy.ReadFile(path)
	require.NoError(t, err)
	values, err := array.Float32s()
	require.NoError(t, err)
	perSequence := array.Shape[1] * array.Shape[2]
	sequences := make([]dump.Sequence, min(n, array.Shape[0]))
	for i := range sequences {
		sequences[i].Float = values[i*perSequence:][:perSequence]
	}
	return sequences
}

// recordedKey is the name of a node's array in exact.npz.
func recordedKey(graph string, n dump.Node) string {
	key := xmodel.OpName(graph, n.Name)
	if n.Op != "fix" {
		key += "_fix"
	}
	return key
}

// differencesFromRecording runs a case and counts the values that differ from exact.npz, and all values compared.
func differencesFromRecording(t *testing.T, folder string, compat xmodel.Compat) (different, compared int) {
	t.Helper()
	model, err := xmodel.ReadModel(folder)
	require.NoError(t, err)
	exact, err := NewExact(model, compat)
	require.NoError(t, err)
	archive, err := npy.OpenZip(filepath.Join(folder, "exact.npz"))
	require.NoError(t, err)
	defer archive.Close()

	header := exact.Header()
	recorded := map[string][]int16{}
	for _, name := range archive.Names() {
		array, err := archive.Array(name)
		require.NoError(t, err)
		recorded[name], err = array.Int16s()
		require.NoError(t, err)
	}
	first, err := archive.Array(recordedKey(header.Cells[0].Graph, header.Cells[0].Nodes[0]))
	require.NoError(t, err)
	sequences, steps := first.Shape[0], first.Shape[1]

	memory := dump.NewMemory()
	require.NoError(t, exact.Run(context.Background(), caseSequences(t, folder, sequences), memory))
	require.True(t, memory.Closed)
	require.Len(t, memory.Frames, sequences*steps*len(header.Cells))
	seen := map[string]bool{}
	for _, f := range memory.Frames {
		cell := header.Cells[f.Cell]
		for i, n := range cell.Nodes {
			key := recordedKey(cell.Graph, n)
			seen[key] = true
			want, found := recorded[key]
			require.True(t, found, "exact.npz has no %s", key)
			at := (f.Sequence*steps + f.Step) * n.Width
			for j, v := range want[at : at+n.Width] {
				compared++
				if f.Fixed[i][j] != v {
					if different == 0 {
						t.Logf("first difference: %s, sequence %d, step %d, element %d: %d, recorded %d", key, f.Sequence, f.Step, j, f.Fixed[i][j], v)
					}
					different++
				}
			}
		}
	}
	require.Len(t, seen, len(recorded), "a recorded node was not compared")
	return different, compared
}

func TestExactReproducesEveryRecordedCase(t *testing.T) {
	total := 0
	for _, folder := range recordedCases(t) {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			different, compared := differencesFromRecording(t, folder, xmodel.VAI20)
			require.Zero(t, different, "of %d values", compared)
			total += compared
		})
	}
	require.Greater(t, total, 600_000)
}

// Where one cell alone reads x and nothing else reads what is cut, the original's faults do not show.
func TestExactNeedsNoCompatWhereTheFaultsDoNotShow(t *testing.T) {
	for _, folder := range recordedCases(t) {
		name := filepath.Base(folder)
		faulty := strings.Contains(name, "bi") && strings.Contains(name, "w8") && !strings.Contains(name, "big") ||
			name == "gru_w8" || name == "digits-gru8"
		t.Run(name, func(t *testing.T) {
			different, compared := differencesFromRecording(t, folder, xmodel.Sane)
			if faulty {
				require.NotZero(t, different, "the fault should show in some of %d values", compared)
			} else {
				require.Zero(t, different, "of %d values", compared)
			}
		})
	}
}
