package model

import (
	"fmt"
	"slices"
	"strings"
)

// preferred are the keys under which checkpoints keep the weights to use, where they keep others (averages, earlier ones) beside.
var preferred = []string{"state_dict", "model_state_dict", "model", "net"}

// candidate is a recurrent module and the state dictionary that it lies in.
type candidate struct {
	dict   stateDict
	module *recurrent
}

// assemble makes the network of a file's state dictionaries.
func assemble(dicts []stateDict, opts ReadOptions) (*Network, error) {
	var all []candidate
	var names []string
	for _, dict := range dicts {
		dict.tensors = unwrap(dict.tensors)
		modules, err := findRecurrent(dict.tensors)
		if err != nil {
			return nil, err
		}
		for _, m := range modules {
			all = append(all, candidate{dict, m})
		}
		for _, t := range dict.tensors {
			names = append(names, t.name)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w; its tensors are %s", errNoRecurrent, some(names))
	}
	chosen, err := choose(all, opts.RNN)
	if err != nil {
		return nil, err
	}
	kind, layers, err := chosen.module.layers()
	if err != nil {
		return nil, err
	}
	network := &Network{Name: chosen.module.name(), Kind: kind, Layers: layers}
	if err := assembleRest(network, chosen.module.without(chosen.dict.tensors)); err != nil {
		return nil, err
	}
	return network, nil
}

// choose gives the module of that name, or the only one.
func choose(all []candidate, name string) (candidate, error) {
	wanted := all
	if name != "" {
		wanted = nil
		for _, c := range all {
			if c.module.name() == name || c.full() == name {
				wanted = append(wanted, c)
			}
		}
		if len(wanted) == 0 {
			return candidate{}, fmt.Errorf("no recurrent module is named %q; there are %s", name, list(all))
		}
	}
	if len(wanted) > 1 && wanted[0].dict.path != wanted[len(wanted)-1].dict.path {
		for _, key := range preferred {
			only := slices.DeleteFunc(slices.Clone(wanted), func(c candidate) bool { return c.dict.path != key })
			if len(only) > 0 {
				wanted = only
				break
			}
		}
	}
	if len(wanted) > 1 {
		return candidate{}, fmt.Errorf("several recurrent modules are in the file: %s: say which one is meant (--rnn NAME)", list(wanted))
	}
	return wanted[0], nil
}

// full is the name of the module in the whole file.
func (c candidate) full() string {
	if c.dict.path == "" {
		return c.module.name()
	}
	return c.dict.path + "." + c.module.name()
}

// list shows the modules with their shapes, each by the shortest name that tells it from the others.
func list(all []candidate) string {
	const most = 16
	var out []string
	for _, c := range all[:min(most, len(all))] {
		name := c.module.name()
		for _, other := range all {
			if other.module != c.module && other.module.name() == name {
				name = c.full()
			}
		}
		shape := "of unknown shape"
		if kind, hidden, err := c.module.kind(); err == nil {
			shape = fmt.Sprintf("%s, %d units", kind, hidden)
		}
		out = append(out, fmt.Sprintf("%s (%s)", clipText(name), shape))
	}
	if more := len(all) - most; more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, ", ")
}
