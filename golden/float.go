package golden

import (
	"fmt"

	"rnnsim/dump"
	"rnnsim/model"
	"rnnsim/xmodel"
)

// Float is the float64 reference of a network: what PyTorch's nn.LSTM and nn.GRU compute in float64 from the float32 weights,
// with the embedding before and the dense layers behind. It does not change once it is made, and may be used from several
// goroutines at a time.
type Float struct {
	net    *model.Network
	cells  []*floatCell // in execution order
	header dump.Header
}

// NewFloat prepares the float reference of a network. The graphs name its cells in execution order, so that its trace can be
// held against that of a quantized model with these graphs; nil names them by layer and direction.
func NewFloat(net *model.Network, graphs []string) (*Float, error) {
	if err := net.Validate(); err != nil {
		return nil, fmt.Errorf("make the float reference: %w", err)
	}
	if err := checkActivations(net.Head); err != nil {
		return nil, fmt.Errorf("make the float reference: %w", err)
	}
	f := &Float{net: net, header: dump.Header{Meta: map[string]string{"rnnsim.origin": "float reference"}}}
	for l, layer := range net.Layers {
		for _, c := range layer.Cells() {
			cell := newFloatCell(net.Kind, c)
			f.cells = append(f.cells, cell)
			described := dump.Cell{Layer: l, Backward: c == layer.Backward, Nodes: cell.describe()}
			described.Graph = fmt.Sprintf("layer_%d_forward", l)
			if described.Backward {
				described.Graph = fmt.Sprintf("layer_%d_backward", l)
			}
			f.header.Cells = append(f.header.Cells, described)
		}
	}
	if graphs == nil {
		return f, nil
	}
	if len(graphs) != len(f.cells) {
		return nil, fmt.Errorf("make the float reference: %d graphs are named, the network has %d cells", len(graphs), len(f.cells))
	}
	for i, graph := range graphs {
		f.header.Cells[i].Graph = graph
	}
	return f, nil
}

// Header describes the frames of Run. The nodes have the names of the quantized graph's; their values are float32.
func (f *Float) Header() dump.Header { return f.header }

// floatCell is one layer in one direction: the nodes of the quantized cell with float64 weights.
type floatCell struct {
	hidden int
	nodes  []floatNode
	// The nodes that a step begins with and those that become h and c of the next; c and nextC are -1 without a c.
	x, h, c, nextH, nextC int
}

type floatNode struct {
	xmodel.Node
	width   int
	reads   []int
	weights []float64 // [width, width of what it reads], row-major
	bias    []float64
}

func newFloatCell(kind model.Kind, from *model.Cell) *floatCell {
	quantized := xmodel.LSTM
	if kind == model.GRU {
		quantized = xmodel.GRU
	}
	c, index := &floatCell{hidden: from.Hidden, c: -1, nextC: -1}, map[string]int{}
	places := map[string]*int{"input_0": &c.x, "input_1": &c.h, "input_2": &c.c, "h_next": &c.nextH, "c_next": &c.nextC}
	params := gateParams(quantized, from)
	for _, n := range xmodel.Nodes(quantized) {
		node := floatNode{Node: n, width: from.Hidden, weights: params[n.Weight], bias: params[n.Bias]}
		if n.Label == "input_0" {
			node.width = from.Input
		}
		for _, read := range n.Reads {
			node.reads = append(node.reads, index[read])
		}
		index[n.Label] = len(c.nodes)
		if place := places[n.Label]; place != nil {
			*place = len(c.nodes)
		}
		c.nodes = append(c.nodes, node)
	}
	return c
}

// gateParams cuts the parameters into gates, under the labels of the quantized cell. An LSTM's two biases are added; a GRU's
// linears keep their own.
func gateParams(kind xmodel.CellKind, c *model.Cell) map[string][]float64 {
	params := map[string][]float64{}
	for i, gate := range kind.Gates() {
		block := func(values []float32, columns int) []float64 {
			size := c.Hidden * columns
			return widen(values[i*size : (i+1)*size])
		}
		params["weight_i"+gate], params["weight_h"+gate] = block(c.WeightIH, c.Input), block(c.WeightHH, c.Hidden)
		if c.BiasIH == nil {
			continue
		}
		x, h := block(c.BiasIH, 1), block(c.BiasHH, 1)
		if kind == xmodel.GRU {
			params["bias_i"+gate], params["bias_h"+gate] = x, h
			continue
		}
		for j, v := range h {
			x[j] += v
		}
		params["bias_"+gate] = x
	}
	return params
}

func widen(values []float32) []float64 {
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	return wide
}

func (c *floatCell) describe() []dump.Node {
	var nodes []dump.Node
	for _, n := range c.nodes {
		nodes = append(nodes, dump.Node{
			Name: xmodel.Sanitize(n.Label), Label: n.Label, Op: n.Op, Width: n.width, Bits: 32, Float: true,
		})
	}
	return nodes
}
