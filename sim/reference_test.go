package sim_test

import (
	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// refCell runs a standard cell by its formulas, from the specification that its graph was built from.
type refCell struct {
	device
	spec  xmodel.CellSpec
	frame map[string]*tensor // by label, matmul inputs by the label with "_pre_fix_i0"
	h, c  []real
}

func (r *refCell) format(label string) fixed.Format { return r.spec.Formats[label] }

func (r *refCell) param(label string) []real {
	if label == "" || r.spec.Values[label] == nil {
		return nil
	}
	var reals []real
	for _, v := range r.spec.Values[label] {
		reals = append(reals, realOfFloat(v))
	}
	return reals
}

// linear computes a linear of the tensor whose reals are given. The 8-bit input overwrites them where quantization is in place.
func (r *refCell) linear(n xmodel.Node, x []real) *tensor {
	if cut, narrow := r.spec.MatmulInputs[n.Label]; narrow {
		t := r.tensor(x, cut)
		r.frame[n.Label+"_pre_fix_i0"] = t
		if r.compat == xmodel.VAI20 {
			copy(x, t.reals)
		}
		x = t.reals
	}
	return r.device.linear(r.param(n.Weight), x, r.param(n.Bias), r.format(n.Label))
}

func (r *refCell) enter(label string, reals []real) []real {
	t := r.tensor(reals, r.format(label))
	r.frame[label] = t
	return append([]real(nil), t.reals...)
}

// step computes one frame. What it leaves in x is what the original leaves there.
func (r *refCell) step(x []real) {
	r.frame = map[string]*tensor{}
	entered, h := r.enter("input_0", x), r.enter("input_1", r.h)
	var c []real
	if r.spec.Kind == xmodel.LSTM {
		c = r.enter("input_2", r.c)
	}
	for _, n := range xmodel.Nodes(r.spec.Kind) {
		if n.Weight == "" {
			continue
		}
		source := entered
		if n.Weight[len("weight_")] == 'h' {
			source = h
		}
		r.frame[n.Label] = r.linear(n, source)
	}
	if r.compat == xmodel.VAI20 {
		copy(x, entered)
	}
	if r.spec.Kind == xmodel.LSTM {
		r.lstm(c)
	} else {
		r.gru(h)
	}
}

func (r *refCell) add(out, a, b string) { r.combine(out, a, b, plus) }
func (r *refCell) mul(out, a, b string) { r.combine(out, a, b, times) }
func (r *refCell) combine(out, a, b string, op func(a, b real) real) {
	r.frame[out] = r.elementwise(r.frame[a], r.frame[b], op, r.format(out))
}

func (r *refCell) lstm(c []real) {
	for _, gate := range []string{"i", "f", "g", "o"} {
		r.add("y_"+gate, "w_i"+gate+" * input_0 + bias_"+gate, "w_h"+gate+" * input_1")
	}
	r.frame["it"] = r.sigmoid(r.frame["y_i"], r.format("it"))
	r.frame["ft"] = r.sigmoid(r.frame["y_f"], r.format("ft"))
	r.frame["cct"] = r.tanh(r.frame["y_g"], r.format("cct"))
	r.frame["ot"] = r.sigmoid(r.frame["y_o"], r.format("ot"))
	r.mul("it*cct", "it", "cct")
	r.frame["ft*input_2"] = r.elementwise(r.frame["ft"], &tensor{reals: c}, times, r.format("ft*input_2"))
	r.add("c_next", "it*cct", "ft*input_2")
	r.frame["c_temp"] = r.tanh(r.frame["c_next"], r.format("c_temp"))
	r.mul("h_next", "ot", "c_temp")
	r.h, r.c = r.frame["h_next"].reals, r.frame["c_next"].reals
}

func (r *refCell) gru(h []real) {
	gated := "it*(w_hg * input_1 + bias_hg)"
	r.add("y_i", "w_ii * input_0 + bias_ii", "w_hi * input_1 + bias_hi")
	r.add("y_f", "w_if * input_0 + bias_if", "w_hf * input_1 + bias_hf")
	r.frame["it"] = r.sigmoid(r.frame["y_i"], r.format("it"))
	r.frame["ft"] = r.sigmoid(r.frame["y_f"], r.format("ft"))
	r.mul(gated, "it", "w_hg * input_1 + bias_hg")
	r.add("y_g", "w_ig * input_0 + bias_ig", gated)
	r.frame["cct"] = r.tanh(r.frame["y_g"], r.format("cct"))
	r.mul("ft*cct", "ft", "cct")
	r.combine("cct-ft*cct", "cct", "ft*cct", minus)
	r.frame["ft*input_1"] = r.elementwise(r.frame["ft"], &tensor{reals: h}, times, r.format("ft*input_1"))
	r.add("h_next", "cct-ft*cct", "ft*input_1")
	r.h = r.frame["h_next"].reals
}

// refRun runs a network over one sequence: frames by cell and step, and the last layer's output in the order of time.
func refRun(specs [][]xmodel.CellSpec, compat xmodel.Compat, s dump.Sequence) (frames [][]map[string]*tensor, output []int16) {
	first := specs[0][0]
	x, width := stimulusReals(s, first.Formats["input_0"]), first.Input
	steps := len(x) / width
	cell := 0
	for _, layer := range specs {
		rows := make([][]real, steps)
		output = nil
		ints := make([][]int16, steps)
		for _, spec := range layer {
			r := &refCell{device: device{compat}, spec: spec}
			var initial dump.State
			if s.Initial != nil {
				initial = s.Initial[cell]
			}
			r.h = realsOf(orZero(initial.H, spec.Hidden), spec.Formats["input_1"].Position)
			r.c = realsOf(orZero(initial.C, spec.Hidden), spec.Formats["input_2"].Position)
			var run []map[string]*tensor
			for k := range steps {
				t := k
				if spec.Backward {
					t = steps - 1 - k
				}
				r.step(x[t*width : (t+1)*width])
				run = append(run, r.frame)
				rows[t] = append(rows[t], r.frame["h_next"].reals...)
				ints[t] = append(ints[t], r.frame["h_next"].ints...)
			}
			frames = append(frames, run)
			cell++
		}
		x, width = nil, len(rows[0])
		for t := range steps {
			x, output = append(x, rows[t]...), append(output, ints[t]...)
		}
	}
	return frames, output
}

func orZero(values []int16, n int) []int16 {
	if values == nil {
		return make([]int16, n)
	}
	return values
}
