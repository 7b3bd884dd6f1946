package model

// layer gives the dense layer in the network's form.
func (d *onnxDense) layer() (Dense, error) {
	out := Dense{Name: d.name(), Output: d.outputs(), Activation: d.activation}
	out.Input = d.weight.count() / out.Output
	out.Weight = make([]float32, d.weight.count())
	for o := range out.Output {
		for i := range out.Input {
			at := i*out.Output + o
			if d.transposed {
				at = o*out.Input + i
			}
			out.Weight[o*out.Input+i] = d.weight.floats[at] * d.scale
		}
	}
	if err := checkOnnxNumbers(out.Name+".weight", out.Weight); err != nil || d.bias == nil {
		return out, err
	}
	out.Bias = make([]float32, out.Output)
	for o := range out.Bias {
		out.Bias[o] = d.bias.floats[o%len(d.bias.floats)] * d.biasScale
	}
	return out, checkOnnxNumbers(out.Name+".bias", out.Bias)
}

// checkOnnxNumbers refuses what is no number, as every reader does.
func checkOnnxNumbers(name string, values []float32) error {
	_, err := tensor{name: name, values: func() ([]float32, error) { return values, nil }}.load()
	return err
}

// name is the module that the weights are named after ("fc.weight", as PyTorch exports them), or that a node is.
func (d *onnxDense) name() string {
	for _, v := range []*onnxValue{d.weight, d.bias} {
		if v == nil || len(v.from) != 1 {
			continue
		}
		if path, parameter := (tensor{name: v.from[0]}).split(); path != "" && (parameter == "weight" || parameter == "bias") {
			return path
		}
	}
	for _, node := range d.names {
		if name := onnxModuleName(node); name != "" {
			return name
		}
	}
	return "dense"
}
