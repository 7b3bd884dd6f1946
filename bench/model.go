package bench

import (
	"fmt"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// Where 8-bit products read their inputs: x reaches ±4, and h ±1.
const (
	eightBitX = 5
	eightBitH = 7
)

// buildModel makes the graphs of the layers as the quantizer's export leaves them: everything at one position.
func buildModel(kind xmodel.CellKind, layers []Layer, weightBits int) (*xmodel.Model, error) {
	var graphs []*xmodel.Graph
	for i, l := range layers {
		g, err := xmodel.Build(cellSpec(kind, l, i, weightBits))
		if err != nil {
			return nil, err
		}
		graphs = append(graphs, g)
	}
	return xmodel.NewModel(graphs...)
}

func cellSpec(kind xmodel.CellKind, l Layer, index, weightBits int) xmodel.CellSpec {
	names := map[xmodel.CellKind]string{xmodel.LSTM: "Lstm", xmodel.GRU: "Gru"}
	spec := xmodel.CellSpec{
		Name: fmt.Sprintf("Bench_Standard%sCell_layer_%d_forward", names[kind], index), Kind: kind,
		Input: l.Inputs, Hidden: l.Hidden, Bias: true,
		Values: map[string][]float32{}, Formats: map[string]fixed.Format{}, MatmulInputs: map[string]fixed.Format{},
	}
	full := fixed.Format{Bits: 16, Position: Position}
	weight, widen := full, func(w []int16) []int16 { return w }
	if weightBits == 8 {
		weight = fixed.Format{Bits: 8, Position: eightBitPosition(l.Hidden)}
		widen = func(w []int16) []int16 { return toEightBits(w, weight.Position) }
	}
	gateOf := map[string]int{}
	for g, letter := range kind.Gates() {
		gateOf[letter] = g
	}
	for _, n := range xmodel.Nodes(kind) {
		spec.Formats[n.Label] = full
		if n.Op == "sigmoid" || n.Op == "tanh" {
			spec.Formats[n.Label] = fixed.Format{Bits: 16, Position: fixed.TablePosition}
		}
		if n.Weight == "" {
			continue
		}
		matrix, columns, cut := l.X, l.Inputs, eightBitX
		if n.Reads[0] == "input_1" {
			matrix, columns, cut = l.H, l.Hidden, eightBitH
		}
		gate := gateOf[n.Weight[len(n.Weight)-1:]]
		block := l.Hidden * columns
		spec.Formats[n.Weight] = weight
		spec.Values[n.Weight] = reals(widen(matrix[gate*block:][:block]), weight.Position)
		if n.Bias != "" {
			spec.Formats[n.Bias] = full
			spec.Values[n.Bias] = reals(l.Bias[gate*l.Hidden:][:l.Hidden], Position)
		}
		if weightBits == 8 {
			spec.MatmulInputs[n.Label] = fixed.Format{Bits: 8, Position: cut}
		}
	}
	return spec
}

func reals(values []int16, position int) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = float32(fixed.Real(int64(v), position))
	}
	return out
}
