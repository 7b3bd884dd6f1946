package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// linear is a module that has a weight matrix and perhaps a bias, and nothing else: a dense layer or an embedding.
type linear struct {
	path   string
	weight tensor
	bias   *tensor
}

// assembleRest finds the embedding and the head among the tensors that are not the recurrent module's.
//
// The embedding is a module with nothing but a matrix whose columns are the features that the first layer reads. If several are,
// the one with "emb" in its path is it; without such a name the matrix must not fit the recurrent output as well, as that of
// a dense layer would.
//
// The head is a chain of dense layers (a matrix [output, input], perhaps a bias [output]) from the recurrent output. Every
// module that remains must have its place in the chain, and there must be only one such chain, or one in the order of the
// modules' numbers (fc1, fc2; head.0, head.2). If anything else is in the network (a convolution, a normalization, another recurrent
// module), nobody can tell from the weights what lies between the recurrent output and a dense layer, and there is no head.
func assembleRest(n *Network, rest []tensor) error {
	linears, others := linearModules(rest)
	features := n.Layers[len(n.Layers)-1].Output()

	embedding := findEmbedding(linears, n.Input(), features)
	if embedding >= 0 {
		m := linears[embedding]
		values, err := m.weight.load()
		if err != nil {
			return err
		}
		n.Embedding = &Embedding{Tokens: m.weight.shape[0], Features: m.weight.shape[1], Weight: values}
		linears = slices.Delete(linears, embedding, embedding+1)
	}

	if len(others) == 0 {
		chain := findChain(linears, features)
		for _, m := range chain {
			dense, err := m.dense()
			if err != nil {
				return err
			}
			n.Head = append(n.Head, dense)
		}
		if chain != nil {
			linears = nil
		}
	}
	n.LastStepOnly = len(n.Head) > 0
	if len(n.Head) > 1 {
		n.Notes = append(n.Notes, fmt.Sprintf("the file does not say what lies between the dense layers %s and %s: no activation is taken there; a graph of ONNX or a model of Keras says",
			clipText(n.Head[0].Name), clipText(n.Head[1].Name)))
	}

	for _, m := range linears {
		others = append(others, m.weight)
		if m.bias != nil {
			others = append(others, *m.bias)
		}
	}
	for _, t := range others {
		n.Unused = append(n.Unused, t.name)
	}
	slices.Sort(n.Unused)
	return nil
}

// linearModules sorts tensors into linear modules, in the order of their paths, and the tensors of all other modules.
func linearModules(tensors []tensor) (linears []linear, others []tensor) {
	groups := map[string][]tensor{}
	var paths []string
	for _, t := range tensors {
		path, _ := t.split()
		if groups[path] == nil {
			paths = append(paths, path)
		}
		groups[path] = append(groups[path], t)
	}
	slices.SortFunc(paths, compareNatural)
	for _, path := range paths {
		m := linear{path: path}
		fits := true
		for i, t := range groups[path] {
			switch _, parameter := t.split(); {
			case parameter == "weight" && m.weight.shape == nil && len(t.shape) == 2 && t.shape[0] > 0 && t.shape[1] > 0:
				m.weight = t
			case parameter == "bias" && m.bias == nil && len(t.shape) == 1:
				m.bias = &groups[path][i]
			default:
				fits = false
			}
		}
		if fits && m.weight.shape != nil && (m.bias == nil || m.bias.shape[0] == m.weight.shape[0]) {
			linears = append(linears, m)
		} else {
			others = append(others, groups[path]...)
		}
	}
	return linears, others
}

// findEmbedding gives the place of the embedding, or -1.
func findEmbedding(linears []linear, input, output int) int {
	only := func(fits func(linear) bool) (at, count int) {
		at = -1
		for i, m := range linears {
			if m.bias == nil && m.weight.shape[1] == input && fits(m) {
				at = i
				count++
			}
		}
		return at, count
	}
	at, count := only(func(m linear) bool { return strings.Contains(strings.ToLower(m.path), "emb") })
	if count == 0 {
		at, count = only(func(linear) bool { return true })
		if count == 1 && input == output {
			return -1
		}
	}
	if count == 1 {
		return at
	}
	return -1
}

// maxChain bounds the number of dense layers whose order is searched for: there are as many orders as its factorial.
const maxChain = 7

// findChain gives the one order in which all modules follow one another from that many features, or nil.
func findChain(linears []linear, features int) []linear {
	if len(linears) == 0 {
		return nil
	}
	if numbered(linears) && chained(linears, features) {
		return linears
	}
	if len(linears) > maxChain {
		return nil
	}
	var found []linear
	chains := 0
	var extend func(chain, left []linear, features int)
	extend = func(chain, left []linear, features int) {
		if len(left) == 0 {
			found = slices.Clone(chain)
			chains++
			return
		}
		for i, m := range left {
			if m.weight.shape[1] == features {
				extend(append(slices.Clone(chain), m), slices.Delete(slices.Clone(left), i, i+1), m.weight.shape[0])
			}
		}
	}
	extend(nil, linears, features)
	if chains != 1 {
		return nil
	}
	return found
}

func chained(linears []linear, features int) bool {
	for _, m := range linears {
		if m.weight.shape[1] != features {
			return false
		}
		features = m.weight.shape[0]
	}
	return true
}

// numbered tells whether the paths are the same but for the number at their end.
func numbered(linears []linear) bool {
	first, _ := cutNumber(linears[0].path)
	for _, m := range linears {
		if stem, number := cutNumber(m.path); stem != first || number < 0 {
			return false
		}
	}
	return true
}

// cutNumber splits the decimal number from the end of a path; it is -1 if there is none.
func cutNumber(path string) (string, int) {
	stem := strings.TrimRight(path, "0123456789")
	number, err := strconv.Atoi(path[len(stem):])
	if err != nil {
		return path, -1
	}
	return stem, number
}

// compareNatural orders paths by their stem, then by the number at their end, so that head.10 follows head.2.
func compareNatural(a, b string) int {
	stemA, numberA := cutNumber(a)
	stemB, numberB := cutNumber(b)
	if c := strings.Compare(stemA, stemB); c != 0 {
		return c
	}
	if numberA != numberB {
		return numberA - numberB
	}
	return strings.Compare(a, b)
}

func (m linear) dense() (Dense, error) {
	d := Dense{Name: m.path, Input: m.weight.shape[1], Output: m.weight.shape[0]}
	var err error
	if d.Weight, err = m.weight.load(); err != nil {
		return d, err
	}
	if m.bias != nil {
		d.Bias, err = m.bias.load()
	}
	return d, err
}
