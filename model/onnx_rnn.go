package model

import (
	"errors"
	"fmt"
	"strings"

	"rnnsim/model/internal/onnxpb"
)

// onnxRNN is an LSTM or GRU operator of the graph.
type onnxRNN struct {
	node          *onnxpb.NodeProto
	kind          Kind
	err           error // why it cannot be taken
	hidden        int
	reverse       []bool // for each direction
	feed          onnxFeed
	lengths       []int32 // origins of the sequence lengths, nil where all sequences are as long as x
	weights       [3]*onnxValue
	zeros         []*onnxValue // initial states and peepholes that are constantly zero, or given by the run
	cells, states []*onnxUnit
}

// Places of an operator's inputs.
const (
	onnxInX = iota
	onnxInW
	onnxInR
	onnxInB
	onnxInLengths
	onnxInInitialH
	onnxInInitialC
	onnxInP
)

func onnxRecurrent(c *onnxCall) ([]*onnxValue, error) {
	rnn := &onnxRNN{node: c.node}
	if c.node.OpType == "GRU" {
		rnn.kind = GRU
	}
	c.run.rnns = append(c.run.rnns, rnn)
	x, err := c.need(onnxInX)
	if err == nil {
		err = rnn.shape(c)
	}
	if err != nil {
		// Without weights there is nothing to follow.
		rnn.err = fmt.Errorf("%s: %w", onnxNodeName(c.node), err)
		return fillOnnx(c.node, onnxOpaque(rnn.err.Error())), nil
	}
	if err := rnn.refused(c); err != nil {
		rnn.err = fmt.Errorf("%s: %w", onnxNodeName(c.node), err)
	}
	batchwise := c.int("layout", 0) == 1
	// Where nobody knows how long x is, any length shows what is done with the outputs.
	steps, batch := 3, 2
	if x.shaped() {
		if len(x.shape) != 3 || x.shape[2] != rnn.weights[0].shape[2] || x.count() == 0 {
			rnn.err = fmt.Errorf("%s: x has shape %v, W has %v: they do not fit", onnxNodeName(c.node), x.shape, rnn.weights[0].shape)
			return fillOnnx(c.node, onnxOpaque(rnn.err.Error())), nil
		}
		steps, batch = x.shape[0], x.shape[1]
		if batchwise {
			steps, batch = batch, steps
		}
	}
	rnn.feed = c.run.stepFeed(x, steps, batch, rnn.weights[0].shape[2], func(step, b int) int {
		if batchwise {
			return b*steps + step
		}
		return step*batch + b
	})
	if err := rnn.sequenceLengths(c, steps); err != nil && rnn.err == nil {
		rnn.err = fmt.Errorf("%s: %w", onnxNodeName(c.node), err)
	}
	if err := rnn.newUnits(c.run, steps, batch); err != nil {
		return nil, err
	}
	return rnn.outputs(c, steps, batch, batchwise)
}

// shape reads the weights, which say how many units there are.
func (rnn *onnxRNN) shape(c *onnxCall) error {
	switch direction := string(c.attrString("direction")); direction {
	case "", "forward":
		rnn.reverse = []bool{false}
	case "reverse":
		rnn.reverse = []bool{true}
	case "bidirectional":
		rnn.reverse = []bool{false, true}
	default:
		return fmt.Errorf("its direction is %q; there are forward, reverse and bidirectional", clipText(direction))
	}
	for i, name := range []string{"W", "R", "B"} {
		v := c.maybe(onnxInW + i)
		switch {
		case v == nil && name == "B":
			continue
		case v == nil:
			return fmt.Errorf("its weights %s are missing", name)
		case v.opaque():
			return fmt.Errorf("its weights %s are not in the file: they depend on %s", name, v.why)
		case v.tracked():
			return fmt.Errorf("its weights %s are not in the file: they are %s of the graph", name, c.run.unit(v.ids[0]).what)
		case !onnxIsFloat(v.elem):
			return fmt.Errorf("its weights %s are %s, floats are wanted: if the model is quantized, read the float model", name, onnxTypeName(v.elem))
		}
		rnn.weights[i] = v
	}
	w, r, directions := rnn.weights[0].shape, rnn.weights[1].shape, len(rnn.reverse)
	gates := rnn.kind.Gates()
	if len(r) != 3 || r[0] != directions || r[2] < 1 || r[1] != gates*r[2] {
		return fmt.Errorf("its weights R have shape %v, [%d, %d × units, units] is wanted", r, directions, gates)
	}
	rnn.hidden = r[2]
	if len(w) != 3 || w[0] != directions || w[1] != r[1] || w[2] < 1 {
		return fmt.Errorf("its weights W have shape %v, [%d, %d, input] is wanted: R has %d units", w, directions, r[1], rnn.hidden)
	}
	if b := rnn.weights[2]; b != nil && (len(b.shape) != 2 || b.shape[0] != directions || b.shape[1] != 2*r[1]) {
		return fmt.Errorf("its biases B have shape %v, [%d, %d] is wanted: R has %d units", b.shape, directions, 2*r[1], rnn.hidden)
	}
	if a := c.attr["hidden_size"]; a != nil && a.I != int64(rnn.hidden) {
		return fmt.Errorf("hidden_size is %d, R has %d units", a.I, rnn.hidden)
	}
	if layout := c.int("layout", 0); layout != 0 && layout != 1 {
		return fmt.Errorf("its layout is %d; there are 0 and 1", layout)
	}
	return nil
}

func (c *onnxCall) attrString(name string) []byte {
	if a := c.attr[name]; a != nil {
		return a.S
	}
	return nil
}

// refused names what the accelerator's cells lack.
func (rnn *onnxRNN) refused(c *onnxCall) error {
	for _, name := range []string{"activation_alpha", "activation_beta"} {
		if a := c.attr[name]; a != nil && len(a.Floats) > 0 {
			return fmt.Errorf("%s is given: the accelerator has sigmoid and tanh only, which have no parameters: train the model with them", name)
		}
	}
	if c.attr["clip"] != nil {
		return errors.New("clip is given: the accelerator's cells do not clip what goes into the activations: train the model without")
	}
	if c.int("input_forget", 0) != 0 {
		return errors.New("input_forget is given: the accelerator has a forget gate of its own: train the model without")
	}
	if rnn.kind == GRU && c.int("linear_before_reset", 0) == 0 {
		return errors.New("linear_before_reset is 0: the reset gate applies to h before the product with R, and the accelerator applies it after: train with reset_after=True (Keras), or export PyTorch's GRU")
	}
	standard := []string{"Sigmoid", "Tanh", "Tanh"}
	if rnn.kind == GRU {
		standard = standard[:2]
	}
	if a := c.attr["activations"]; a != nil && len(a.Strings) > 0 {
		if len(a.Strings) != len(standard)*len(rnn.reverse) {
			return fmt.Errorf("it has %d activations, %d are wanted", len(a.Strings), len(standard)*len(rnn.reverse))
		}
		for i, s := range a.Strings {
			if want := standard[i%len(standard)]; !strings.EqualFold(string(s), want) {
				return fmt.Errorf("activation %d is %s: the accelerator has %s there: train the model with it", i, clipText(string(s)), want)
			}
		}
	}
	if p := c.maybe(onnxInP); p != nil {
		if !p.all(0) {
			return errors.New("it has peepholes (P): the accelerator's gates do not see c: train the model without")
		}
		rnn.zeros = append(rnn.zeros, p)
	}
	for i, name := range []string{"initial_h", "initial_c"} {
		v := c.maybe(onnxInInitialH + i)
		if v == nil || i == 1 && rnn.kind == GRU {
			continue
		}
		if err := c.initialState(name, v); err != nil {
			return err
		}
		rnn.zeros = append(rnn.zeros, v)
	}
	return nil
}
