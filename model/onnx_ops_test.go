package model

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/npy"
)

// TestONNXOpsComputeWhatOnnxruntimeDoes runs operators on constants; testdata/onnx/record_ops.py recorded them.
func TestONNXOpsComputeWhatOnnxruntimeDoes(t *testing.T) {
	run := runOps(t)
	archive, err := npy.OpenZip(filepath.Join("testdata", "onnx", "ops.npz"))
	require.NoError(t, err)
	defer archive.Close()
	require.Greater(t, len(archive.Names()), 200)
	for _, n := range run.nodes {
		for _, out := range n.Output {
			want, err := archive.Array(out)
			require.NoError(t, err)
			got := run.values[out]
			require.True(t, got.constant(), "%s: %s", onnxNodeName(n), got.why)
			require.Equal(t, append([]int{}, want.Shape...), append([]int{}, got.shape...), onnxNodeName(n))
			values, err := want.Float32s()
			require.NoError(t, err)
			computed := append([]float32{}, got.floats...)
			for _, x := range got.ints {
				computed = append(computed, float32(x))
			}
			assert.Equal(t, append([]float32{}, values...), computed, onnxNodeName(n))
		}
	}
}

// TestONNXOpsMoveOriginsAsTheyMoveConstants gives the recorded operators data of the network instead of constants: what they yield
// must be made of the elements that their constants, numbered, would be made of.
func TestONNXOpsMoveOriginsAsTheyMoveConstants(t *testing.T) {
	run := runOps(t)
	moved := map[string]int{}
	for _, n := range run.nodes {
		switch n.OpType {
		case "Transpose", "Slice", "Split", "Tile", "Expand", "Unsqueeze", "Squeeze", "Flatten", "Reshape", "ReverseSequence", "Gather":
		default:
			continue
		}
		from, err := run.value(n.Input[0])
		require.NoError(t, err)
		unit, err := run.newUnit(&onnxUnit{what: "data", count: len(from.ints)})
		require.NoError(t, err)
		numbered := onnxInts(from.shape, make([]int64, len(from.ints)))
		for i := range numbered.ints {
			numbered.ints[i] = int64(unit.first) + int64(i)
		}
		run.values[n.Input[0]] = numbered
		want, err := run.call(n)
		require.NoError(t, err)
		run.values[n.Input[0]] = unit.value(from.shape, onnxFloat)
		got, err := run.call(n)
		require.NoError(t, err)
		for i := range want {
			require.True(t, got[i].tracked(), "%s: %s", onnxNodeName(n), got[i].why)
			assert.Equal(t, append([]int{}, want[i].shape...), append([]int{}, got[i].shape...))
			for j, id := range got[i].ids {
				require.Equal(t, want[i].ints[j], int64(id))
			}
		}
		moved[n.OpType]++
	}
	assert.Len(t, moved, 11)
}

func runOps(t *testing.T) *onnxRun {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "onnx", "ops.onnx"))
	require.NoError(t, err)
	file, err := decodeONNX(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	graph, err := newOnnxGraph(file, ".")
	require.NoError(t, err)
	run := newOnnxRun(graph, 0)
	require.NoError(t, run.all())
	return run
}
