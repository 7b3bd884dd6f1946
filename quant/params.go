package quant

import (
	"fmt"

	"rnnsim/internal/fixed"
	"rnnsim/model"
	"rnnsim/xmodel"
)

// paramTensors gives the weight and the bias (nil without) that a linear uses, as the float network has them. The two biases
// of an LSTM are added here, in float32, before anything else happens to them.
func paramTensors(kind model.Kind, c *model.Cell, o op) (weight, bias []float32) {
	low, high := o.gate*c.Hidden, (o.gate+1)*c.Hidden
	if o.readsHidden() {
		weight = c.WeightHH[low*c.Hidden : high*c.Hidden]
	} else {
		weight = c.WeightIH[low*c.Input : high*c.Input]
	}
	if o.Bias == "" || c.BiasIH == nil {
		return weight, nil
	}
	switch {
	case kind == model.LSTM:
		bias = make([]float32, c.Hidden)
		for i := range bias {
			bias[i] = c.BiasIH[low+i] + c.BiasHH[low+i]
		}
	case o.readsHidden():
		bias = c.BiasHH[low:high]
	default:
		bias = c.BiasIH[low:high]
	}
	return weight, bias
}

// paramSearch searches the positions of parameters, each name once, and quantizes them.
type paramSearch struct {
	kind        model.Kind
	compat      xmodel.Compat
	maxPosition int
	section     Section
	known       map[string]bool
}

// quantized gives a parameter on the grid of its position. Where several cells share a name, the first one's values are
// searched and quantized, and the others' stay float, as in the original.
func (p *paramSearch) quantized(graph, name string, values []float32, bits int) ([]float32, error) {
	key := paramKey(p.kind, p.compat, graph, name)
	low, high, finite := extremes(values)
	if !finite {
		return nil, fmt.Errorf("parameter %q of %s holds a NaN or an infinity (value %d of it): repair the model", name, graph, firstNonFinite(values))
	}
	if p.known[key] {
		return values, nil
	}
	p.known[key] = true
	position := searchHalfAway(values, low, high, bits, p.maxPosition)
	if position < fixed.MinPosition {
		return nil, fmt.Errorf("parameter %q of %s reaches from %g to %g and wants fix position %d, the lowest is %d: scale the model",
			name, graph, low, high, position, fixed.MinPosition)
	}
	p.section = append(p.section, Entry{key, fixed.Format{Bits: bits, Position: position}})
	values = append([]float32(nil), values...)
	g := gridOf(bits, position)
	g.halfAwayAll(values)
	return values, nil
}

func firstNonFinite(values []float32) int {
	for i, v := range values {
		if v-v != 0 {
			return i
		}
	}
	return -1
}
