package xmodel

import "fmt"

// CellKind is the kind of a recurrent cell.
type CellKind int

// The kinds of cell that the quantizer knows. Their gates are named i, f, g, o, after PyTorch's LSTM; a GRU's r, z, n are i, f, g.
const (
	LSTM CellKind = iota
	GRU
)

// String gives "lstm" or "gru".
func (k CellKind) String() string {
	if k == GRU {
		return "gru"
	}
	return "lstm"
}

// Gates gives the letters of the kind's gates, in the order of PyTorch's parameter blocks.
func (k CellKind) Gates() []string {
	if k == GRU {
		return []string{"i", "f", "g"}
	}
	return []string{"i", "f", "g", "o"}
}

// Node is a node of a cell as quant_info.json names it: an op together with the fix behind it.
type Node struct {
	Label string   // name in quant_info.json after "<graph>::"
	Op    string   // XIR op type: data, matmul, add, sub, mul, sigmoid, tanh
	Reads []string // labels of the nodes it reads, in the order of the op's arguments
	// Weight is the label of a matmul's weight. Bias is that of its bias where the cell has biases; it is empty for a linear
	// that has none in any cell.
	Weight, Bias string
}

// Nodes gives the nodes of a cell in the order of quant_info.json, which is the order of execution. The labels keep "+ bias_i"
// in a cell without biases, as the original does.
func Nodes(kind CellKind) []Node {
	if kind == GRU {
		return gruNodes()
	}
	return lstmNodes()
}

func lstmNodes() []Node {
	nodes := []Node{data("input_0"), data("input_1"), data("input_2")}
	for _, gate := range LSTM.Gates() {
		x := Node{
			Label: fmt.Sprintf("w_i%s * input_0 + bias_%s", gate, gate), Op: "matmul",
			Reads: []string{"input_0"}, Weight: "weight_i" + gate, Bias: "bias_" + gate,
		}
		h := Node{Label: fmt.Sprintf("w_h%s * input_1", gate), Op: "matmul", Reads: []string{"input_1"}, Weight: "weight_h" + gate}
		nodes = append(nodes, x, h, node("y_"+gate, "add", x.Label, h.Label))
	}
	return append(nodes,
		node("it", "sigmoid", "y_i"),
		node("ft", "sigmoid", "y_f"),
		node("cct", "tanh", "y_g"),
		node("ot", "sigmoid", "y_o"),
		node("it*cct", "mul", "it", "cct"),
		node("ft*input_2", "mul", "ft", "input_2"),
		node("c_next", "add", "it*cct", "ft*input_2"),
		node("c_temp", "tanh", "c_next"),
		node("h_next", "mul", "ot", "c_temp"),
	)
}

func gruNodes() []Node {
	x := func(gate string) Node { return gruLinear("i"+gate, "input_0") }
	h := func(gate string) Node { return gruLinear("h"+gate, "input_1") }
	gated := "it*(" + h("g").Label + ")"
	return []Node{
		data("input_0"), data("input_1"),
		x("i"), h("i"), node("y_i", "add", x("i").Label, h("i").Label),
		x("f"), h("f"), node("y_f", "add", x("f").Label, h("f").Label),
		node("it", "sigmoid", "y_i"),
		node("ft", "sigmoid", "y_f"),
		x("g"), h("g"),
		node(gated, "mul", "it", h("g").Label),
		node("y_g", "add", x("g").Label, gated),
		node("cct", "tanh", "y_g"),
		node("ft*cct", "mul", "ft", "cct"),
		node("cct-ft*cct", "sub", "cct", "ft*cct"),
		node("ft*input_1", "mul", "ft", "input_1"),
		node("h_next", "add", "cct-ft*cct", "ft*input_1"),
	}
}

func gruLinear(suffix, input string) Node {
	return Node{
		Label: fmt.Sprintf("w_%s * %s + bias_%s", suffix, input, suffix), Op: "matmul",
		Reads: []string{input}, Weight: "weight_" + suffix, Bias: "bias_" + suffix,
	}
}

func data(label string) Node { return Node{Label: label, Op: "data"} }

func node(label, op string, reads ...string) Node { return Node{Label: label, Op: op, Reads: reads} }

// Parameters gives the labels of a cell's parameters in the order of quant_info.json.
func Parameters(kind CellKind, bias bool) []string {
	var labels []string
	for _, n := range Nodes(kind) {
		if n.Weight != "" {
			labels = append(labels, n.Weight)
		}
		if n.Bias != "" && bias {
			labels = append(labels, n.Bias)
		}
	}
	return labels
}

// writingOrder is the order in which the original writes the nodes behind the inputs: depth first from h_next, the last gate
// first.
func writingOrder(kind CellKind) []string {
	if kind == GRU {
		return []string{
			"w_hg * input_1 + bias_hg", "w_ig * input_0 + bias_ig",
			"w_hf * input_1 + bias_hf", "w_if * input_0 + bias_if", "y_f", "ft", "ft*input_1",
			"w_hi * input_1 + bias_hi", "w_ii * input_0 + bias_ii", "y_i", "it", "it*(w_hg * input_1 + bias_hg)",
			"y_g", "cct", "ft*cct", "cct-ft*cct", "h_next",
		}
	}
	return []string{
		"w_ho * input_1", "w_io * input_0 + bias_o", "y_o", "ot",
		"w_hg * input_1", "w_ig * input_0 + bias_g", "y_g", "cct",
		"w_hf * input_1", "w_if * input_0 + bias_f", "y_f", "ft", "ft*input_2",
		"w_hi * input_1", "w_ii * input_0 + bias_i", "y_i", "it", "it*cct", "c_next", "c_temp", "h_next",
	}
}
