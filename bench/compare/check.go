package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"

	"rnnsim/bench"
	"rnnsim/golden"
	"rnnsim/internal/fixed"
	"rnnsim/model"
)

// reference is the float64 output of the first sequence of a batch, which every program's is held against.
func reference(w *bench.Workload) ([]float64, error) {
	net := &model.Network{Name: "lstm", Kind: model.LSTM}
	for _, l := range w.Layers() {
		cell := &model.Cell{Input: l.Inputs, Hidden: l.Hidden, WeightIH: reals(l.X), WeightHH: reals(l.H), BiasIH: reals(l.Bias)}
		cell.BiasHH = make([]float32, len(cell.BiasIH))
		net.Layers = append(net.Layers, model.Layer{Forward: cell})
	}
	float, err := golden.NewFloat(net, nil)
	if err != nil {
		return nil, err
	}
	var x []float64
	for _, v := range w.Sequences()[0].Fixed {
		x = append(x, fixed.Real(int64(v), bench.Position))
	}
	result, err := float.Infer(context.Background(), golden.FloatSequence{X: x})
	if err != nil {
		return nil, err
	}
	return result.Output, nil
}

func reals(values []int16) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = float32(fixed.Real(int64(v), bench.Position))
	}
	return out
}

// fileError is the largest error of the first sequence in a file of float32, [timesteps, sequences, units].
func fileError(path string, s bench.Shape, want []float64) (float64, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	units := s.Hidden[len(s.Hidden)-1]
	if len(raw) != 4*s.Steps*s.Batch*units {
		return 0, fmt.Errorf("%s has %d bytes, not %d timesteps of %d sequences of %d float32", path, len(raw), s.Steps, s.Batch, units)
	}
	largest := 0.0
	for k, w := range want {
		at := 4 * (k/units*s.Batch*units + k%units)
		got := float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[at:])))
		largest = max(largest, math.Abs(got-w))
		if math.IsNaN(got) {
			return got, nil
		}
	}
	return largest, nil
}

// ownError is the largest error of the simulator's first sequence.
func ownError(w *bench.Workload, want []float64) (largest float64, checksum string, err error) {
	result, err := w.Run(context.Background())
	if err != nil {
		return 0, "", err
	}
	for k, v := range result.Output[0] {
		largest = max(largest, math.Abs(fixed.Real(int64(v), bench.Position)-want[k]))
	}
	return largest, bench.Checksum(result), nil
}
