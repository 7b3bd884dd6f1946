package model

import (
	"fmt"
	"slices"
	"strings"
)

// onnxLayer is one recurrent layer: an operator, or two that read the same, one in each direction, and whose outputs are joined.
type onnxLayer struct {
	rnns  []*onnxRNN
	cells []*onnxUnit // the forward cell first; none if the operator's weights are unknown
	prev  *onnxLayer
	why   string // what it reads if that is neither a layer nor an input of the graph
}

// onnxChain is recurrent layers that read one another.
type onnxChain struct{ layers []*onnxLayer }

// chains gives the recurrent parts of the graph, in the order of their last operators.
func (r *onnxRun) chains() ([]*onnxChain, error) {
	if len(r.rnns) == 0 {
		return nil, r.noRecurrent()
	}
	layers := r.layers()
	read := map[*onnxLayer]bool{}
	for _, l := range layers {
		l.link(layers)
		if l.prev != nil {
			read[l.prev] = true
		}
	}
	var chains []*onnxChain
	for _, l := range layers {
		if read[l] {
			continue
		}
		c := &onnxChain{}
		for at := l; at != nil; at = at.prev {
			c.layers = append(c.layers, at)
		}
		slices.Reverse(c.layers)
		chains = append(chains, c)
	}
	return chains, nil
}

// noRecurrent says what the graph has instead of LSTM and GRU operators.
func (r *onnxRun) noRecurrent() error {
	var ops []string
	for _, n := range r.nodes {
		op := n.OpType
		if strings.HasPrefix(op, "DynamicQuantizeLSTM") || strings.HasPrefix(op, "QLinear") {
			return fmt.Errorf("no LSTM or GRU is in the graph: %s: it was quantized: read the float model", onnxNodeName(n))
		}
		if op == "RNN" {
			return fmt.Errorf("no LSTM or GRU is in the graph: %s is a plain RNN, and the accelerator has LSTM and GRU cells only", onnxNodeName(n))
		}
		if op == "Loop" || op == "Scan" {
			return fmt.Errorf("no LSTM or GRU is in the graph: %s is a loop: if it is a cell that the exporter wrote out (as tf2onnx does Keras 3's GRU), read the Keras or PyTorch file itself", onnxNodeName(n))
		}
		if !slices.Contains(ops, op) {
			ops = append(ops, op)
		}
	}
	return fmt.Errorf("no LSTM or GRU is in the graph; its ops are %s", some(ops))
}

// layers makes layers of operators. Exporters of Keras write a bidirectional layer as two operators and a Concat.
func (r *onnxRun) layers() []*onnxLayer {
	partner := map[*onnxRNN]*onnxRNN{}
	pair := func(feed onnxFeed) {
		if len(feed.units) != 2 || feed.why != "" {
			return
		}
		a, b := feed.units[0], feed.units[1]
		if a.rnn == nil || b.rnn == nil || a.state || b.state || a.rnn == b.rnn || partner[a.rnn] != nil || partner[b.rnn] != nil {
			return
		}
		if len(a.rnn.cells) == 1 && len(b.rnn.cells) == 1 && !a.backward() && b.backward() && a.rnn.kind == b.rnn.kind &&
			a.width == b.width && a.rnn.feed.why == "" && slices.Equal(a.rnn.feed.units, b.rnn.feed.units) {
			partner[a.rnn], partner[b.rnn] = b.rnn, a.rnn
		}
	}
	for _, rnn := range r.rnns {
		pair(rnn.feed)
	}
	for _, u := range r.dense {
		pair(u.dense.feed)
	}
	for _, out := range r.outputs {
		if v := r.values[out.Name]; v != nil && v.tracked() && len(v.shape) > 0 {
			pair(r.rowFeed(v, v.shape[len(v.shape)-1]))
		}
	}
	var layers []*onnxLayer
	done := map[*onnxRNN]bool{}
	for _, rnn := range r.rnns {
		if done[rnn] {
			continue
		}
		l := &onnxLayer{rnns: []*onnxRNN{rnn}, cells: slices.Clone(rnn.cells)}
		if other := partner[rnn]; other != nil {
			done[other] = true
			l.rnns, l.cells = append(l.rnns, other), append(l.cells, other.cells...)
		}
		if len(l.cells) == 2 && l.cells[0].backward() {
			slices.Reverse(l.cells)
		}
		layers = append(layers, l)
	}
	return layers
}

// link finds the layer that this one reads.
func (l *onnxLayer) link(layers []*onnxLayer) {
	feed := l.rnns[0].feed
	if l.why = feed.why; l.why != "" || len(feed.units) == 0 {
		return
	}
	if u := feed.units[0]; len(feed.units) == 1 && (u.input || u.embedding != nil) {
		return
	}
	for _, other := range layers {
		if !slices.Equal(other.cells, feed.units) {
			continue
		}
		if other.rnns[0].kind != l.rnns[0].kind {
			l.why = fmt.Sprintf("a layer of the other kind, %s, and a network has layers of one kind", onnxNodeName(other.rnns[0].node))
			return
		}
		l.prev = other
		return
	}
	var what []string
	for _, u := range feed.units[:min(4, len(feed.units))] {
		what = append(what, u.what)
	}
	l.why = strings.Join(what, " joined with ")
}

// name is the module path of the first operator, or the kind.
func (c *onnxChain) name() string {
	for _, l := range c.layers {
		for _, rnn := range l.rnns {
			if name := onnxModuleName(rnn.node.Name); name != "" {
				return name
			}
		}
	}
	return c.layers[0].rnns[0].kind.String()
}

func (c *onnxChain) named(name string) bool {
	if c.name() == name {
		return true
	}
	for _, l := range c.layers {
		for _, rnn := range l.rnns {
			if rnn.node.Name == name {
				return true
			}
		}
	}
	return false
}

// String shows a chain with its nodes, of which one is enough to name it.
func (c *onnxChain) String() string {
	var nodes []string
	for _, l := range c.layers {
		for _, rnn := range l.rnns {
			nodes = append(nodes, fmt.Sprintf("%q", clipText(rnn.node.Name)))
		}
	}
	if len(nodes) > 4 {
		nodes = append(nodes[:3], fmt.Sprintf("and %d more", len(nodes)-3))
	}
	shape := c.layers[0].rnns[0].kind.String()
	if hidden := c.layers[0].rnns[0].hidden; hidden > 0 {
		shape += fmt.Sprintf(", %d units", hidden)
	}
	return fmt.Sprintf("%s (%s, node %s)", clipText(c.name()), shape, strings.Join(nodes, ", "))
}
