package model

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"rnnsim/internal/pickle"
)

// What is looked through of an object, which may contain itself, or the same part a million times.
const (
	maxStateDepth = 32
	maxStateNodes = 1 << 18
)

var errTooDeep = errors.New("the object is nested too deep or repeats itself: save the state_dict alone")

// assembleTorch finds the state dictionaries in what a file of PyTorch holds: the object itself, or at any key of a checkpoint;
// dictionaries of tensors as well as whole modules.
func assembleTorch(root any, opts ReadOptions) (*Network, error) {
	f := &stateFinder{seen: map[any]bool{}}
	if err := f.search(root, "", 0); err != nil {
		return nil, err
	}
	if len(f.found) == 0 {
		return nil, fmt.Errorf("%w; it holds %s", errNoRecurrent, describe(root))
	}
	return assemble(f.found, opts)
}

type stateFinder struct {
	found []stateDict
	seen  map[any]bool // pointers
	nodes int
}

// enter counts a container, and tells whether it is to be looked into: not twice.
func (f *stateFinder) enter(pointer any, depth int) (bool, error) {
	if f.nodes++; f.nodes > maxStateNodes || depth > maxStateDepth {
		return false, errTooDeep
	}
	if f.seen[pointer] {
		return false, nil
	}
	f.seen[pointer] = true
	return true, nil
}

func (f *stateFinder) search(value any, path string, depth int) error {
	switch value := value.(type) {
	case *pickle.Dict:
		if inside, err := f.enter(value, depth); !inside {
			return err
		}
		return f.searchDict(value, path, depth)
	case *pickle.Object:
		if inside, err := f.enter(value, depth); !inside {
			return err
		}
		var tensors []tensor
		if err := flatten(value, "", 0, &f.nodes, &tensors); err != nil {
			return err
		}
		if len(tensors) > 0 {
			f.found = append(f.found, stateDict{path, tensors})
			return nil
		}
		// Anything else that carries attributes may carry a model; so may a dictionary of somebody's own class.
		if value.Dict != nil {
			if err := f.searchDict(value.Dict, path, depth); err != nil {
				return err
			}
		}
		return f.search(value.State, path, depth+1)
	case *pickle.List:
		if inside, err := f.enter(value, depth); !inside {
			return err
		}
		return f.searchItems(value.Items, path, depth)
	case pickle.Tuple:
		if f.nodes++; depth > maxStateDepth || f.nodes > maxStateNodes {
			return errTooDeep
		}
		return f.searchItems(value, path, depth)
	}
	return nil
}

func (f *stateFinder) searchItems(items []any, path string, depth int) error {
	for i, item := range items {
		if err := f.search(item, join(path, strconv.Itoa(i)), depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (f *stateFinder) searchDict(dict *pickle.Dict, path string, depth int) error {
	own := stateDict{path: path}
	for i := range dict.Len() {
		key, value := dict.At(i)
		name, ok := key.(string)
		if !ok {
			// The optimizer's states are numbered; networks are named.
			continue
		}
		if t, ok := value.(*torchTensor); ok {
			own.tensors = append(own.tensors, named(name, t))
			continue
		}
		if err := f.search(value, join(path, name), depth+1); err != nil {
			return err
		}
	}
	if len(own.tensors) > 0 {
		f.found = append(f.found, own)
	}
	return nil
}

// flatten collects the tensors of a pickled module under the names that its state_dict() would give them. A module of Python
// keeps its parameters, buffers and submodules in three dictionaries; one of TorchScript has them all as attributes.
func flatten(module *pickle.Object, path string, depth int, nodes *int, out *[]tensor) error {
	if *nodes++; *nodes > maxStateNodes || depth > maxStateDepth {
		return errTooDeep
	}
	attributes, ok := module.State.(*pickle.Dict)
	if !ok {
		return nil
	}
	if strings.HasPrefix(module.Class.Module, "__torch__") {
		return flattenDict(attributes, path, depth, nodes, out)
	}
	for _, group := range []string{"_parameters", "_buffers", "_modules"} {
		value, _ := attributes.Get(group)
		if dict, ok := value.(*pickle.Dict); ok {
			if err := flattenDict(dict, path, depth, nodes, out); err != nil {
				return err
			}
		}
	}
	return nil
}

func flattenDict(dict *pickle.Dict, path string, depth int, nodes *int, out *[]tensor) error {
	for i := range dict.Len() {
		key, value := dict.At(i)
		name, ok := key.(string)
		if !ok {
			continue
		}
		switch value := value.(type) {
		case *torchTensor:
			*out = append(*out, named(join(path, name), value))
		case *pickle.Object:
			if err := flatten(value, join(path, name), depth+1, nodes, out); err != nil {
				return err
			}
		}
	}
	return nil
}

func named(name string, t *torchTensor) tensor {
	return tensor{name: name, shape: t.shape, values: t.values}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// describe says what an object is in which no state dictionary was found.
func describe(root any) string {
	switch root := root.(type) {
	case *pickle.Dict:
		var keys []string
		for i := range root.Len() {
			key, _ := root.At(i)
			if name, ok := key.(string); ok {
				keys = append(keys, name)
			}
		}
		return "a dictionary with the keys " + some(keys)
	case *pickle.Object:
		return fmt.Sprintf("an object of class %q: save its state_dict instead (torch.save(model.state_dict(), PATH))", clipText(root.Class.String()))
	case *torchTensor:
		return fmt.Sprintf("one tensor of shape %v", root.shape)
	case pickle.Tuple, *pickle.List:
		return "a sequence"
	}
	return fmt.Sprintf("a value of type %T", root)
}
