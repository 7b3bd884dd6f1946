package golden

import (
	"fmt"
	"math"
	"slices"

	"rnnsim/model"
)

// activate holds the activations of a dense layer, by the name that model.Dense gives them.
var activate = map[string]func([]float64){
	"":        func([]float64) {},
	"sigmoid": each(sigmoid),
	"tanh":    each(math.Tanh),
	"relu":    each(func(v float64) float64 { return math.Max(v, 0) }),
	"softmax": softmax,
}

func each(f func(float64) float64) func([]float64) {
	return func(values []float64) {
		for i, v := range values {
			values[i] = f(v)
		}
	}
}

func softmax(values []float64) {
	largest, sum := slices.Max(values), 0.0
	for i, v := range values {
		values[i] = math.Exp(v - largest)
		sum += values[i]
	}
	for i := range values {
		values[i] /= sum
	}
}

// denseStack runs one row through the dense layers.
func denseStack(layers []model.Dense, row []float64) []float64 {
	for _, d := range layers {
		out := make([]float64, d.Output)
		for i := range out {
			if d.Bias != nil {
				out[i] = float64(d.Bias[i])
			}
			for j, x := range row {
				out[i] += float64(d.Weight[i*d.Input+j]) * x
			}
		}
		activate[d.Activation](out)
		row = out
	}
	return row
}

// checkActivations refuses what denseStack has no function for.
func checkActivations(layers []model.Dense) error {
	for i, d := range layers {
		if activate[d.Activation] == nil {
			return fmt.Errorf("dense layer %d (%s) has the activation %q; there are sigmoid, softmax, relu and tanh", i, d.Name, d.Activation)
		}
	}
	return nil
}

// head runs the dense layers on every row of x, or on the last executed step.
func head(net *model.Network, x []float64, width int, last []float64) [][]float64 {
	if len(net.Head) == 0 {
		return nil
	}
	if net.LastStepOnly {
		return [][]float64{denseStack(net.Head, last)}
	}
	var rows [][]float64
	for at := 0; at < len(x); at += width {
		rows = append(rows, denseStack(net.Head, x[at:at+width]))
	}
	return rows
}

// HeadOf runs the network's dense layers on an h that was computed elsewhere: output is [steps, directions × hidden] in the order of
// time, last the last executed step of each direction. It gives the rows of FloatResult.Head.
func (f *Float) HeadOf(output, last []float64) [][]float64 {
	return head(f.net, output, len(last), last)
}
