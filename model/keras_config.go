package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// kerasObject is how Keras writes a layer or a model.
type kerasObject struct {
	Class      string          `json:"class_name"`
	Config     json.RawMessage `json:"config"`
	Registered string          `json:"registered_name"`
	Name       string          `json:"name"`
	Inbound    json.RawMessage `json:"inbound_nodes"`
}

// kerasLayer is a layer of a model, in the order of the model's data.
type kerasLayer struct {
	class, name string
	config      json.RawMessage
	place       int    // in the configuration
	group       string // of its weights, where those have numbers
	aside       bool   // it is in the model, and its output does not lead to the model's
	masked      bool   // it is given a mask besides its input
}

// String names the layer in messages.
func (l kerasLayer) String() string {
	return fmt.Sprintf("layer %q (%s)", clipText(l.name), clipText(l.class))
}

// maxKerasLayers bounds the layers of a model.
const maxKerasLayers = 1 << 14

// kerasLayers gives the layers of a model's configuration: those of a chain in the order of the data, then those aside.
func kerasLayers(config []byte) ([]kerasLayer, error) {
	if len(config) > maxKerasConfig {
		return nil, fmt.Errorf("it is %d bytes long, the limit is %d", len(config), maxKerasConfig)
	}
	var m kerasObject
	if err := json.Unmarshal(config, &m); err != nil {
		return nil, err
	}
	var body struct {
		Layers  []kerasObject   `json:"layers"`
		Outputs json.RawMessage `json:"output_layers"`
	}
	var err error
	if bytes.HasPrefix(bytes.TrimSpace(m.Config), []byte("[")) {
		err = json.Unmarshal(m.Config, &body.Layers) // Keras 1, and 2 before 2.2.3
	} else {
		err = json.Unmarshal(m.Config, &body)
	}
	if err != nil {
		return nil, err
	}
	if len(body.Layers) > maxKerasLayers {
		return nil, fmt.Errorf("it has %d layers, the limit is %d", len(body.Layers), maxKerasLayers)
	}
	for i := range body.Layers {
		if err := body.Layers[i].complete(); err != nil {
			return nil, err
		}
	}
	switch m.Class {
	case "Sequential":
		layers := make([]kerasLayer, len(body.Layers))
		for i := range body.Layers {
			layers[i] = body.Layers[i].layer(i)
		}
		return layers, nil
	case "Functional", "Model":
		return functionalChain(body.Layers, body.Outputs)
	}
	return nil, fmt.Errorf("the model is of class %q: only Sequential and Functional models say what they compute; save it as one of them", clipText(m.Class))
}

// complete takes a layer's name from its configuration where it is only there.
func (o *kerasObject) complete() error {
	if strings.Contains(o.Registered, ">") {
		o.Class = o.Registered // "package>class": a class of the user's
	}
	var named struct {
		Name string `json:"name"`
	}
	if len(o.Config) > 0 && o.Config[0] == '{' {
		if err := json.Unmarshal(o.Config, &named); err != nil {
			return fmt.Errorf("layer of class %q: %w", clipText(o.Class), err)
		}
	}
	if o.Name == "" {
		o.Name = named.Name
	}
	return nil
}

func (o *kerasObject) layer(place int) kerasLayer {
	return kerasLayer{class: o.Class, name: o.Name, config: o.Config, place: place}
}

// functionalChain follows a functional model from its output back to its input. Layers with several inputs are refused: a
// network is a chain.
func functionalChain(objects []kerasObject, outputs json.RawMessage) ([]kerasLayer, error) {
	byName := map[string]int{}
	for i, o := range objects {
		if _, twice := byName[o.Name]; twice {
			return nil, fmt.Errorf("two layers are named %q", clipText(o.Name))
		}
		byName[o.Name] = i
	}
	ends, err := tensorRefs(outputs)
	if err != nil {
		return nil, fmt.Errorf("output_layers: %w", err)
	}
	if len(ends) != 1 {
		return nil, fmt.Errorf("the model has %d outputs, one is wanted", len(ends))
	}
	var chain []kerasLayer
	onChain := make([]bool, len(objects))
	for next := &ends[0]; next != nil; {
		i, ok := byName[next.layer]
		if !ok {
			return nil, fmt.Errorf("no layer is named %q", clipText(next.layer))
		}
		layer := objects[i].layer(i)
		if onChain[i] {
			return nil, fmt.Errorf("%s: its output leads to itself", layer)
		}
		onChain[i] = true
		if next.node != 0 || next.tensor != 0 {
			return nil, fmt.Errorf("%s: its output %d of call %d is read: only the first output of a layer that is called once can be", layer, next.tensor, next.node)
		}
		var masked bool
		if next, masked, err = inboundRef(objects[i].Inbound); err != nil {
			return nil, fmt.Errorf("%s: %w", layer, err)
		}
		layer.masked = masked
		chain = append(chain, layer)
	}
	slices.Reverse(chain)
	for i := range objects {
		if !onChain[i] {
			layer := objects[i].layer(i)
			layer.aside = true
			chain = append(chain, layer)
		}
	}
	return chain, nil
}

var errKerasNodes = errors.New("inbound_nodes has a form that is not known")

// tensorRef is an output of a layer: of which call of it, and which of several.
type tensorRef struct {
	layer        string
	node, tensor int
}

// tensorRefs reads one reference ["name", 0, 0, …], or a list of them.
func tensorRefs(raw json.RawMessage) ([]tensorRef, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil || len(list) == 0 {
		return nil, errKerasNodes
	}
	var name string
	if json.Unmarshal(list[0], &name) == nil {
		ref := tensorRef{layer: name}
		if len(list) < 3 || json.Unmarshal(list[1], &ref.node) != nil || json.Unmarshal(list[2], &ref.tensor) != nil {
			return nil, errKerasNodes
		}
		return []tensorRef{ref}, nil
	}
	var refs []tensorRef
	for _, one := range list {
		if trimmed := bytes.TrimSpace(one); !bytes.HasPrefix(trimmed, []byte(`["`)) && !bytes.HasPrefix(trimmed, []byte(`[ "`)) {
			return nil, errKerasNodes
		}
		inner, err := tensorRefs(one)
		if err != nil {
			return nil, err
		}
		refs = append(refs, inner...)
	}
	return refs, nil
}

// inboundRef gives what a layer reads, nil for an input, and whether it is given a mask as well.
func inboundRef(raw json.RawMessage) (*tensorRef, bool, error) {
	var nodes []json.RawMessage
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &nodes); err != nil {
			return nil, false, errKerasNodes
		}
	}
	switch len(nodes) {
	case 0:
		return nil, false, nil
	case 1:
	default:
		return nil, false, fmt.Errorf("it is called %d times, and a network is a chain", len(nodes))
	}
	refs, kwargs, err := nodeRefs(nodes[0])
	if err != nil {
		return nil, false, err
	}
	if len(refs) != 1 {
		return nil, false, fmt.Errorf("it reads %d tensors, and a network is a chain (initial states and merged branches cannot be read)", len(refs))
	}
	masked := false
	for name, value := range kwargs {
		if name == "mask" && !bytes.Equal(bytes.TrimSpace(value), []byte("null")) {
			masked = true
		} else if isTensor(value) {
			return nil, false, fmt.Errorf("it reads a tensor as its %s, which cannot be read", clipText(name))
		}
	}
	return &refs[0], masked, nil
}

// nodeRefs reads one call: a list of references, the last parts of which are keyword arguments (Keras 1 and 2), or an object with
// args and kwargs (Keras 3).
func nodeRefs(raw json.RawMessage) ([]tensorRef, map[string]json.RawMessage, error) {
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		var call struct {
			Args   []json.RawMessage          `json:"args"`
			Kwargs map[string]json.RawMessage `json:"kwargs"`
		}
		if err := json.Unmarshal(raw, &call); err != nil {
			return nil, nil, errKerasNodes
		}
		var refs []tensorRef
		for _, arg := range call.Args {
			var list []json.RawMessage
			if json.Unmarshal(arg, &list) != nil {
				list = []json.RawMessage{arg}
			}
			for _, one := range list {
				var t struct {
					Config struct {
						History json.RawMessage `json:"keras_history"`
					} `json:"config"`
				}
				if json.Unmarshal(one, &t) != nil || t.Config.History == nil {
					continue // a number or a string
				}
				ref, err := tensorRefs(t.Config.History)
				if err != nil {
					return nil, nil, err
				}
				refs = append(refs, ref...)
			}
		}
		return refs, call.Kwargs, nil
	}
	refs, err := tensorRefs(raw)
	if err != nil {
		return nil, nil, err
	}
	var list [][]json.RawMessage
	var kwargs map[string]json.RawMessage
	if json.Unmarshal(raw, &list) == nil && len(list) > 0 && len(list[0]) > 3 {
		if json.Unmarshal(list[0][3], &kwargs) != nil {
			return nil, nil, errKerasNodes
		}
	}
	return refs, kwargs, nil
}

// isTensor says whether an argument is an output of a layer, or a list of such.
func isTensor(raw json.RawMessage) bool {
	if bytes.Contains(raw, []byte(`"keras_history"`)) {
		return true
	}
	_, err := tensorRefs(raw)
	return err == nil
}
