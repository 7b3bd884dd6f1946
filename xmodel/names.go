package xmodel

import (
	"strings"
	"sync"
)

const (
	fixSuffix = "_fix"
	// preFixSuffix marks the fix between a node and the 8-bit matmul that reads it.
	preFixSuffix = "_pre_fix_i0"
)

// Sanitize gives the form that a quant_info label takes in op names and file names: every character outside 0-9, A-Z and a-z
// becomes an underscore, so that "::" becomes "__".
func Sanitize(label string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case '0' <= r && r <= '9', 'A' <= r && r <= 'Z', 'a' <= r && r <= 'z':
			return r
		}
		return '_'
	}, label)
}

// NodeName gives the node that an op belongs to: the op's name without the graph's prefix and without the suffix of its fix.
// The parameters of a GRU have no prefix in the first place.
func NodeName(graph, op string) string {
	return strings.TrimSuffix(strings.TrimPrefix(op, Sanitize(graph)+"__"), fixSuffix)
}

// OpName is the inverse of NodeName for the nodes of a graph (not for a GRU's parameters).
func OpName(graph, node string) string { return Sanitize(graph) + "__" + node }

// PreFixName gives the node name of a linear's own input where weights are narrower than activations.
func PreFixName(linear string) string { return linear + preFixSuffix }

// Label gives the quant_info name of a node of an LSTM or GRU cell: "w_ii * input_0 + bias_i" of "w_ii___input_0___bias_i".
// The suffix "_pre_fix_i0" is kept. A node of another cell is its own label.
func Label(node string) string {
	base, isPreFix := strings.CutSuffix(node, preFixSuffix)
	if label, ok := labels()[base]; ok {
		base = label
	}
	if isPreFix {
		return base + preFixSuffix
	}
	return base
}

// labels maps sanitized names back. Both kinds fit into one table: where they share a name they share the label.
var labels = sync.OnceValue(func() map[string]string {
	table := map[string]string{}
	for _, kind := range []CellKind{LSTM, GRU} {
		for _, n := range Nodes(kind) {
			table[Sanitize(n.Label)] = n.Label
		}
	}
	return table
})
