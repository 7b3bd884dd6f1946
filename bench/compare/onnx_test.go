package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/bench"
	"rnnsim/model"
)

func workload(t *testing.T) (bench.Shape, *bench.Workload) {
	t.Helper()
	shape, err := bench.ParseShape("3,5+4,6,2")
	require.NoError(t, err)
	w, err := bench.NewWorkload(bench.Config{Shape: shape, WeightBits: 16, Threads: 1})
	require.NoError(t, err)
	return shape, w
}

// TestFloatModelReadsBack has the project's own ONNX reader find the weights again.
func TestFloatModelReadsBack(t *testing.T) {
	shape, w := workload(t)
	path := filepath.Join(t.TempDir(), "float.onnx")
	require.NoError(t, os.WriteFile(path, writeONNX(shape, w.Layers(), false), 0o666))
	net, err := model.Read(path, model.ReadOptions{})
	require.NoError(t, err)
	require.Len(t, net.Layers, 2)
	for i, l := range w.Layers() {
		cell := net.Layers[i].Forward
		assert.Equal(t, l.Inputs, cell.Input)
		assert.Equal(t, l.Hidden, cell.Hidden)
		assert.Equal(t, reals(l.X), cell.WeightIH)
		assert.Equal(t, reals(l.H), cell.WeightHH)
		assert.Equal(t, reals(l.Bias), cell.BiasIH)
	}
}

func TestGateOrderAndTransposition(t *testing.T) {
	assert.Equal(t, []int16{1, 2, 7, 8, 3, 4, 5, 6}, gateOrder([]int16{1, 2, 3, 4, 5, 6, 7, 8}))
	assert.Equal(t, []byte{1, 4, 2, 5, 3, 0xff}, transposedBytes([]int16{1, 2, 3, 4, 5, -1}, 3))
}

func TestOwnResultsAreNearTheFloatReference(t *testing.T) {
	_, w := workload(t)
	want, err := reference(w)
	require.NoError(t, err)
	largest, checksum, err := ownError(w, want)
	require.NoError(t, err)
	assert.Less(t, largest, 0.02)
	assert.Greater(t, largest, 0.0, "16 bits are not exact")
	assert.Len(t, checksum, 64)
}

func TestFileErrorFindsTheFirstSequence(t *testing.T) {
	s := bench.Shape{Inputs: 1, Hidden: []int{2}, Steps: 2, Batch: 2}
	path := filepath.Join(t.TempDir(), "y.bin")
	require.NoError(t, os.WriteFile(path, floats([]int16{1, 2, 90, 91, 3, 4, 92, 93}, 0), 0o666))
	largest, err := fileError(path, s, []float64{1, 2, 3, 4})
	require.NoError(t, err)
	assert.Zero(t, largest)
	largest, err = fileError(path, s, []float64{1, 2, 3, 4.5})
	require.NoError(t, err)
	assert.Equal(t, 0.5, largest)
	s.Steps = 3
	_, err = fileError(path, s, nil)
	assert.ErrorContains(t, err, "has 32 bytes")
}
