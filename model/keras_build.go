package model

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// kerasNetwork makes the network of a model's layers, which are a chain in the order of the data.
//
// The network is a run of recurrent layers of one kind, which nothing but layers without effect may divide. An embedding directly
// before it is its embedding. If other layers lie before it (convolutions, dense layers), the network starts behind them: its
// input is what they yield, which a note says. Behind it there may be dense layers and activations, its head; anything else is refused by
// name, since the output would not be the model's, unless the recurrent layer was asked for by name: then there is no head.
//
// A layer with go_backwards runs from the last step to the first, and yields its steps in that order, reversed in time. A layer that
// reads them so and runs forward therefore runs against time as well: both become backward cells, whose outputs a network
// has in the order of time. Layers with return_sequences=False yield the last executed step, which is LastStepOnly. What is left is
// refused: a last layer that yields all its steps in reversed order, and a Bidirectional layer behind a reversed one, whose directions
// would change places.
func kerasNetwork(steps []kerasStep, weights kerasWeights, opts ReadOptions) (*Network, error) {
	b := kerasBuilder{steps: steps, weights: weights, used: make([]bool, len(steps)), n: &Network{}}
	for i := range steps {
		if steps[i].aside {
			b.steps = steps[:i]
			break
		}
	}
	first, last, err := b.choose(opts.RNN)
	if err != nil {
		return nil, err
	}
	if err := b.recurrent(first, last); err != nil {
		return nil, err
	}
	if err := b.before(first); err != nil {
		return nil, err
	}
	if err := b.behind(last, opts.RNN != ""); err != nil {
		return nil, err
	}
	for i, s := range steps {
		if b.used[i] {
			continue
		}
		names, err := weights.all(s.kerasLayer)
		if err != nil {
			return nil, err
		}
		b.n.Unused = append(b.n.Unused, names...)
	}
	slices.Sort(b.n.Unused)
	return b.n, nil
}

type kerasBuilder struct {
	steps   []kerasStep // of the chain
	weights kerasWeights
	used    []bool
	n       *Network
}

// choose gives the first and the last layer of the run to read.
func (b *kerasBuilder) choose(name string) (first, last int, err error) {
	type run struct{ first, last int }
	var runs []run
	open := false
	for i, s := range b.steps {
		switch {
		case s.role == nothingRole:
		case s.role != recurrentRole:
			open = false
		case open && s.kind == b.steps[runs[len(runs)-1].last].kind:
			runs[len(runs)-1].last = i
		default:
			runs = append(runs, run{i, i})
			open = true
		}
	}
	describe := func(runs []run) string {
		var names []string
		for _, r := range runs {
			names = append(names, b.steps[r.first].name)
		}
		return some(names)
	}
	wanted := runs
	if name != "" {
		wanted = slices.DeleteFunc(slices.Clone(runs), func(r run) bool {
			for _, s := range b.steps[r.first : r.last+1] {
				if s.role == recurrentRole && s.name == name {
					return false
				}
			}
			return true
		})
		if len(wanted) == 0 {
			return 0, 0, fmt.Errorf("no recurrent layer is named %q; there are %s", name, describe(runs))
		}
	}
	switch len(wanted) {
	case 1:
		return wanted[0].first, wanted[0].last, nil
	case 0:
		for _, s := range b.steps {
			if s.err != nil && s.role == otherRole {
				return 0, 0, s.err
			}
		}
		return 0, 0, errors.New("the model has no LSTM or GRU layer")
	}
	return 0, 0, fmt.Errorf("the model has several runs of recurrent layers, which other layers divide; they start with %s: say which one is meant (--rnn NAME)", describe(wanted))
}

// recurrent reads the layers of the run.
func (b *kerasBuilder) recurrent(first, last int) error {
	reversed := "" // the layer that turned the steps round
	b.n.Name, b.n.Kind = b.steps[first].name, b.steps[first].kind
	for i := first; i <= last; i++ {
		s := &b.steps[i]
		b.use(i)
		if s.role != recurrentRole {
			continue
		}
		if s.err != nil {
			return s.err
		}
		if i < last && !s.sequences {
			return fmt.Errorf("%s yields its last step only, and a recurrent layer follows", s)
		}
		if s.bidirectional && reversed != "" {
			return fmt.Errorf("%s reads the steps of layer %q in reversed order (go_backwards), so that its directions change places: train it without", s, reversed)
		}
		layer := Layer{}
		forward, err := b.cell(s, false)
		if err != nil {
			return err
		}
		switch {
		case s.bidirectional:
			layer.Forward = forward
			if layer.Backward, err = b.cell(s, true); err != nil {
				return err
			}
		case s.backwards != (reversed != ""):
			layer.Backward = forward
			reversed = s.name
		default:
			layer.Forward = forward
			reversed = ""
		}
		b.n.Layers = append(b.n.Layers, layer)
		b.n.LastStepOnly = !s.sequences
	}
	if reversed != "" && !b.n.LastStepOnly {
		return fmt.Errorf("layer %q yields its steps in reversed order (go_backwards with return_sequences), and the outputs of a network are in the order of time: use it inside a Bidirectional layer, or without go_backwards", reversed)
	}
	return nil
}

func (b *kerasBuilder) cell(s *kerasStep, backward bool) (*Cell, error) {
	tensors, err := b.weights.of(s, backward)
	if err != nil {
		return nil, err
	}
	return kerasCell(s, tensors)
}

func (b *kerasBuilder) use(i int) {
	b.used[i] = true
	b.n.Notes = append(b.n.Notes, b.steps[i].notes...)
}

// before reads what lies before the run: masks and an embedding, or layers that the network leaves out.
func (b *kerasBuilder) before(first int) error {
	masked := false
	i := first - 1
walk:
	for ; i >= 0; i-- {
		s := &b.steps[i]
		switch s.role {
		case inputRole, nothingRole:
		case maskRole:
			masked = true
		case embeddingRole:
			if b.n.Embedding != nil {
				return fmt.Errorf("%s lies before another one", s)
			}
			if s.err != nil {
				return s.err
			}
			tensors, err := b.weights.of(s, false)
			if err != nil {
				return err
			}
			if b.n.Embedding, err = kerasEmbedding(s, tensors); err != nil {
				return err
			}
			masked = masked || s.maskZero
		default:
			break walk
		}
		b.use(i)
	}
	if i >= 0 {
		var names []string
		for _, s := range b.steps[:i+1] {
			masked = masked || s.role == maskRole || s.maskZero
			if s.role != inputRole && s.role != nothingRole {
				names = append(names, fmt.Sprintf("%s (%s)", clipText(s.name), clipText(s.class)))
			}
			b.n.Notes = append(b.n.Notes, s.notes...)
		}
		b.n.Notes = append(b.n.Notes, fmt.Sprintf("the network starts behind layers that it cannot hold: what it reads is what %s yield, keras.Model(model.inputs, model.get_layer(%q).output).predict(x)",
			strings.Join(names, ", "), clipText(b.steps[i].name)))
	}
	for at := range b.steps {
		s := &b.steps[at]
		if !b.used[at] || s.role != recurrentRole {
			continue
		}
		if s.masked && !masked {
			return fmt.Errorf("%s is given a mask that neither a Masking nor an Embedding layer before it makes: leave it out", s)
		}
		if masked && s.zeroMasked && !s.sequences {
			return fmt.Errorf("%s yields zeros for steps that are left out (zero_output_for_mask), and its last step may be one", s)
		}
	}
	return nil
}

// behind reads the head. If the layer was asked for by name, layers that a head cannot hold leave the network without one.
func (b *kerasBuilder) behind(last int, named bool) error {
	var head []Dense
	for i := last + 1; i < len(b.steps); i++ {
		s := &b.steps[i]
		err := s.err
		switch {
		case err != nil || s.role == nothingRole:
		case s.role == denseRole && s.perStep && b.n.LastStepOnly:
			err = fmt.Errorf("%s is wrapped in TimeDistributed, and only the last step lies before it", s)
		case s.role == denseRole:
			tensors, weightErr := b.weights.of(s, false)
			if weightErr != nil {
				return weightErr
			}
			dense, denseErr := kerasDense(s, tensors)
			if denseErr != nil {
				return denseErr
			}
			head = append(head, dense)
		case s.role == activationRole && len(head) > 0 && (head[len(head)-1].Activation == "" || s.activation == ""):
			head[len(head)-1].Activation += s.activation
		case s.role == activationRole:
			err = fmt.Errorf("%s follows a layer that is no dense layer or has an activation of its own", s)
		default:
			err = fmt.Errorf("%s lies behind the recurrent layers, where there may be dense layers and activations", s)
		}
		if err != nil && !named {
			return fmt.Errorf("%w; to read the recurrent layers without what follows them, name them (--rnn %s)", err, b.n.Name)
		}
		if err != nil {
			for at := last + 1; at < len(b.steps); at++ {
				b.used[at] = false
			}
			b.n.Notes = append(b.n.Notes, fmt.Sprintf("the network ends with the recurrent layers: %v", err))
			return nil
		}
		b.used[i] = true
	}
	b.n.Head = head
	return nil
}
