package main

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/npy"
)

func readInt16(t *testing.T, path string) ([]int16, []int) {
	t.Helper()
	array, err := npy.ReadFile(path)
	require.NoError(t, err)
	values, err := array.Int16s()
	require.NoError(t, err)
	return values, array.Shape
}

func runFor(t *testing.T, args ...string) {
	t.Helper()
	code, _, stderr := inProcess(t, append([]string{"run"}, args...)...)
	require.Zero(t, code, stderr)
}

// lastSteps gives what h_last.npz records: of each sequence the last executed step of each direction, side by side.
func lastSteps(h []int16, shape []int, directions int) []int16 {
	var last []int16
	hidden := shape[2] / directions
	for i := range shape[0] {
		sequence := h[i*shape[1]*shape[2]:][:shape[1]*shape[2]]
		last = append(last, sequence[(shape[1]-1)*shape[2]:][:hidden]...)
		if directions == 2 {
			last = append(last, sequence[hidden:shape[2]]...)
		}
	}
	return last
}

func TestOutputIsTheRecordedOne(t *testing.T) {
	vectors, err := shippedVectors()
	require.NoError(t, err)
	for name, directions := range map[string]int{"digits-lstm16": 1, "digits-lstm8": 1, "digits-gru16": 1, "digits-gru8": 1, "digits-bilstm16": 2} {
		t.Run(name, func(t *testing.T) {
			dir, out := filepath.Join(vectors, name), filepath.Join(t.TempDir(), "h.npy")
			runFor(t, "--compat", "vai2.0", "--input", filepath.Join(dir, "x_test.npy"), "--h-out", out, filepath.Join(dir, "xmodel"))
			h, shape := readInt16(t, out)
			archive, err := npy.OpenZip(filepath.Join(dir, "h_last.npz"))
			require.NoError(t, err)
			defer archive.Close()
			array, err := archive.Array("h_last_exact")
			require.NoError(t, err)
			want, err := array.Int16s()
			require.NoError(t, err)
			require.Equal(t, []int{360, 8}, shape[:2])
			require.Equal(t, want, lastSteps(h, shape, directions))
		})
	}
}

// What has been put on the first cell's grid already gives the same as what is put there.
func TestIntegerInputGivesTheSame(t *testing.T) {
	vectors, err := shippedVectors()
	require.NoError(t, err)
	for _, name := range []string{"digits-lstm16", "digits-gru8", "digits-bilstm16"} {
		dir, work := filepath.Join(vectors, name), t.TempDir()
		array, err := npy.ReadFile(filepath.Join(dir, "x_test.npy"))
		require.NoError(t, err)
		reals, err := array.Float32s()
		require.NoError(t, err)
		grid := make([]int16, len(reals))
		for i, x := range reals {
			grid[i] = int16(math.Floor(float64(x) * 4096)) // position 12 in all of these models; no pixel is beyond 1
		}
		integers, err := npy.New(grid, array.Shape...)
		require.NoError(t, err)
		require.NoError(t, npy.WriteFile(filepath.Join(work, "x.npy"), integers))
		runFor(t, "--input", filepath.Join(dir, "x_test.npy"), "--h-out", filepath.Join(work, "real.npy"), dir)
		runFor(t, "--input", filepath.Join(work, "x.npy"), "--h-out", filepath.Join(work, "integer.npy"), dir)
		real, _ := readInt16(t, filepath.Join(work, "real.npy"))
		integer, _ := readInt16(t, filepath.Join(work, "integer.npy"))
		require.Equal(t, real, integer, name)
	}
}

// A sequence that is cut in two, with the state carried over, gives the same h; so does one among longer ones.
func TestLengthsAndStates(t *testing.T) {
	vectors, err := shippedVectors()
	require.NoError(t, err)
	dir, work := filepath.Join(vectors, "digits-lstm16"), t.TempDir()
	save := func(name string, data any, shape ...int) string {
		array := &npy.Array{Shape: shape, Data: data}
		path := filepath.Join(work, name)
		require.NoError(t, npy.WriteFile(path, array))
		return path
	}
	array, err := npy.ReadFile(filepath.Join(dir, "x_test.npy"))
	require.NoError(t, err)
	x, err := array.Float32s()
	require.NoError(t, err)
	input := save("x.npy", x[:2*8*8], 2, 8, 8)
	whole := filepath.Join(work, "whole.npy")
	runFor(t, "--input", input, "--h-out", whole, dir)
	h, _ := readInt16(t, whole)

	lengths := save("lengths.npy", []int64{3, 8}, 2)
	part := filepath.Join(work, "part.npy")
	trace := filepath.Join(work, "part.npz")
	runFor(t, "--input", input, "--lengths", lengths, "--h-out", part, "--format", "npz", "-o", trace, dir)
	got, shape := readInt16(t, part)
	require.Equal(t, []int{2, 8, 32}, shape)
	require.Equal(t, h[:3*32], got[:3*32])
	require.Equal(t, make([]int16, 5*32), got[3*32:8*32])
	require.Equal(t, h[8*32:], got[8*32:])

	archive, err := npy.OpenZip(trace)
	require.NoError(t, err)
	defer archive.Close()
	state := func(node string) []int16 { // of the first sequence behind its third step
		array, err := archive.Array("Lstm_StandardLstmCell_layer_0_forward__" + node + "_fix")
		require.NoError(t, err)
		values, err := array.Int16s()
		require.NoError(t, err)
		return values[2*32 : 3*32]
	}
	rest := filepath.Join(work, "rest.npy")
	runFor(t, "--input", save("tail.npy", x[3*8:8*8], 1, 5, 8), "--h0", save("h0.npy", state("h_next"), 1, 1, 32),
		"--c0", save("c0.npy", state("c_next"), 1, 1, 32), "--h-out", rest, dir)
	got, _ = readInt16(t, rest)
	require.Equal(t, h[3*32:8*32], got)
}
