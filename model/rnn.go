package model

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// recurrentName matches the parameters of PyTorch's nn.LSTM and nn.GRU (weight_ih_l0, bias_hh_l1_reverse, weight_hr_l0 of a
// projection) and of nn.LSTMCell and nn.GRUCell (weight_ih).
var recurrentName = regexp.MustCompile(`^((?:weight|bias)_(?:ih|hh|hr))(?:_l(0|[1-9][0-9]{0,3}))?(_reverse)?$`)

// part is the place of a tensor in a recurrent module.
type part struct {
	parameter string // "weight_ih"
	layer     int
	reverse   bool
}

// String gives PyTorch's name of the place in a module of layers.
func (p part) String() string {
	name := p.parameter + "_l" + strconv.Itoa(p.layer)
	if p.reverse {
		name += "_reverse"
	}
	return name
}

// recurrent is a module that has the parameters of an LSTM or a GRU.
type recurrent struct {
	path  string
	parts map[part]tensor
}

// findRecurrent gives the recurrent modules of a network, in the order of the file.
func findRecurrent(tensors []tensor) ([]*recurrent, error) {
	byPath := map[string]*recurrent{}
	var found []*recurrent
	for _, t := range tensors {
		path, parameter := t.split()
		match := recurrentName.FindStringSubmatch(parameter)
		if match == nil {
			continue
		}
		module := byPath[path]
		if module == nil {
			module = &recurrent{path: path, parts: map[part]tensor{}}
			byPath[path] = module
			found = append(found, module)
		}
		at := part{parameter: match[1], reverse: match[3] != ""}
		if match[2] != "" {
			at.layer, _ = strconv.Atoi(match[2])
		}
		if _, twice := module.parts[at]; twice {
			return nil, fmt.Errorf("tensor %q is there twice", t.name)
		}
		module.parts[at] = t
	}
	return found, nil
}

// without gives the tensors that are not the module's.
func (m *recurrent) without(tensors []tensor) []tensor {
	var rest []tensor
	for _, t := range tensors {
		if path, parameter := t.split(); path != m.path || !recurrentName.MatchString(parameter) {
			rest = append(rest, t)
		}
	}
	return rest
}

// kind tells LSTM from GRU by the shape of the recurrent weights, [gates × hidden, hidden].
func (m *recurrent) kind() (Kind, int, error) {
	t, ok := m.parts[part{parameter: "weight_hh"}]
	if !ok {
		return 0, 0, m.missing(part{parameter: "weight_hh"})
	}
	if len(t.shape) != 2 || t.shape[1] < 1 || t.shape[0]%t.shape[1] != 0 {
		return 0, 0, fmt.Errorf("tensor %q has shape %v, [gates × hidden, hidden] is wanted", t.name, t.shape)
	}
	switch hidden := t.shape[1]; t.shape[0] / hidden {
	case 4:
		return LSTM, hidden, nil
	case 3:
		return GRU, hidden, nil
	case 1:
		return 0, 0, fmt.Errorf("tensor %q has shape %v, one gate: a plain RNN, and the accelerator has LSTM and GRU cells only", t.name, t.shape)
	}
	return 0, 0, fmt.Errorf("tensor %q has shape %v: neither the 4 gates of an LSTM nor the 3 of a GRU", t.name, t.shape)
}

// name is the module's path, or the kind's name if it has none.
func (m *recurrent) name() string {
	if m.path != "" {
		return m.path
	}
	kind, _, _ := m.kind()
	return kind.String()
}

func (m *recurrent) missing(at part) error {
	return fmt.Errorf("recurrent module %q: %s is missing", m.path, at)
}

// layers reads the cells.
func (m *recurrent) layers() (Kind, []Layer, error) {
	for at, t := range m.parts {
		if strings.HasSuffix(at.parameter, "_hr") {
			return 0, nil, fmt.Errorf("tensor %q: the LSTM has a projection of its output (proj_size), which the accelerator has not: train it without", t.name)
		}
	}
	kind, hidden, err := m.kind()
	if err != nil {
		return 0, nil, err
	}
	count, both := 0, false
	for at := range m.parts {
		count = max(count, at.layer+1)
		both = both || at.reverse
	}
	// Each layer has tensors of its own, so a layer number beyond their count leaves a gap.
	if count > len(m.parts) {
		return 0, nil, fmt.Errorf("recurrent module %q: it has a layer %d, and %d tensors in all", m.path, count-1, len(m.parts))
	}
	layers := make([]Layer, count)
	for i := range layers {
		if layers[i].Forward, err = m.cell(kind, hidden, part{layer: i}); err != nil {
			return 0, nil, err
		}
		if both {
			if layers[i].Backward, err = m.cell(kind, hidden, part{layer: i, reverse: true}); err != nil {
				return 0, nil, err
			}
		}
		if got := layers[i].Forward.Input; i > 0 && got != layers[i-1].Output() {
			return 0, nil, fmt.Errorf("recurrent module %q: layer %d reads %d features, the layer before it yields %d", m.path, i, got, layers[i-1].Output())
		}
	}
	return kind, layers, nil
}

func (m *recurrent) cell(kind Kind, hidden int, at part) (*Cell, error) {
	rows := kind.Gates() * hidden
	c := &Cell{Hidden: hidden}
	ih, ok := m.parts[at.of("weight_ih")]
	if !ok {
		return nil, m.missing(at.of("weight_ih"))
	}
	if len(ih.shape) != 2 || ih.shape[0] != rows || ih.shape[1] < 1 {
		return nil, fmt.Errorf("tensor %q has shape %v, [%d, input] is wanted: %d gates of %d units", ih.name, ih.shape, rows, kind.Gates(), hidden)
	}
	c.Input = ih.shape[1]
	bias := false
	for _, parameter := range []string{"bias_ih", "bias_hh"} {
		if _, ok := m.parts[at.of(parameter)]; ok {
			bias = true
		}
	}
	for _, w := range []struct {
		parameter string
		to        *[]float32
		shape     []int
		wanted    bool
	}{
		{"weight_ih", &c.WeightIH, []int{rows, c.Input}, true},
		{"weight_hh", &c.WeightHH, []int{rows, hidden}, true},
		{"bias_ih", &c.BiasIH, []int{rows}, bias},
		{"bias_hh", &c.BiasHH, []int{rows}, bias},
	} {
		if !w.wanted {
			continue
		}
		t, ok := m.parts[at.of(w.parameter)]
		if !ok {
			return nil, m.missing(at.of(w.parameter))
		}
		if !slices.Equal(t.shape, w.shape) {
			return nil, fmt.Errorf("tensor %q has shape %v, %v is wanted: %d gates of %d units", t.name, t.shape, w.shape, kind.Gates(), hidden)
		}
		var err error
		if *w.to, err = t.load(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (p part) of(parameter string) part {
	p.parameter = parameter
	return p
}

var errNoRecurrent = errors.New("no LSTM or GRU is in the file: no tensor is named weight_ih_l0 or weight_ih")
