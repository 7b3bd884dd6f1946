package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/npy"
	"rnnsim/verify"
)

// recordedAnswers are the head's values that the recording tool had for the test sequences of a case, float and quantized.
type recordedAnswers struct {
	float, quantized [][]float64
	labels           []int64
}

func readAnswers(t *testing.T, dir string) recordedAnswers {
	t.Helper()
	rows := func(array *npy.Array, err error) [][]float64 {
		require.NoError(t, err)
		require.Len(t, array.Shape, 2)
		values, err := array.Float64s()
		require.NoError(t, err)
		return slices.Collect(slices.Chunk(values, array.Shape[1]))
	}
	archive, err := npy.OpenZip(filepath.Join(dir, "h_last.npz"))
	require.NoError(t, err)
	defer archive.Close()
	labels, err := npy.ReadFile(filepath.Join(dir, "y_test.npy"))
	require.NoError(t, err)
	a := recordedAnswers{float: rows(npy.ReadFile(filepath.Join(dir, "float_logits.npy"))), quantized: rows(archive.Array("logits_exact"))}
	a.labels, err = labels.Int64s()
	require.NoError(t, err)
	return a
}

// class is the place of the largest value.
func class(row []float64) int { return slices.Index(row, slices.Max(row)) }

// evaluate counts what eval must say of the recorded values.
func (a recordedAnswers) evaluate() verify.Evaluation {
	e := verify.Evaluation{Sequences: len(a.labels)}
	floatRight, quantizedRight, same, signal, noise := 0.0, 0.0, 0.0, 0.0, 0.0
	pairs := map[[2]int]verify.Disagreement{}
	one := func(yes bool) int {
		if yes {
			return 1
		}
		return 0
	}
	for i, label := range a.labels {
		f, q := class(a.float[i]), class(a.quantized[i])
		fRight, qRight := one(int64(f) == label), one(int64(q) == label)
		floatRight += float64(fRight)
		quantizedRight += float64(qRight)
		same += float64(one(f == q))
		if f != q {
			p := pairs[[2]int{f, q}]
			pairs[[2]int{f, q}] = verify.Disagreement{Float: f, Quantized: q, Count: p.Count + 1, FloatRight: p.FloatRight + fRight, QuantizedRight: p.QuantizedRight + qRight}
		}
		for k, want := range a.float[i] {
			signal += want * want
			noise += (a.quantized[i][k] - want) * (a.quantized[i][k] - want)
		}
	}
	n := float64(len(a.labels))
	floatRight, quantizedRight = floatRight/n, quantizedRight/n
	sqnr := 10 * math.Log10(signal/noise)
	e.FloatAccuracy, e.QuantizedAccuracy, e.Agreement, e.SQNR = &floatRight, &quantizedRight, same/n, &sqnr
	for _, p := range pairs {
		e.Confusion = append(e.Confusion, p)
	}
	return e
}

// TestEvalGivesTheRecordedAnswers holds that eval says of every shipped case what case.json and the recorded answers say, whatever
// format the model comes in.
func TestEvalGivesTheRecordedAnswers(t *testing.T) {
	root, err := shippedVectors()
	require.NoError(t, err)
	cases, err := filepath.Glob(filepath.Join(root, "digits-*"))
	require.NoError(t, err)
	require.Len(t, cases, 5)
	formats := []string{"onnx", "npz", "pth"}
	if testing.Short() {
		formats = formats[:1]
	}
	for _, dir := range cases {
		text, err := os.ReadFile(filepath.Join(dir, "case.json"))
		require.NoError(t, err)
		var described struct {
			Float     float64 `json:"float_accuracy"`
			Quantized float64 `json:"quantized_accuracy"`
		}
		require.NoError(t, json.Unmarshal(text, &described))
		want := readAnswers(t, dir).evaluate()
		for _, format := range formats {
			t.Run(filepath.Base(dir)+"."+format, func(t *testing.T) {
				code, stdout, stderr := inProcess(t, "eval", "--json", "--compat", "vai2.0", "--quantized", dir,
					"--input", filepath.Join(dir, "x_test.npy"), "--labels", filepath.Join(dir, "y_test.npy"), filepath.Join(dir, "model."+format))
				require.Zero(t, code, stderr)
				var got verify.Evaluation
				require.NoError(t, json.Unmarshal([]byte(stdout), &got))
				require.Equal(t, 360, got.Sequences)
				require.Equal(t, described.Float, *got.FloatAccuracy)
				require.Equal(t, described.Quantized, *got.QuantizedAccuracy)
				require.Equal(t, *want.FloatAccuracy, *got.FloatAccuracy)
				require.Equal(t, *want.QuantizedAccuracy, *got.QuantizedAccuracy)
				require.Equal(t, want.Agreement, got.Agreement)
				require.ElementsMatch(t, want.Confusion, got.Confusion)
				// The recorded float values are those of a float32 run, ours of a float64 run.
				require.InDelta(t, *want.SQNR, *got.SQNR, 0.01)
			})
		}
	}
}
