package model

import (
	"errors"
	"fmt"
	"slices"
)

// network makes the network of a chain. If the chain was named, what lies before and behind it and has no place in a network is
// left out, and noted; otherwise it is an error, since the network would not compute what the graph computes.
func (c *onnxChain) network(run *onnxRun, named bool) (*Network, error) {
	n := &Network{Name: c.name(), Kind: c.layers[0].rnns[0].kind}
	used := map[string]bool{}
	for i, l := range c.layers {
		for _, rnn := range l.rnns {
			if rnn.err != nil {
				return nil, rnn.err
			}
			if !slices.Equal(rnn.lengths, c.layers[0].rnns[0].lengths) {
				return nil, fmt.Errorf("%s has other sequence lengths than %s: it would read the padding of shorter sequences", onnxNodeName(rnn.node), onnxNodeName(c.layers[0].rnns[0].node))
			}
		}
		layer, err := l.layer(used)
		if err != nil {
			return nil, err
		}
		if n.Layers = append(n.Layers, layer); i == 0 {
			if err := c.front(run, n, used, named); err != nil {
				return nil, err
			}
		}
	}
	if err := c.head(run, n, used, named); err != nil {
		return nil, err
	}
	n.Unused = run.unused(used)
	return n, nil
}

// front takes the embedding, or says what else the first layer reads.
func (c *onnxChain) front(run *onnxRun, n *Network, used map[string]bool, named bool) error {
	first := c.layers[0]
	if first.why != "" {
		if !named {
			return fmt.Errorf("%s reads %s: export the recurrent layers without it, or take them alone (--rnn %s)", onnxNodeName(first.rnns[0].node), first.why, c.argument())
		}
		n.Notes = append(n.Notes, fmt.Sprintf("the network's input is what %s reads: what lies before it is left out: %s", onnxNodeName(first.rnns[0].node), first.why))
		return nil
	}
	u := first.rnns[0].feed.units[0]
	if u.embedding == nil {
		return nil
	}
	table := u.embedding.table
	if err := checkOnnxNumbers("embedding", table.floats); err != nil {
		return err
	}
	n.Embedding = &Embedding{Tokens: table.shape[0], Features: table.shape[1], Weight: slices.Clone(table.floats)}
	useOnnx(used, table)
	return nil
}

// argument is what names the chain on the command line.
func (c *onnxChain) argument() string {
	if node := c.layers[len(c.layers)-1].rnns[0].node.Name; node != "" {
		return fmt.Sprintf("%q", clipText(node))
	}
	return c.name()
}

func useOnnx(used map[string]bool, values ...*onnxValue) {
	for _, v := range values {
		if v == nil {
			continue
		}
		for _, name := range v.from {
			used[name] = true
		}
	}
}

// layer gives the cells their weights in the network's order of gates.
func (l *onnxLayer) layer(used map[string]bool) (Layer, error) {
	var layer Layer
	for _, u := range l.cells {
		rnn := u.rnn
		useOnnx(used, rnn.weights[:]...)
		useOnnx(used, rnn.zeros...)
		cell, err := rnn.cell(u.direction)
		if err != nil {
			return layer, fmt.Errorf("%s: %w", onnxNodeName(rnn.node), err)
		}
		switch {
		case u.backward() && layer.Backward == nil:
			layer.Backward = cell
		case !u.backward() && layer.Forward == nil:
			layer.Forward = cell
		default:
			return layer, errors.New("a layer has two cells of one direction")
		}
	}
	return layer, nil
}

// onnxGates are the places of ONNX's gate blocks (LSTM: i, o, f, c; GRU: z, r, h) in PyTorch's order (i, f, g, o; r, z, n).
var onnxGates = map[Kind][]int{LSTM: {0, 2, 3, 1}, GRU: {1, 0, 2}}

func (rnn *onnxRNN) cell(direction int) (*Cell, error) {
	cell := &Cell{Input: rnn.weights[0].shape[2], Hidden: rnn.hidden}
	w, r, b := rnn.weights[0], rnn.weights[1], rnn.weights[2]
	cell.WeightIH = rnn.gates(w.floats[direction*w.shape[1]*w.shape[2]:], w.shape[2])
	cell.WeightHH = rnn.gates(r.floats[direction*r.shape[1]*r.shape[2]:], r.shape[2])
	if b != nil {
		// The biases of both products lie one after another.
		both := b.floats[direction*b.shape[1]:]
		cell.BiasIH, cell.BiasHH = rnn.gates(both, 1), rnn.gates(both[b.shape[1]/2:], 1)
	}
	for name, values := range map[string][]float32{"W": cell.WeightIH, "R": cell.WeightHH, "B, first half": cell.BiasIH, "B, second half": cell.BiasHH} {
		if err := checkOnnxNumbers(name, values); err != nil {
			return nil, err
		}
	}
	return cell, nil
}

// gates reorders the gate blocks of a matrix with that many columns.
func (rnn *onnxRNN) gates(from []float32, columns int) []float32 {
	block := rnn.hidden * columns
	out := make([]float32, 0, rnn.kind.Gates()*block)
	for _, gate := range onnxGates[rnn.kind] {
		out = append(out, from[gate*block:(gate+1)*block]...)
	}
	return out
}
