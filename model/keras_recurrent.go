package model

import (
	"encoding/json"
	"fmt"
)

// kerasRecurrent is the configuration of an LSTM or a GRU. What acts in training only (dropout, regularizers, initializers)
// and what concerns how it is computed (unroll, implementation) is not read; unit_forget_bias is in the weights.
type kerasRecurrent struct {
	Units      int              `json:"units"`
	OutputDim  int              `json:"output_dim"` // Keras 1
	Activation *kerasActivation `json:"activation"`
	Recurrent  *kerasActivation `json:"recurrent_activation"`
	Inner      *kerasActivation `json:"inner_activation"` // Keras 1
	UseBias    *bool            `json:"use_bias"`
	Backwards  bool             `json:"go_backwards"`
	Sequences  bool             `json:"return_sequences"`
	Stateful   bool             `json:"stateful"`
	TimeMajor  bool             `json:"time_major"`
	ResetAfter bool             `json:"reset_after"`
	ZeroMasked bool             `json:"zero_output_for_mask"`
}

// recurrent reads the configuration of one direction. What the accelerator's cells cannot do is refused:
//
//   - other activations than tanh, and sigmoid for the gates: the accelerator computes both by tables, and has no other;
//   - a GRU with reset_after=False: it applies the reset gate to h before the recurrent product, as n = tanh(W·x + U·(r∘h) + b),
//     where the accelerator's cell has n = tanh(W·x + b + r∘(U·h + b')). No weights make the one compute the other.
//
// time_major is an order of axes, and sequences here have none but that of time. A stateful layer keeps its state from one
// batch to the next; here each sequence starts from zeros, as after reset_states.
func (s *kerasStep) recurrent(class string, config json.RawMessage, opts ReadOptions) {
	var c kerasRecurrent
	s.decode(config, &c)
	s.kind = LSTM
	if class == "GRU" {
		s.kind = GRU
	}
	s.units = max(c.Units, c.OutputDim)
	s.bias = c.UseBias == nil || *c.UseBias
	s.backwards, s.sequences, s.zeroMasked = c.Backwards, c.Sequences, c.ZeroMasked
	if c.Stateful {
		s.notes = append(s.notes, fmt.Sprintf("%s is stateful: here each sequence starts from the state zero, as after reset_states", s))
	}
	if c.TimeMajor {
		s.notes = append(s.notes, fmt.Sprintf("%s is time_major: sequences here are [steps, features], one by one", s))
	}
	if c.Recurrent == nil {
		c.Recurrent = c.Inner
	}
	refuse := func(format string, args ...any) {
		if s.err == nil {
			s.err = fmt.Errorf("%s: %s", s, fmt.Sprintf(format, args...))
		}
	}
	const offer = "the accelerator computes gates with its sigmoid table, and the cell's input and output with its tanh table, and has no other"
	switch {
	case c.Activation == nil:
		refuse("its configuration has no activation")
	case *c.Activation != "tanh":
		refuse("its activation is %s; %s: train it with activation=\"tanh\"", clipText(string(*c.Activation)), offer)
	}
	switch {
	case c.Recurrent == nil:
		refuse("its configuration has no recurrent_activation")
	case *c.Recurrent == "sigmoid":
	case *c.Recurrent == "hard_sigmoid" && opts.ReplaceHardSigmoid:
		s.notes = append(s.notes, fmt.Sprintf("%s has the recurrent_activation hard_sigmoid: the sigmoid stands in for it, and outputs differ from the file's", s))
	case *c.Recurrent == "hard_sigmoid":
		refuse("its recurrent_activation is hard_sigmoid; %s: train it with recurrent_activation=\"sigmoid\", or let the sigmoid stand in for it and accept other outputs (--replace-hard-sigmoid)", offer)
	default:
		refuse("its recurrent_activation is %s; %s: train it with recurrent_activation=\"sigmoid\"", clipText(string(*c.Recurrent)), offer)
	}
	if s.kind == GRU && !c.ResetAfter {
		refuse("reset_after is False, which applies the reset gate before the recurrent product, and the accelerator's cell applies it after: train it with reset_after=True")
	}
}

// bothWays reads a Bidirectional layer. The two directions must be alike but for the way that they run.
func (s *kerasStep) bothWays(config json.RawMessage, opts ReadOptions) {
	var c struct {
		Layer     kerasObject  `json:"layer"`
		Backward  *kerasObject `json:"backward_layer"`
		MergeMode *string      `json:"merge_mode"`
	}
	s.decode(config, &c)
	if class := c.Layer.Class; s.err == nil && class != "LSTM" && class != "GRU" {
		s.err = fmt.Errorf("%s holds a layer of class %q: the accelerator has LSTM and GRU cells", s, clipText(class))
	}
	if s.err != nil {
		return
	}
	s.role = recurrentRole
	s.recurrent(c.Layer.Class, c.Layer.Config, opts)
	mode := "None"
	if c.MergeMode != nil {
		mode = *c.MergeMode
	}
	if mode != "concat" && s.err == nil {
		s.err = fmt.Errorf("%s: its merge_mode is %s; the outputs of the directions can only be concatenated: train it with merge_mode=\"concat\"", s, clipText(mode))
	}
	if s.backwards && s.err == nil {
		s.err = fmt.Errorf("%s: its forward layer has go_backwards=True, so that its directions change places: build it from a layer without", s)
	}
	s.bidirectional = true
	if c.Backward == nil || s.err != nil {
		return
	}
	back := kerasStep{kerasLayer: s.kerasLayer}
	back.recurrent(c.Backward.Class, c.Backward.Config, opts)
	if s.err = back.err; s.err != nil {
		return
	}
	if c.Backward.Class != c.Layer.Class || back.units != s.units || back.bias != s.bias || back.sequences != s.sequences || !back.backwards {
		s.err = fmt.Errorf("%s: its backward layer differs from its forward layer in more than go_backwards", s)
	}
}
