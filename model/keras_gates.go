package model

import (
	"fmt"
	"regexp"
	"slices"
)

// kerasOrder gives, for each gate in PyTorch's order, its place in Keras's: i, f, c, o for an LSTM; z, r, h for a GRU.
var kerasOrder = map[Kind][]int{LSTM: {0, 1, 2, 3}, GRU: {1, 0, 2}}

// keras1Name matches the weights of Keras 1, which has one of each kind a gate: lstm_1_W_i, lstm_1_U_i, lstm_1_b_i.
var keras1Name = regexp.MustCompile(`_([WUb])_([ifcozrh])$`)

// joinGates gives the weights of Keras 1 as later versions have them, with the gates side by side. Others stay as they are.
func joinGates(s *kerasStep, tensors []tensor) ([]tensor, error) {
	order := map[Kind]string{LSTM: "ifco", GRU: "zrh"}[s.kind]
	if s.role != recurrentRole || len(tensors) != 3*len(order) {
		return tensors, nil
	}
	byName := map[string]tensor{}
	for _, t := range tensors {
		match := keras1Name.FindStringSubmatch(cleanWeightName(t.name))
		if match == nil {
			return nil, fmt.Errorf("%s: its weight %q is none of Keras 1's (…_W_%c)", s, t.name, order[0])
		}
		byName[match[1]+match[2]] = t
	}
	var joined []tensor
	for _, letter := range []string{"W", "U", "b"} {
		var gates []tensor
		for _, gate := range order {
			t, ok := byName[letter+string(gate)]
			if !ok {
				return nil, fmt.Errorf("%s: its weight %s_%c is missing", s, letter, gate)
			}
			if gates = append(gates, t); len(t.shape) == 0 || !slices.Equal(t.shape, gates[0].shape) {
				return nil, fmt.Errorf("%s: tensor %q has shape %v, that of the first gate is %v", s, t.name, t.shape, gates[0].shape)
			}
		}
		joined = append(joined, sideBySide(gates))
	}
	return joined, nil
}

// sideBySide joins tensors of one shape along the last dimension.
func sideBySide(parts []tensor) tensor {
	shape := slices.Clone(parts[0].shape)
	width := shape[len(shape)-1]
	shape[len(shape)-1] *= len(parts)
	return tensor{name: parts[0].name, shape: shape, values: func() ([]float32, error) {
		var all [][]float32
		size := 0
		for _, p := range parts {
			values, err := p.load()
			if err != nil {
				return nil, err
			}
			all = append(all, values)
			size += len(values)
		}
		out := make([]float32, 0, size)
		for at := 0; width > 0 && at < len(all[0]); at += width {
			for _, values := range all {
				out = append(out, values[at:at+width]...)
			}
		}
		return out, nil
	}}
}

// kerasCell reads one direction of a recurrent layer. The kernels are [input, gates × units], the bias [gates × units] for an
// LSTM, and for a GRU with reset_after [2, gates × units], that of the input and that of the recurrence. An LSTM adds its one bias to the
// sum: it becomes bias_ih, and bias_hh zeros.
func kerasCell(s *kerasStep, tensors []tensor) (*Cell, error) {
	wanted := 2
	if s.bias {
		wanted = 3
	}
	if len(tensors) != wanted {
		return nil, fmt.Errorf("%s has %d weights, %d are wanted: kernel, recurrent_kernel and, with use_bias, bias", s, len(tensors), wanted)
	}
	kernel, recurrent := tensors[0], tensors[1]
	if len(kernel.shape) != 2 || kernel.shape[0] < 1 {
		return nil, fmt.Errorf("%s: tensor %q has shape %v, [input, gates × units] is wanted", s, kernel.name, kernel.shape)
	}
	gates := s.kind.Gates()
	if s.units < 1 {
		return nil, fmt.Errorf("%s has %d units", s, s.units)
	}
	c := &Cell{Input: kernel.shape[0], Hidden: s.units}
	shapes := [][]int{{c.Input, gates * s.units}, {s.units, gates * s.units}, {gates * s.units}}
	if s.kind == GRU {
		shapes[2] = []int{2, gates * s.units}
	}
	roles := []string{"kernel", "recurrent_kernel", "bias"}
	for i, t := range tensors {
		if !slices.Equal(t.shape, shapes[i]) {
			return nil, fmt.Errorf("%s: tensor %q has shape %v, %v is wanted: %d gates of %d units", s, t.name, t.shape, shapes[i], gates, s.units)
		}
		if err := checkWeightName(s, t, roles[i]); err != nil {
			return nil, err
		}
	}
	var err error
	if c.WeightIH, err = gateRows(s.kind, kernel, s.units); err != nil {
		return nil, err
	}
	if c.WeightHH, err = gateRows(s.kind, recurrent, s.units); err != nil {
		return nil, err
	}
	if !s.bias {
		return c, nil
	}
	both, err := tensors[2].load()
	if err != nil {
		return nil, err
	}
	rows := gates * s.units
	c.BiasIH, c.BiasHH = make([]float32, 0, rows), make([]float32, 0, rows)
	for _, from := range kerasOrder[s.kind] {
		c.BiasIH = append(c.BiasIH, both[from*s.units:(from+1)*s.units]...)
		if s.kind == GRU {
			c.BiasHH = append(c.BiasHH, both[rows+from*s.units:rows+(from+1)*s.units]...)
		}
	}
	if s.kind == LSTM {
		c.BiasHH = make([]float32, rows)
	}
	return c, nil
}

// kerasNames1 is what Keras 1 calls the weights.
var kerasNames1 = map[string]string{"kernel": "W", "recurrent_kernel": "U", "bias": "b", "embeddings": "W"}

var keras1Suffix = regexp.MustCompile(`_([WUb])(?:_[a-z])?$`)

// checkWeightName holds a weight's name, if it is not a number, to what the weight is taken for.
func checkWeightName(s *kerasStep, t tensor, role string) error {
	name := cleanWeightName(t.name)
	match := keras1Suffix.FindStringSubmatch(name)
	numbered := name != "" && name[0] >= '0' && name[0] <= '9'
	if numbered || name == role || match != nil && match[1] == kerasNames1[role] {
		return nil
	}
	return fmt.Errorf("%s: tensor %q is where its %s is wanted", s, t.name, role)
}

// gateRows turns a kernel [columns, gates × units] into [gates × units, columns], with the gates in PyTorch's order.
func gateRows(kind Kind, t tensor, units int) ([]float32, error) {
	values, err := t.load()
	if err != nil {
		return nil, err
	}
	columns, width := t.shape[0], t.shape[1]
	out := make([]float32, 0, len(values))
	for _, from := range kerasOrder[kind] {
		for unit := range units {
			for column := range columns {
				out = append(out, values[column*width+from*units+unit])
			}
		}
	}
	return out, nil
}

// kerasDense reads a dense layer; the kernel is [input, output].
func kerasDense(s *kerasStep, tensors []tensor) (Dense, error) {
	wanted := 1
	if s.bias {
		wanted = 2
	}
	d := Dense{Name: s.name, Activation: s.activation}
	if len(tensors) != wanted {
		return d, fmt.Errorf("%s has %d weights, %d are wanted: kernel and, with use_bias, bias", s, len(tensors), wanted)
	}
	kernel := tensors[0]
	if len(kernel.shape) != 2 || kernel.shape[1] != s.units || s.units < 1 || kernel.shape[0] < 1 {
		return d, fmt.Errorf("%s: tensor %q has shape %v, [input, %d] is wanted", s, kernel.name, kernel.shape, s.units)
	}
	if err := checkWeightName(s, kernel, "kernel"); err != nil {
		return d, err
	}
	d.Input, d.Output = kernel.shape[0], kernel.shape[1]
	values, err := kernel.load()
	if err != nil {
		return d, err
	}
	d.Weight = make([]float32, 0, len(values))
	for row := range d.Output {
		for column := range d.Input {
			d.Weight = append(d.Weight, values[column*d.Output+row])
		}
	}
	if !s.bias {
		return d, nil
	}
	bias := tensors[1]
	if !slices.Equal(bias.shape, []int{s.units}) {
		return d, fmt.Errorf("%s: tensor %q has shape %v, [%d] is wanted", s, bias.name, bias.shape, s.units)
	}
	if err := checkWeightName(s, bias, "bias"); err != nil {
		return d, err
	}
	d.Bias, err = bias.load()
	return d, err
}

// kerasEmbedding reads the table of an Embedding layer.
func kerasEmbedding(s *kerasStep, tensors []tensor) (*Embedding, error) {
	if len(tensors) != 1 || len(tensors[0].shape) != 2 {
		return nil, fmt.Errorf("%s has %d weights, one of shape [tokens, features] is wanted", s, len(tensors))
	}
	t := tensors[0]
	if err := checkWeightName(s, t, "embeddings"); err != nil {
		return nil, err
	}
	values, err := t.load()
	if err != nil {
		return nil, err
	}
	return &Embedding{Tokens: t.shape[0], Features: t.shape[1], Weight: values}, nil
}
