package model

import (
	"encoding/json"
	"errors"
	"fmt"
)

// kerasRole is what a layer is to a network.
type kerasRole int

const (
	otherRole      kerasRole = iota // it computes something that a network cannot say
	inputRole                       // where the data enter
	nothingRole                     // it does nothing when a model is run
	maskRole                        // it marks steps to be left out
	embeddingRole                   // token ids to features
	recurrentRole                   // an LSTM or a GRU, or one in each direction
	denseRole                       // a dense layer
	activationRole                  // the activation of the dense layer before it
)

// kerasStep is a layer with its configuration understood.
type kerasStep struct {
	kerasLayer
	role kerasRole
	// err is why the layer cannot be expressed; it matters if the network would have to hold it.
	err   error
	notes []string

	maskZero bool // embedding: token 0 marks steps to be left out
	kind     Kind // of a recurrent layer
	units    int  // of a recurrent or dense layer; 0 if only the weights say
	bias     bool
	// How a recurrent layer runs.
	bidirectional, backwards, sequences, zeroMasked bool

	activation string // of a dense layer, as Dense has it
	perStep    bool   // it is wrapped in TimeDistributed
}

// passive are the layers that do nothing when a model is run: they act in training only.
var passive = map[string]bool{
	"Dropout": true, "SpatialDropout1D": true, "GaussianNoise": true, "GaussianDropout": true, "AlphaDropout": true,
	"ActivityRegularization": true, "Identity": true,
}

func kerasSteps(layers []kerasLayer, opts ReadOptions) []kerasStep {
	steps := make([]kerasStep, len(layers))
	for i, l := range layers {
		s := kerasStep{kerasLayer: l}
		s.understand(l.class, l.config, opts)
		steps[i] = s
	}
	return steps
}

func (s *kerasStep) understand(class string, config json.RawMessage, opts ReadOptions) {
	switch class {
	case "InputLayer":
		s.role = inputRole
	case "Masking":
		s.role = maskRole
		var c struct {
			Value float64 `json:"mask_value"`
		}
		s.decode(config, &c)
		s.notes = append(s.notes, fmt.Sprintf("%s leaves out the steps all of whose features are %v: leave them out of the sequences", s, c.Value))
	case "Embedding":
		s.role = embeddingRole
		var c struct {
			MaskZero bool `json:"mask_zero"`
		}
		s.decode(config, &c)
		if s.maskZero = c.MaskZero; c.MaskZero {
			s.notes = append(s.notes, fmt.Sprintf("%s leaves out the steps whose token is 0 (mask_zero): leave them out of the sequences", s))
		}
	case "LSTM", "GRU":
		s.role = recurrentRole
		s.recurrent(class, config, opts)
	case "Bidirectional":
		s.bothWays(config, opts)
	case "Dense":
		s.role = denseRole
		s.dense(config)
	case "TimeDistributed":
		var c struct {
			Layer kerasObject `json:"layer"`
		}
		s.decode(config, &c)
		if class := c.Layer.Class; class == "Dense" || class == "Activation" || passive[class] {
			s.understand(class, c.Layer.Config, opts)
			s.perStep = true
		} else {
			s.err = fmt.Errorf("%s holds a layer of class %q, only Dense can be read", s, clipText(class))
		}
	case "Activation", "ReLU", "Softmax":
		s.role = activationRole
		s.activationLayer(class, config)
	default:
		s.role = otherRole
		if passive[class] {
			s.role = nothingRole
			return
		}
		s.err = fmt.Errorf("%s is no layer that a network here can hold: %s", s, otherReason(class))
	}
}

// otherReason says what there is in place of a layer.
func otherReason(class string) string {
	switch class {
	case "SimpleRNN", "RNN", "ConvLSTM1D", "ConvLSTM2D", "StackedRNNCells":
		return "the accelerator has LSTM and GRU cells; use the layers LSTM and GRU"
	case "CuDNNLSTM", "CuDNNGRU":
		return "load the model into the layers LSTM and GRU, and save it again"
	case "Sequential", "Functional", "Model":
		return "a model inside a model; save its layers in one model"
	}
	return "it has Embedding, LSTM, GRU, Bidirectional and Dense"
}

// decode reads a configuration; one that cannot be read leaves its error.
func (s *kerasStep) decode(config json.RawMessage, into any) {
	if err := json.Unmarshal(config, into); err != nil && s.err == nil {
		s.err = fmt.Errorf("%s: its configuration cannot be read: %w", s, err)
	}
}

// kerasActivation is the name of an activation, which is written as a name or as an object that has it.
type kerasActivation string

func (a *kerasActivation) UnmarshalJSON(raw []byte) error {
	var name *string
	if json.Unmarshal(raw, &name) == nil {
		*a = "linear"
		if name != nil {
			*a = kerasActivation(*name)
		}
		return nil
	}
	var o struct {
		Class  string          `json:"class_name"`
		Config json.RawMessage `json:"config"`
	}
	if err := json.Unmarshal(raw, &o); err != nil {
		return errors.New("an activation is neither a name nor an object")
	}
	if json.Unmarshal(o.Config, &name) == nil && name != nil {
		*a = kerasActivation(*name)
		return nil
	}
	*a = kerasActivation(o.Class)
	return nil
}

// headActivation gives the activation in the names of Dense.
func (s *kerasStep) headActivation(a kerasActivation) string {
	switch a {
	case "", "linear":
		return ""
	case "sigmoid", "softmax", "relu", "tanh":
		return string(a)
	}
	if s.err == nil {
		s.err = fmt.Errorf("%s has the activation %s; a dense layer behind the network can have sigmoid, softmax, relu, tanh or none", s, clipText(string(a)))
	}
	return ""
}

func (s *kerasStep) dense(config json.RawMessage) {
	c := struct {
		Units      int             `json:"units"`
		OutputDim  int             `json:"output_dim"` // Keras 1
		Activation kerasActivation `json:"activation"`
		UseBias    *bool           `json:"use_bias"`
		Bias       *bool           `json:"bias"` // Keras 1
	}{}
	s.decode(config, &c)
	s.units = max(c.Units, c.OutputDim)
	s.activation = s.headActivation(c.Activation)
	s.bias = (c.UseBias == nil || *c.UseBias) && (c.Bias == nil || *c.Bias)
}

// activationLayer reads a layer that is an activation only, in the form that a dense layer can have.
func (s *kerasStep) activationLayer(class string, config json.RawMessage) {
	c := struct {
		Activation kerasActivation `json:"activation"`
		MaxValue   *float64        `json:"max_value"`
		Slope      float64         `json:"negative_slope"`
		Threshold  float64         `json:"threshold"`
		Axis       *int            `json:"axis"`
	}{}
	s.decode(config, &c)
	switch class {
	case "ReLU":
		c.Activation = "relu"
		if c.MaxValue != nil || c.Slope != 0 || c.Threshold != 0 {
			s.err = fmt.Errorf("%s has a limit, a slope or a threshold: a dense layer behind the network can have the plain relu", s)
		}
	case "Softmax":
		c.Activation = "softmax"
		if c.Axis != nil && *c.Axis != -1 {
			s.err = fmt.Errorf("%s runs along axis %d, only the last can be read", s, *c.Axis)
		}
	}
	s.activation = s.headActivation(c.Activation)
}
