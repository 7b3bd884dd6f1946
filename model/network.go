package model

import "fmt"

// Kind is the kind of a recurrent cell.
type Kind int

// The kinds of cell that the accelerator has.
const (
	LSTM Kind = iota
	GRU
)

// Gates is the number of gates of the kind: 4 for an LSTM (i, f, g, o), 3 for a GRU (r, z, n).
func (k Kind) Gates() int {
	if k == GRU {
		return 3
	}
	return 4
}

// String gives "lstm" or "gru".
func (k Kind) String() string {
	if k == GRU {
		return "gru"
	}
	return "lstm"
}

// Network is a float network: recurrent layers, optionally with an embedding before and a dense head behind.
type Network struct {
	// Name is the module path of the recurrent module ("lstm", "encoder.rnn"); graph names are made from it. A file that
	// has no module names gives the kind's name.
	Name string
	// Source is the file the network was read from, for messages.
	Source string
	Kind   Kind
	Layers []Layer

	// Embedding turns token ids into the first layer's input, or is nil.
	Embedding *Embedding
	// Head is the dense layers behind the last recurrent layer, in order; empty when there are none.
	Head []Dense
	// LastStepOnly says that the head reads the last executed step of each direction, not every step.
	LastStepOnly bool
	// Unused names the tensors of the file that no part of the network uses, sorted, for messages.
	Unused []string
	// Notes says, a sentence each, where the network stands for something that the file says otherwise or leaves open.
	Notes []string
}

// Layer is one recurrent layer: a forward cell, a backward cell, or both (bidirectional, outputs concatenated in this order).
type Layer struct {
	Forward  *Cell
	Backward *Cell
}

// Cell is the weights of one layer in one direction. Gate blocks lie one after another in PyTorch's order.
type Cell struct {
	Input  int // features of x
	Hidden int // units

	WeightIH []float32 // [gates × hidden, input], row-major
	WeightHH []float32 // [gates × hidden, hidden], row-major
	// BiasIH and BiasHH are [gates × hidden], or both nil for a cell without bias.
	BiasIH []float32
	BiasHH []float32
}

// Embedding is a table of [Tokens, Features] row-major vectors.
type Embedding struct {
	Tokens   int
	Features int
	Weight   []float32
}

// Dense is a fully connected layer: y = activation(W·x + b), W of shape [Output, Input] row-major.
type Dense struct {
	Name       string
	Input      int
	Output     int
	Weight     []float32
	Bias       []float32 // [Output], or nil
	Activation string    // "", "sigmoid", "softmax", "relu", "tanh"
}

// Input is the number of features that the first layer reads.
func (n *Network) Input() int {
	for _, c := range n.Layers[0].Cells() {
		return c.Input
	}
	return 0
}

// Cells gives the cells of the layer in execution order: forward, then backward.
func (l Layer) Cells() []*Cell {
	var cells []*Cell
	if l.Forward != nil {
		cells = append(cells, l.Forward)
	}
	if l.Backward != nil {
		cells = append(cells, l.Backward)
	}
	return cells
}

// Output is the number of features that the layer yields: hidden units of its directions, added.
func (l Layer) Output() int {
	sum := 0
	for _, c := range l.Cells() {
		sum += c.Hidden
	}
	return sum
}

// Validate checks that the shapes of all layers agree with one another. Errors name the layer, the tensor and both shapes.
func (n *Network) Validate() error {
	if len(n.Layers) == 0 {
		return fmt.Errorf("network %q has no recurrent layer", n.Name)
	}
	features := 0
	if n.Embedding != nil {
		features = n.Embedding.Features
		if got, want := len(n.Embedding.Weight), n.Embedding.Tokens*features; got != want {
			return fmt.Errorf("embedding holds %d values, its shape [%d, %d] wants %d", got, n.Embedding.Tokens, features, want)
		}
	}
	for i, layer := range n.Layers {
		cells := layer.Cells()
		if len(cells) == 0 {
			return fmt.Errorf("layer %d has no cell", i)
		}
		for j, c := range cells {
			if features != 0 && c.Input != features {
				return fmt.Errorf("layer %d reads %d features, what lies before it yields %d", i, c.Input, features)
			}
			if c.Hidden != cells[0].Hidden {
				return fmt.Errorf("layer %d: the directions have %d and %d units", i, cells[0].Hidden, c.Hidden)
			}
			if err := c.validate(n.Kind); err != nil {
				return fmt.Errorf("layer %d, cell %d: %w", i, j, err)
			}
		}
		features = layer.Output()
	}
	for i, d := range n.Head {
		if d.Input != features {
			return fmt.Errorf("dense layer %d (%s) reads %d features, what lies before it yields %d", i, d.Name, d.Input, features)
		}
		if len(d.Weight) != d.Input*d.Output || (d.Bias != nil && len(d.Bias) != d.Output) {
			return fmt.Errorf("dense layer %d (%s): %d weights and %d biases do not fit [%d, %d]", i, d.Name, len(d.Weight), len(d.Bias), d.Output, d.Input)
		}
		features = d.Output
	}
	return nil
}

func (c *Cell) validate(kind Kind) error {
	if c.Input < 1 || c.Hidden < 1 {
		return fmt.Errorf("%d inputs and %d units", c.Input, c.Hidden)
	}
	rows := kind.Gates() * c.Hidden
	for _, t := range []struct {
		name string
		got  int
		want int
	}{{"weight_ih", len(c.WeightIH), rows * c.Input}, {"weight_hh", len(c.WeightHH), rows * c.Hidden}} {
		if t.got != t.want {
			return fmt.Errorf("%s holds %d values, %d wanted", t.name, t.got, t.want)
		}
	}
	if (c.BiasIH == nil) != (c.BiasHH == nil) {
		return fmt.Errorf("only one of bias_ih and bias_hh is there")
	}
	if c.BiasIH != nil && (len(c.BiasIH) != rows || len(c.BiasHH) != rows) {
		return fmt.Errorf("biases hold %d and %d values, %d wanted", len(c.BiasIH), len(c.BiasHH), rows)
	}
	return nil
}
