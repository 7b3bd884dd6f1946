package golden

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/internal/npy"
	"rnnsim/internal/shared"
	"rnnsim/xmodel"
)

// recordedCases lists the cases below a folder: the folders in it that hold a run of the original.
func recordedCases(t *testing.T, root string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "*", "exact.npz"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(found), 5)
	for i, path := range found {
		found[i] = filepath.Dir(path)
	}
	return found
}

// onRecordedCases runs a test on the cases that the project ships and on those of the reference data.
func onRecordedCases(t *testing.T, test func(t *testing.T, folder string)) {
	t.Run("shipped", func(t *testing.T) {
		for _, folder := range recordedCases(t, filepath.Join("..", "vectors")) {
			t.Run(filepath.Base(folder), func(t *testing.T) { test(t, folder) })
		}
	})
	t.Run("reference", func(t *testing.T) {
		for _, folder := range recordedCases(t, shared.Path(t, "vectors")) {
			if _, err := os.Stat(filepath.Join("..", "vectors", filepath.Base(folder))); err == nil {
				continue // shipped
			}
			t.Run(filepath.Base(folder), func(t *testing.T) { test(t, folder) })
		}
	})
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
	onRecordedCases(t, func(t *testing.T, folder string) {
		different, compared := differencesFromRecording(t, folder, xmodel.VAI20)
		require.Greater(t, compared, 1000)
		require.Zero(t, different, "of %d values", compared)
	})
}

// The original's faults show where two cells read x and it is cut to 8 bits, or where an 8-bit GRU reads its h once more.
func TestExactNeedsCompatOnlyWhereTheFaultsShow(t *testing.T) {
	onRecordedCases(t, func(t *testing.T, folder string) {
		text, err := os.ReadFile(filepath.Join(folder, "case.json"))
		require.NoError(t, err)
		var about struct {
			Cell          string `json:"cell"`
			Bidirectional bool   `json:"bidirectional"`
			WeightBits    int    `json:"weight_bits"`
		}
		require.NoError(t, json.Unmarshal(text, &about))
		different, compared := differencesFromRecording(t, folder, xmodel.Sane)
		if about.WeightBits == 8 && (about.Bidirectional || about.Cell == "gru") {
			require.NotZero(t, different, "the fault should show in some of %d values", compared)
		} else {
			require.Zero(t, different, "of %d values", compared)
		}
	})
}

// The recordings of the digits models hold h after the last step of all 360 test sequences.
func TestExactReproducesTheLastStepOfAllDigits(t *testing.T) {
	for _, folder := range recordedCases(t, filepath.Join("..", "vectors")) {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			archive, err := npy.OpenZip(filepath.Join(folder, "h_last.npz"))
			require.NoError(t, err)
			defer archive.Close()
			array, err := archive.Array("h_last_exact")
			require.NoError(t, err)
			want, err := array.Int16s()
			require.NoError(t, err)
			require.Len(t, want, 11_520)
			sequenceCount := array.Shape[0]
			if testing.Short() {
				sequenceCount /= 10
				want = want[:len(want)/10]
			}

			model, err := xmodel.ReadModel(folder)
			require.NoError(t, err)
			exact, err := NewExact(model, xmodel.VAI20)
			require.NoError(t, err)
			sink := &lastStates{top: exact.layers[len(exact.layers)-1].cells()}
			sequences := caseSequences(t, folder, sequenceCount)
			sink.steps = len(sequences[0].Float) / exact.cells[0].x.width
			require.NoError(t, exact.Run(context.Background(), sequences, sink))
			require.Equal(t, want, sink.values)
		})
	}
}

// lastStates keeps the h_next of the last layer's cells at their last step.
type lastStates struct {
	header dump.Header
	top    []int
	steps  int
	values []int16
}

func (s *lastStates) Begin(h dump.Header) error { s.header = h; return nil }
func (s *lastStates) Close() error              { return nil }
func (s *lastStates) Abort() error              { return nil }
func (s *lastStates) Write(f *dump.Frame) error {
	if !slices.Contains(s.top, f.Cell) || f.Step != s.steps-1 {
		return nil
	}
	for i, n := range s.header.Cells[f.Cell].Nodes {
		if n.Name == "h_next" {
			s.values = append(s.values, f.Fixed[i]...)
		}
	}
	return nil
}
