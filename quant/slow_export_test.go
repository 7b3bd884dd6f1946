package quant

import (
	"strings"

	"rnnsim/model"
	"rnnsim/xmodel"
)

// slowExport is the second implementation of the export, on names: positions by their quant_info names, tables included.
func (s *slowCalibration) slowExport(net *model.Network) (param, output, input map[string]int, adjusted int) {
	param, output, input = map[string]int{}, map[string]int{}, map[string]int{}
	for name, p := range s.param {
		param[name] = p
	}
	for name, history := range s.output {
		output[name] = slowMode(history)
	}
	for name, history := range s.input {
		input[name] = slowMode(history)
	}
	var graphs []string
	for l, layer := range net.Layers {
		if layer.Forward != nil {
			graphs = append(graphs, GraphName(net, l, false))
		}
		if layer.Backward != nil {
			graphs = append(graphs, GraphName(net, l, true))
		}
	}
	for _, graph := range graphs {
		h := output[graph+"::h_next"]
		for name := range output {
			if strings.HasPrefix(name, graph+"::") && name != graph+"::input_0" {
				output[name] = h
			}
		}
		tables := []string{"it", "ft", "cct"}
		if net.Kind == model.LSTM {
			tables = append(tables, "ot", "c_temp")
		}
		for _, table := range tables {
			output[graph+"::"+table] = 15
		}
	}
	type linear struct{ out, in, weight, bias string }
	var linears []linear
	for _, graph := range graphs {
		prefix := graph + "::"
		if net.Kind == model.GRU && s.compat == xmodel.VAI20 {
			prefix = ""
		}
		for _, gate := range []string{"i", "f", "g", "o"} {
			x := linear{graph + "::w_i" + gate + " * input_0 + bias_", graph + "::input_0", prefix + "weight_i" + gate, ""}
			h := linear{graph + "::w_h" + gate + " * input_1", graph + "::input_1", prefix + "weight_h" + gate, ""}
			switch {
			case net.Kind == model.LSTM:
				x.out, x.bias = x.out+gate, prefix+"bias_"+gate
			case gate == "o":
				continue
			default:
				x.out, x.bias = x.out+"i"+gate, prefix+"bias_i"+gate
				h.out, h.bias = h.out+" + bias_h"+gate, prefix+"bias_h"+gate
			}
			linears = append(linears, x, h)
		}
	}
	for _, l := range linears {
		if _, found := param[l.bias]; found {
			param[l.bias] = output[l.out]
		}
	}
	for _, l := range linears {
		in := output[l.in]
		if p, found := input[l.out]; found {
			in = p
		}
		sc := param[l.weight] + in - output[l.out]
		if sc < 0 {
			output[l.out] += sc
			adjusted++
		}
		if sc > 16 {
			param[l.weight] -= sc - 16
			adjusted++
		}
		if _, found := param[l.bias]; !found {
			continue
		}
		sb := param[l.weight] + in - param[l.bias]
		lowest := -(24 - (8 + sc))
		if lowest > 0 {
			lowest = 0
		}
		if sb < lowest {
			param[l.bias] += sb - lowest
			adjusted++
		}
		if sb > 16 {
			param[l.weight] -= sb - 16
			adjusted++
		}
	}
	return param, output, input, adjusted
}
