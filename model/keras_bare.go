package model

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// classOfName is the class behind the names that Keras gives to layers itself: dropout_1 is a Dropout.
var classOfName = map[string]string{
	"dropout": "Dropout", "spatial_dropout1d": "SpatialDropout1D", "input": "InputLayer", "input_layer": "InputLayer", "gaussian_noise": "GaussianNoise",
	"gaussian_dropout": "GaussianDropout", "alpha_dropout": "AlphaDropout", "activity_regularization": "ActivityRegularization",
	"embedding_input": "InputLayer", "lstm_input": "InputLayer", "gru_input": "InputLayer", "bidirectional_input": "InputLayer",
}

var layerNumber = regexp.MustCompile(`_[0-9]+$`)

// bareSteps tells the layers of a file that holds weights alone by the names and shapes of the weights, in the order of the
// attribute layer_names. Layers without weights must have the name of one that does nothing when a model is run; what another
// one computes nobody can tell.
func bareSteps(w *namedWeights) ([]kerasStep, error) {
	var steps []kerasStep
	for _, name := range w.names {
		s := kerasStep{kerasLayer: kerasLayer{name: name}}
		names, err := w.all(s.kerasLayer)
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			s.withoutWeights(name)
			steps = append(steps, s)
			continue
		}
		s.bidirectional = strings.Contains(strings.Join(names, "\n"), "backward_")
		tensors, err := w.plain(&s, false)
		if err != nil {
			return nil, err
		}
		s.guess(tensors)
		steps = append(steps, s)
	}
	return lastStepOnly(steps), nil
}

func (s *kerasStep) withoutWeights(name string) {
	s.class = classOfName[layerNumber.ReplaceAllString(name, "")]
	switch {
	case s.class == "InputLayer":
		s.role = inputRole
	case passive[s.class]:
		s.role = nothingRole
	default:
		s.class = "of unknown class"
		s.err = fmt.Errorf("layer %q has no weights, so that nobody can tell what it computes", clipText(s.name))
	}
}

// guess tells a layer by its weights. Gates are in the order of Keras 2 and 3; weights of Keras 1 are told by their names.
func (s *kerasStep) guess(tensors []tensor) {
	unknown := func(why string) {
		s.class, s.role = "of unknown class", otherRole
		s.err = fmt.Errorf("layer %q: its weights do not say what it is: %s", clipText(s.name), why)
	}
	if len(tensors) == 0 {
		unknown("there are none")
		return
	}
	names := make([]string, len(tensors))
	for i, t := range tensors {
		names[i] = cleanWeightName(t.name)
	}
	numbered := names[0] == "0"
	is := func(roles ...string) bool { return len(names) >= len(roles) && slices.Equal(names[:len(roles)], roles) }
	switch {
	case len(tensors) == 12 || len(tensors) == 9:
		s.class, s.role, s.bias, s.kind = "LSTM", recurrentRole, true, LSTM
		if s.units = lastExtent(tensors[0]); len(tensors) == 9 {
			s.kind = GRU
			unknown("a GRU of Keras 1 resets before the recurrent product, which the accelerator's cell cannot")
		}
	case is("embeddings") && len(names) == 1 || strings.HasSuffix(names[0], "_W") && len(names) == 1 && strings.Contains(s.name, "embedding") || numbered && s.class == "Embedding":
		s.class, s.role = "Embedding", embeddingRole
	case is("kernel", "recurrent_kernel") || numbered && (s.class == "LSTM" || s.class == "GRU" || s.class == "Bidirectional"):
		s.guessRecurrent(tensors, unknown)
	case (is("kernel") || strings.HasSuffix(names[0], "_W") || numbered && s.class == "Dense") && len(names) <= 2 && len(tensors[0].shape) == 2:
		s.class, s.role, s.bias, s.units = "Dense", denseRole, len(names) == 2, tensors[0].shape[1]
	default:
		unknown(some(names))
	}
}

func lastExtent(t tensor) int {
	if len(t.shape) == 0 {
		return 0
	}
	return t.shape[len(t.shape)-1]
}

// guessRecurrent tells LSTM from GRU by the gates, and reset_after by the two rows of the bias.
func (s *kerasStep) guessRecurrent(tensors []tensor, unknown func(string)) {
	if len(tensors) < 2 || len(tensors) > 3 || len(tensors[1].shape) != 2 || tensors[1].shape[0] < 1 {
		unknown("kernel, recurrent_kernel and bias are wanted")
		return
	}
	named := s.class // by its group, if it has one
	s.role, s.units, s.bias = recurrentRole, tensors[1].shape[0], len(tensors) == 3
	switch width := tensors[1].shape[1]; {
	case width == 4*s.units:
		s.class, s.kind = "LSTM", LSTM
	case width == 3*s.units:
		s.class, s.kind = "GRU", GRU
		if !s.bias {
			unknown("a GRU without bias may reset before or after the recurrent product (reset_after)")
		} else if len(tensors[2].shape) != 2 {
			unknown("it is a GRU with one bias, which resets before the recurrent product (reset_after=False), and the accelerator's cell cannot")
		}
	case width == s.units:
		unknown("it has one gate, as a SimpleRNN has, and the accelerator has LSTM and GRU cells")
	default:
		unknown(fmt.Sprintf("its recurrent kernel has shape %v", tensors[1].shape))
	}
	switch {
	case s.err != nil:
	case s.bidirectional:
		s.class = "Bidirectional"
	case named != "" && named != s.class:
		unknown(fmt.Sprintf("they have the gates of the class %s, and the group is one of the class %s", s.class, named))
	}
}

// lastStepOnly lets all recurrent layers but the last yield every step, as they must.
func lastStepOnly(steps []kerasStep) []kerasStep {
	last := -1
	for i := range steps {
		if steps[i].role == recurrentRole {
			steps[i].sequences = true
			last = i
		}
	}
	if last >= 0 {
		for _, s := range steps[last:] {
			if s.role == denseRole {
				steps[last].sequences = false
			}
		}
	}
	return steps
}

// bareNumberedSteps tells the layers of a .weights.h5, whose groups are named for their classes and numbered class by class, but are
// in no order: embeddings come first, then the recurrent layers, then the dense ones, each class by its numbers. Layers of other
// classes, and recurrent layers of several, whose order the numbers do not say, are refused.
func bareNumberedSteps(w *numberedWeights) ([]kerasStep, error) {
	var steps []kerasStep
	for _, group := range w.names {
		stem := layerNumber.ReplaceAllString(group, "")
		s := kerasStep{kerasLayer: kerasLayer{name: group, class: numberedClass[stem]}}
		switch s.class {
		case "":
			if class := classOfName[stem]; class == "InputLayer" || passive[class] {
				continue
			}
			return nil, fmt.Errorf("layer %q: the file does not say where it lies and what it computes: read the whole model", clipText(group))
		case "Embedding":
			s.role = embeddingRole
		case "Dense":
			s.role = denseRole
		default:
			s.role, s.bidirectional = recurrentRole, s.class == "Bidirectional"
		}
		s.group = group
		name, err := w.owner(group)
		if err != nil {
			return nil, err
		}
		if name != "" {
			s.name = name
		}
		tensors, err := w.of(&s, false)
		if err != nil {
			return nil, err
		}
		s.guess(tensors)
		s.place, _ = strconv.Atoi(strings.TrimPrefix(layerNumber.FindString(group), "_"))
		steps = append(steps, s)
	}
	classes := map[bool]bool{}
	for _, s := range steps {
		if s.role == recurrentRole {
			classes[s.bidirectional] = true
		}
	}
	if len(classes) > 1 {
		return nil, errors.New("the file has Bidirectional and other recurrent layers, and does not say in which order they lie: read the whole model")
	}
	slices.SortStableFunc(steps, func(a, b kerasStep) int {
		return cmp.Or(cmp.Compare(rankOfRole[a.role], rankOfRole[b.role]), cmp.Compare(a.place, b.place))
	})
	return lastStepOnly(steps), nil
}

var numberedClass = map[string]string{"embedding": "Embedding", "dense": "Dense", "lstm": "LSTM", "gru": "GRU", "bidirectional": "Bidirectional"}

var rankOfRole = map[kerasRole]int{embeddingRole: 0, recurrentRole: 1, otherRole: 1, denseRole: 2}
