package model

import (
	"fmt"
	"math"
	"strings"
)

// tensor is a named array of a file. Its values are read when they are asked for.
type tensor struct {
	name   string
	shape  []int
	values func() ([]float32, error) // as many as the shape has, row-major
}

// load reads the values. A network with a value that is no number computes nothing, so that one is refused here.
func (t tensor) load() ([]float32, error) {
	values, err := t.values()
	if err != nil {
		return nil, fmt.Errorf("tensor %q: %w", t.name, err)
	}
	for i, v := range values {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, fmt.Errorf("tensor %q: value %d is %v: the training diverged, or the file is damaged", t.name, i, v)
		}
	}
	return values, nil
}

// split gives the module path and the parameter's own name.
func (t tensor) split() (module, parameter string) {
	if dot := strings.LastIndexByte(t.name, '.'); dot >= 0 {
		return t.name[:dot], t.name[dot+1:]
	}
	return "", t.name
}

// stateDict is the tensors of one network, as PyTorch's state_dict() names them. A file may hold several.
type stateDict struct {
	path    string // where in the file it lies ("checkpoint.model"), empty for the file's only one
	tensors []tensor
}

// wrappers are what PyTorch's wrapper modules (DataParallel, torch.compile) put before every name of the network in them.
var wrappers = []string{"module.", "_orig_mod."}

// unwrap takes a wrapper's prefix from the names if all of them have it.
func unwrap(tensors []tensor) []tensor {
	for _, prefix := range wrappers {
		all := len(tensors) > 0
		for _, t := range tensors {
			all = all && strings.HasPrefix(t.name, prefix)
		}
		if !all {
			continue
		}
		cut := make([]tensor, len(tensors))
		for i, t := range tensors {
			t.name = t.name[len(prefix):]
			cut[i] = t
		}
		return unwrap(cut)
	}
	return tensors
}

// elements is the number of values of a shape, or an error if a dimension is negative or the number beyond any file.
func elements(shape []int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("shape %v has a negative dimension", shape)
		}
		if d > 0 && n > math.MaxInt/16/d {
			return 0, fmt.Errorf("shape %v is too large", shape)
		}
		n *= d
	}
	return n, nil
}
