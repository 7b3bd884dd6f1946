package quant

import (
	"fmt"
	"math"

	"rnnsim/internal/fixed"
	"rnnsim/model"
	"rnnsim/xmodel"
)

// slowCalibration is the second implementation of calibration and export: the equations of the two cells, a name at a time,
// over maps. It takes nothing from the first one but the slow search.
type slowCalibration struct {
	compat      xmodel.Compat
	weightBits  int
	maxPosition int
	param       map[string]int // positions
	output      map[string][]int
	input       map[string][]int
	fromParam   map[string][]float32 // a cell's parameters, as it multiplies them
}

func newSlowCalibration(o Options) *slowCalibration {
	return &slowCalibration{
		compat: o.Compat, weightBits: o.WeightBits, maxPosition: o.MaxFixPosition,
		param: map[string]int{}, output: map[string][]int{}, input: map[string][]int{}, fromParam: map[string][]float32{},
	}
}

func (s *slowCalibration) fake(x []float32, position, bits int, method fixed.Rounding) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = slowQuantize(v, position, bits, method, s.compat == xmodel.VAI20)
	}
	return out
}

func (s *slowCalibration) node(name string, x []float32, candidates int) []float32 {
	s.output[name] = append(s.output[name], slowSearch(x, 16, candidates, fixed.Floor, s.maxPosition))
	return s.fake(x, slowMode(s.output[name]), 16, fixed.Floor)
}

// parameter quantizes a parameter at its first use, under the name key; memo tells this cell's use from another's.
func (s *slowCalibration) parameter(key, memo string, values []float32, bits int) []float32 {
	if got, found := s.fromParam[memo]; found {
		return got
	}
	s.fromParam[memo] = values
	if _, found := s.param[key]; !found {
		s.param[key] = slowSearch(values, bits, 5, fixed.HalfAway, s.maxPosition)
		s.fromParam[memo] = s.fake(values, s.param[key], bits, fixed.HalfAway)
	}
	return s.fromParam[memo]
}

func (s *slowCalibration) linear(kind model.Kind, graph, label, weight, bias string, x, w, b []float32) []float32 {
	name := graph + "::" + label
	if s.weightBits == 8 {
		s.input[name] = append(s.input[name], slowSearch(x, 8, 1, fixed.Floor, s.maxPosition))
		x = s.fake(x, slowMode(s.input[name]), 8, fixed.Floor)
	}
	prefix := graph + "::"
	if kind == model.GRU && s.compat == xmodel.VAI20 {
		prefix = ""
	}
	w = s.parameter(prefix+weight, graph+weight, w, s.weightBits)
	if b != nil {
		b = s.parameter(prefix+bias, graph+bias, b, 16)
	}
	out := make([]float32, len(w)/len(x))
	for r := range out {
		var sum float32
		for k := range x {
			product := w[r*len(x)+k] * x[k]
			sum = sum + product
		}
		out[r] = sum
		if b != nil {
			out[r] = sum + b[r]
		}
	}
	return s.node(name, out, 5)
}

func zip(a, b []float32, f func(a, b float32) float32) []float32 {
	out := make([]float32, len(a))
	for i := range a {
		out[i] = f(a[i], b[i])
	}
	return out
}

func add(a, b float32) float32 { return a + b }
func sub(a, b float32) float32 { return a - b }
func mul(a, b float32) float32 { return a * b }

func slowTable(x []float32, reach, perUnit float64, low, high float32, f func(float64) float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		switch {
		case float64(v) >= reach:
			out[i] = high
		case float64(v) < -reach:
			out[i] = low
		default:
			out[i] = float32(math.Round(32768*f(math.Floor(float64(v)*perUnit)/perUnit)) / 32768)
		}
	}
	return out
}

func slowSigmoid(x []float32) []float32 {
	return slowTable(x, 8, 128, 0, 32767.0/32768, func(v float64) float64 { return 1 / (1 + math.Exp(-v)) })
}

func slowTanh(x []float32) []float32 { return slowTable(x, 4, 256, -1, 32767.0/32768, math.Tanh) }

// run executes one cell over [steps][features] and gives h of every step; x may be overwritten (VAI20).
func (s *slowCalibration) run(kind model.Kind, graph string, c *model.Cell, x [][]float32, backward bool) [][]float32 {
	h, cell := make([]float32, c.Hidden), make([]float32, c.Hidden)
	out := make([][]float32, len(x))
	for k := range x {
		t := k
		if backward {
			t = len(x) - 1 - k
		}
		in := s.node(graph+"::input_0", x[t], 1)
		if s.compat == xmodel.VAI20 {
			x[t] = in
		}
		h = s.node(graph+"::input_1", h, 1)
		if kind == model.LSTM {
			cell = s.node(graph+"::input_2", cell, 1)
			h, cell = s.lstm(graph, c, in, h, cell)
		} else {
			h = s.gru(graph, c, in, h)
		}
		out[t] = h
	}
	return out
}

func (s *slowCalibration) lstm(graph string, c *model.Cell, x, h, cell []float32) (hNext, cNext []float32) {
	y := map[string][]float32{}
	for g, gate := range []string{"i", "f", "g", "o"} {
		from, to := g*c.Hidden, (g+1)*c.Hidden
		var bias []float32
		if c.BiasIH != nil {
			bias = zip(c.BiasIH[from:to], c.BiasHH[from:to], add)
		}
		wx := s.linear(model.LSTM, graph, fmt.Sprintf("w_i%s * input_0 + bias_%s", gate, gate), "weight_i"+gate, "bias_"+gate,
			x, c.WeightIH[from*c.Input:to*c.Input], bias)
		wh := s.linear(model.LSTM, graph, fmt.Sprintf("w_h%s * input_1", gate), "weight_h"+gate, "",
			h, c.WeightHH[from*c.Hidden:to*c.Hidden], nil)
		y[gate] = s.node(graph+"::y_"+gate, zip(wx, wh, add), 5)
	}
	fresh := s.node(graph+"::it*cct", zip(slowSigmoid(y["i"]), slowTanh(y["g"]), mul), 5)
	kept := s.node(graph+"::ft*input_2", zip(slowSigmoid(y["f"]), cell, mul), 5)
	cNext = s.node(graph+"::c_next", zip(fresh, kept, add), 5)
	hNext = s.node(graph+"::h_next", zip(slowSigmoid(y["o"]), slowTanh(cNext), mul), 5)
	return hNext, cNext
}

func (s *slowCalibration) gru(graph string, c *model.Cell, x, h []float32) []float32 {
	wx, wh := map[string][]float32{}, map[string][]float32{}
	for g, gate := range []string{"i", "f", "g"} {
		from, to := g*c.Hidden, (g+1)*c.Hidden
		var biasX, biasH []float32
		if c.BiasIH != nil {
			biasX, biasH = c.BiasIH[from:to], c.BiasHH[from:to]
		}
		wx[gate] = s.linear(model.GRU, graph, fmt.Sprintf("w_i%s * input_0 + bias_i%s", gate, gate), "weight_i"+gate, "bias_i"+gate,
			x, c.WeightIH[from*c.Input:to*c.Input], biasX)
		wh[gate] = s.linear(model.GRU, graph, fmt.Sprintf("w_h%s * input_1 + bias_h%s", gate, gate), "weight_h"+gate, "bias_h"+gate,
			h, c.WeightHH[from*c.Hidden:to*c.Hidden], biasH)
	}
	it := slowSigmoid(s.node(graph+"::y_i", zip(wx["i"], wh["i"], add), 5))
	ft := slowSigmoid(s.node(graph+"::y_f", zip(wx["f"], wh["f"], add), 5))
	reset := s.node(graph+"::it*(w_hg * input_1 + bias_hg)", zip(it, wh["g"], mul), 5)
	cct := slowTanh(s.node(graph+"::y_g", zip(wx["g"], reset, add), 5))
	mixed := s.node(graph+"::ft*cct", zip(ft, cct, mul), 5)
	fresh := s.node(graph+"::cct-ft*cct", zip(cct, mixed, sub), 5)
	kept := s.node(graph+"::ft*input_1", zip(ft, h, mul), 5)
	return s.node(graph+"::h_next", zip(fresh, kept, add), 5)
}

// network runs all sequences through all layers.
func (s *slowCalibration) network(net *model.Network, sequences [][]float32) {
	for _, sequence := range sequences {
		features := net.Input()
		var x [][]float32
		for t := 0; t < len(sequence); t += features {
			x = append(x, append([]float32(nil), sequence[t:t+features]...))
		}
		for l, layer := range net.Layers {
			out := make([][]float32, len(x))
			if layer.Forward != nil {
				for t, h := range s.run(net.Kind, GraphName(net, l, false), layer.Forward, x, false) {
					out[t] = append(out[t], h...)
				}
			}
			if layer.Backward != nil {
				for t, h := range s.run(net.Kind, GraphName(net, l, true), layer.Backward, x, true) {
					out[t] = append(out[t], h...)
				}
			}
			x = out
		}
	}
}
