package verify

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/internal/npy"
)

// smallHeader is one cell with two nodes, one of them an 8-bit input.
func smallHeader() dump.Header {
	return dump.Header{Cells: []dump.Cell{{Graph: "g", Nodes: []dump.Node{
		{Name: "input_0", Op: "data", Width: 2, Bits: 16, Position: 8},
		{Name: "y_pre_fix_i0", Op: "fix", Width: 2, Bits: 8, Position: 4},
	}}}}
}

// archive writes arrays into an .npz in memory.
func archive(t testing.TB, arrays map[string]*npy.Array) []byte {
	t.Helper()
	var buffer bytes.Buffer
	w := npy.NewZipWriter(&buffer)
	for name, array := range arrays {
		require.NoError(t, w.Add(name, array))
	}
	require.NoError(t, w.Close())
	return buffer.Bytes()
}

func int16s(t testing.TB, values []int16, shape ...int) *npy.Array {
	t.Helper()
	array, err := npy.New(values, shape...)
	require.NoError(t, err)
	return array
}

func openArchive(t testing.TB, content []byte) (*RecordedNpz, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "exact.npz")
	require.NoError(t, os.WriteFile(path, content, 0o644))
	return OpenRecordedNpz(path, smallHeader())
}

func TestRecordedNpzGivesItsFrames(t *testing.T) {
	run, err := openArchive(t, archive(t, map[string]*npy.Array{
		"g__input_0_fix":  int16s(t, []int16{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2),
		"g__y_pre_fix_i0": int16s(t, []int16{-1, -2, -3, -4, -5, -6, -7, -8}, 2, 2, 2),
		"g__other_fix":    int16s(t, []int16{0}, 1, 1, 1),
	}))
	require.NoError(t, err)
	require.Equal(t, []string{"g__other_fix"}, run.Unknown)
	require.Empty(t, run.Missing)
	memory := readTrace(t, func() (dump.Source, error) { return run.Source(), nil })
	require.Len(t, memory.Frames, 4)
	require.Equal(t, [][]int16{{5, 6}, {-5, -6}}, memory.Frames[2].Fixed)
	require.Equal(t, [2]int{1, 0}, [2]int{memory.Frames[2].Sequence, memory.Frames[2].Step})
}

func TestRecordedNpzRefuses(t *testing.T) {
	good := int16s(t, []int16{1, 2, 3, 4}, 1, 2, 2)
	for _, c := range []struct {
		name, message string
		content       []byte
	}{
		{"empty", "exact.npz", nil},
		{"garbage", "exact.npz", []byte("no archive at all")},
		{"another model", "holds none of the model's nodes", archive(t, map[string]*npy.Array{"h__input_0_fix": good})},
		{"two dimensions", "shape [2 2]; [sequences, steps, 2]", archive(t, map[string]*npy.Array{"g__input_0_fix": int16s(t, []int16{1, 2, 3, 4}, 2, 2)})},
		{"another width", "shape [1 1 4]", archive(t, map[string]*npy.Array{"g__input_0_fix": int16s(t, []int16{1, 2, 3, 4}, 1, 1, 4)})},
		{"another length", "1 sequences of 1 steps, the arrays before it 1 of 2", archive(t, map[string]*npy.Array{
			"g__input_0_fix": good, "g__y_pre_fix_i0": int16s(t, []int16{1, 2}, 1, 1, 2),
		})},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := openArchive(t, c.content)
			require.ErrorContains(t, err, c.message)
		})
	}
	_, err := OpenRecordedNpz(filepath.Join(t.TempDir(), "none.npz"), smallHeader())
	require.ErrorContains(t, err, "none.npz")
}

func FuzzRecordedNpz(f *testing.F) {
	whole := archive(f, map[string]*npy.Array{"g__input_0_fix": int16s(f, []int16{1, 2, 3, 4}, 1, 2, 2)})
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Fuzz(func(t *testing.T, content []byte) {
		run, err := openArchive(t, content)
		if err != nil {
			return
		}
		result, err := Compare(context.Background(), run.Source(), run.Source(), Options{})
		require.NoError(t, err)
		require.Zero(t, result.Counts.Wrong)
		require.EqualValues(t, run.Sequences*run.Steps, result.Counts.Steps)
	})
}

func FuzzCaseDescription(f *testing.F) {
	text, err := os.ReadFile(filepath.Join(shipped, caseFile))
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte(`{"case":"a","tool":"b","weight_bits":8,"dump_sequence":3,"quantized_accuracy":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := parseCase(text)
		if err != nil {
			return
		}
		require.GreaterOrEqual(t, c.DumpSequence, 0)
		require.Contains(t, []int{0, 8, 16}, c.WeightBits)
	})
}

func FuzzAddress(f *testing.F) {
	f.Add("layer[0].fwd.seq[3].step[7].h_next[13]")
	f.Add("layer[1].bwd.weight_ii[5]")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAddress(text)
		if err != nil {
			return
		}
		again, err := ParseAddress(a.String())
		require.NoError(t, err)
		require.Equal(t, a, again)
	})
}
