package fault

import (
	"fmt"
	"slices"
	"strings"

	"rnnsim/xmodel"
)

// gates lists the ways in which gates can be mixed up: in the memory of the parameters, and on the way to the activations.
func (l *lister) gates() {
	kind := xmodel.GRU
	if l.cell.c >= 0 {
		kind = xmodel.LSTM
	}
	letters := kind.Gates()
	for _, order := range permutations(letters) {
		if slices.Equal(order, letters) {
			continue
		}
		name := strings.Join(order, "")
		swapped := differences(letters, order)
		text := fmt.Sprintf("the gates %s have the parameters of %s", strings.Join(letters, ", "), strings.Join(order, ", "))
		if len(swapped) == 2 {
			text = fmt.Sprintf("the parameters of the gates %s and %s are exchanged", swapped[0], swapped[1])
		}
		l.permute("gates", "order-"+name, text, letters, order, true, true, func(string) bool { return true })
		if len(swapped) == 2 {
			pair := swapped[0] + "-" + swapped[1]
			who := fmt.Sprintf("of the gates %s and %s are exchanged", swapped[0], swapped[1])
			l.permute("gates", "x-weights-"+pair, "the weights of x "+who, letters, order, true, false, func(name string) bool { return strings.HasPrefix(name, "w_i") })
			l.permute("gates", "h-weights-"+pair, "the weights of h "+who, letters, order, true, false, func(name string) bool { return strings.HasPrefix(name, "w_h") })
			l.permute("gates", "biases-"+pair, "the biases "+who, letters, order, false, true, func(string) bool { return true })
		}
		l.activations(letters, order, text)
	}
}

// permute gives each gate the parameters of another one, as they lie in memory: the positions stay those of the gate.
func (l *lister) permute(place, kind, text string, letters, order []string, weights, biases bool, holds func(name string) bool) {
	l.add(place, kind, text, func(c *cell) {
		original := slices.Clone(c.nodes)
		for at, n := range original {
			if !isMatmul(n) || !holds(n.name) || biases && !weights && !hasBias(n) {
				continue
			}
			gate := slices.Index(letters, gateOf(n.name))
			if gate < 0 || letters[gate] == order[gate] {
				continue
			}
			from := c.find(xmodel.Sanitize(renamed(n.label, letters[gate], order[gate])))
			if from < 0 || original[from].product.columns != n.product.columns {
				continue
			}
			changed := c.touch(at)
			if weights {
				changed.product.weights = original[from].product.weights
			}
			if biases {
				changed.product.bias = original[from].product.bias
			}
		}
	})
}

// gateOf is the letter of the gate that a linear belongs to: w_ii * input_0 + bias_i is gate i's.
func gateOf(name string) string {
	if len(name) < 4 || name[:2] != "w_" {
		return ""
	}
	return name[3:4]
}

// renamed gives the label of the same linear of another gate.
func renamed(label, from, to string) string {
	for _, part := range []string{"w_i", "w_h", "bias_i", "bias_h", "bias_"} {
		label = strings.ReplaceAll(label, part+from+" ", part+to+" ")
		if strings.HasSuffix(label, part+from) {
			label = strings.TrimSuffix(label, part+from) + part + to
		}
	}
	return label
}

// activations lists the sums that go to the wrong activation.
func (l *lister) activations(letters, order []string, _ string) {
	swapped := differences(letters, order)
	if len(swapped) != 2 {
		return
	}
	text := fmt.Sprintf("the sums of the gates %s and %s go to each other's activation", swapped[0], swapped[1])
	a, b := "y_"+swapped[0], "y_"+swapped[1]
	if l.cell.find(a) < 0 || l.cell.find(b) < 0 || l.cell.c < 0 {
		return // a GRU's y_g needs the activation of y_i
	}
	l.add("gates", "sums-"+swapped[0]+"-"+swapped[1], text, func(c *cell) {
		first, second := c.find(a), c.find(b)
		for _, at := range c.where(isTable) {
			o := c.nodes[at].reads[0]
			switch o.node {
			case first:
				c.touch(at).reads[0].from(c, second)
			case second:
				c.touch(at).reads[0].from(c, first)
			}
		}
	})
}

// differences lists what is not in its place.
func differences(letters, order []string) []string {
	var moved []string
	for i, letter := range letters {
		if order[i] != letter {
			moved = append(moved, letter)
		}
	}
	return moved
}

// permutations lists all orders of a few letters, the given one first.
func permutations(letters []string) [][]string {
	if len(letters) == 0 {
		return [][]string{nil}
	}
	var all [][]string
	for i, first := range letters {
		rest := slices.Delete(slices.Clone(letters), i, i+1)
		for _, order := range permutations(rest) {
			all = append(all, append([]string{first}, order...))
		}
	}
	return all
}
