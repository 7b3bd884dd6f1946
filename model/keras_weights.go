package model

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"rnnsim/internal/hdf5"
)

// kerasWeights is where the weights of a model's layers lie.
type kerasWeights interface {
	// of gives the weights of one direction of a layer, in Keras's order: kernel, recurrent kernel, bias.
	of(s *kerasStep, backward bool) ([]tensor, error)
	// all names the weights of a layer.
	all(l kerasLayer) ([]string, error)
}

// namedWeights are the weights of an .h5 file: a group a layer, whose attribute weight_names lists its weights in order.
type namedWeights struct {
	group *hdf5.Object
	names []string // of the layers
}

func openNamedWeights(root *hdf5.Object) (*namedWeights, error) {
	group, err := root.Object("model_weights")
	if errors.Is(err, hdf5.ErrNotFound) {
		group, err = root, nil
	}
	if err != nil {
		return nil, err
	}
	names, err := attributeStrings(group, "layer_names")
	if err != nil {
		return nil, err
	}
	if len(names) > maxKerasLayers {
		return nil, fmt.Errorf("it has %d layers, the limit is %d", len(names), maxKerasLayers)
	}
	return &namedWeights{group, names}, nil
}

func (w *namedWeights) all(l kerasLayer) ([]string, error) {
	group, err := w.group.Object(l.name)
	if errors.Is(err, hdf5.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return attributeStrings(group, "weight_names")
}

func (w *namedWeights) of(s *kerasStep, backward bool) ([]tensor, error) {
	tensors, err := w.plain(s, backward)
	if err != nil {
		return nil, err
	}
	return joinGates(s, tensors)
}

// plain gives the weights as the file has them.
func (w *namedWeights) plain(s *kerasStep, backward bool) ([]tensor, error) {
	names, err := w.all(s.kerasLayer)
	if err != nil {
		return nil, err
	}
	if s.bidirectional {
		if names, err = direction(names, backward); err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
	}
	group, err := w.group.Object(s.name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s, err)
	}
	tensors := make([]tensor, len(names))
	for i, name := range names {
		if tensors[i], err = datasetTensor(group, name); err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
	}
	return tensors, nil
}

// direction gives the half of a Bidirectional layer's weights that is of one direction; the forward ones come first.
func direction(names []string, backward bool) ([]string, error) {
	if len(names)%2 != 0 {
		return nil, fmt.Errorf("its two directions have %d weights together", len(names))
	}
	half, other := names[:len(names)/2], "backward_"
	if backward {
		half, other = names[len(names)/2:], "forward_"
	}
	for _, name := range half {
		for _, part := range strings.Split(name, "/") {
			if strings.HasPrefix(part, other) {
				return nil, fmt.Errorf("its weight %q is not where that direction's weights are", name)
			}
		}
	}
	return half, nil
}

// datasetTensor makes a tensor of a dataset. Its name is the path in the file.
func datasetTensor(group *hdf5.Object, name string) (tensor, error) {
	o, err := group.Object(name)
	if err != nil {
		return tensor{}, err
	}
	shape, err := o.Shape()
	if err != nil {
		return tensor{}, err
	}
	return tensor{name: strings.TrimPrefix(o.Path(), "/"), shape: shape, values: o.Float32s}, nil
}

// numberedWeights are the weights of a .keras archive or a .weights.h5: a group a layer, in which variables have numbers.
type numberedWeights struct {
	layers *hdf5.Object
	names  []string // of the groups
}

func openNumberedWeights(root *hdf5.Object) (*numberedWeights, error) {
	var layers *hdf5.Object
	var err error
	// The second name is that of Keras 2.12 and 2.13.
	for _, name := range []string{"layers", "_layer_checkpoint_dependencies"} {
		if layers, err = root.Object(name); !errors.Is(err, hdf5.ErrNotFound) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	names, err := layers.Names()
	if err != nil {
		return nil, err
	}
	if len(names) > maxKerasLayers {
		return nil, fmt.Errorf("it has %d layers, the limit is %d", len(names), maxKerasLayers)
	}
	return &numberedWeights{layers, names}, nil
}

// placeGroups finds the groups of a model's layers: each is named for the layer's class, with a number for the second and later
// ones in the order of the configuration.
func placeGroups(layers []kerasLayer) {
	inOrder := make([]*kerasLayer, len(layers))
	for i := range layers {
		inOrder[i] = &layers[i]
	}
	slices.SortFunc(inOrder, func(a, b *kerasLayer) int { return cmp.Compare(a.place, b.place) })
	count := map[string]int{}
	for _, l := range inOrder {
		l.group = snakeCase(l.class)
		if n := count[l.group]; n > 0 {
			l.group += "_" + strconv.Itoa(n)
		}
		count[snakeCase(l.class)]++
	}
}

var (
	wordStart = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	wordBreak = regexp.MustCompile(`([a-z])([A-Z])`)
)

// snakeCase is Keras's name for a class: SpatialDropout1D is spatial_dropout1d.
func snakeCase(class string) string {
	class = wordStart.ReplaceAllString(class, "${1}_$2")
	return strings.ToLower(wordBreak.ReplaceAllString(class, "${1}_$2"))
}

func (w *numberedWeights) of(s *kerasStep, backward bool) ([]tensor, error) {
	path := []string{s.group}
	switch {
	case s.bidirectional && backward:
		path = append(path, "backward_layer", "cell")
	case s.bidirectional:
		path = append(path, "forward_layer", "cell")
	case s.role == recurrentRole:
		path = append(path, "cell")
	case s.perStep:
		path = append(path, "layer")
	}
	path = append(path, "vars")
	group, err := w.layers.Object(strings.Join(path, "/"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s, err)
	}
	if err := w.checkOwner(s); err != nil {
		return nil, err
	}
	names, err := group.Names()
	if err != nil {
		return nil, err
	}
	tensors := make([]tensor, len(names))
	for i := range names {
		if tensors[i], err = datasetTensor(group, strconv.Itoa(i)); err != nil {
			return nil, fmt.Errorf("%s: %w", s, err)
		}
	}
	return tensors, nil
}

// checkOwner holds the layer against the name that later versions of Keras write beside its variables.
func (w *numberedWeights) checkOwner(s *kerasStep) error {
	name, err := w.owner(s.group)
	if err == nil && name != "" && name != s.name {
		err = fmt.Errorf("%s: the group %q, where its weights are looked for, has those of layer %q", s, s.group, clipText(name))
	}
	return err
}

// owner gives the name of the layer whose weights a group has, or nothing if the file does not say.
func (w *numberedWeights) owner(group string) (string, error) {
	vars, err := w.layers.Object(group + "/vars")
	if errors.Is(err, hdf5.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	names, err := attributeStrings(vars, "name")
	if err != nil || len(names) != 1 {
		return "", err
	}
	return names[0], nil
}

func (w *numberedWeights) all(l kerasLayer) ([]string, error) {
	group, err := w.layers.Object(l.group)
	if errors.Is(err, hdf5.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	// Groups of layers in layers are a few levels deep; a file may say otherwise.
	const deepest = 8
	var walk func(o *hdf5.Object, depth int) error
	walk = func(o *hdf5.Object, depth int) error {
		if o.IsDataset() {
			names = append(names, strings.TrimPrefix(o.Path(), "/"))
		}
		members, err := o.Names()
		if err != nil || depth == deepest {
			return err
		}
		for _, member := range members {
			inner, err := o.Object(member)
			if err != nil {
				return err
			}
			if len(names) > maxKerasLayers {
				return fmt.Errorf("%s has more than %d weights", l, maxKerasLayers)
			}
			if err := walk(inner, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return names, walk(group, 0)
}
