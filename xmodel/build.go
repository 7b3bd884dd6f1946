package xmodel

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"rnnsim/internal/fixed"
)

// CellSpec says all that the graph of an LSTM or GRU cell is made of. Its maps are keyed by quant_info labels (see Nodes and
// Parameters).
type CellSpec struct {
	Name     string // graph name, "<Scope>_StandardLstmCell_layer_0_forward"
	Kind     CellKind
	Backward bool
	Input    int  // features of x
	Hidden   int  // units
	Bias     bool // whether the linears have biases

	// Values holds each parameter's values on their fixed-point grid, row-major: weight_i* [Hidden, Input], weight_h* [Hidden,
	// Hidden], biases [Hidden]. The bias of an LSTM gate is the sum of the two that PyTorch keeps.
	Values map[string][]float32
	// Formats holds the format of each parameter and of each node.
	Formats map[string]fixed.Format
	// MatmulInputs holds, by the label of the linear, the format of its own input where weights are narrower than activations.
	// It is empty where they are not.
	MatmulInputs map[string]fixed.Format
}

// Build makes the graph of a cell exactly as the vendor's quantizer writes it: the same ops with the same attributes in the same
// order. Errors name the parameter or node that is missing or does not fit.
func Build(spec CellSpec) (*Graph, error) {
	if err := spec.validate(); err != nil {
		return nil, fmt.Errorf("build graph %q: %w", spec.Name, err)
	}
	b := builder{spec: spec, nodes: map[string]Node{}}
	var inputs []string
	for _, n := range Nodes(spec.Kind) {
		b.nodes[n.Label] = n
		if n.Op == "data" {
			inputs = append(inputs, n.Label)
		}
	}
	order := writingOrder(spec.Kind)
	for _, label := range slices.Backward(inputs) {
		b.input(label, order)
	}
	for _, label := range order {
		b.node(b.nodes[label])
	}

	g := &Graph{Name: spec.Name, Ops: b.ops, Root: &Subgraph{Name: "root"}}
	for _, op := range b.ops {
		g.Root.Ops = append(g.Root.Ops, op.Name)
	}
	returned := []string{b.fixName("h_next")}
	if spec.Kind == LSTM {
		returned = append(returned, b.fixName("c_next"))
	}
	direction := "forward"
	if spec.Backward {
		direction = "backward"
	}
	g.Attrs = Attrs{"direction": direction, "return_ops": returned}
	return g, nil
}

func (s *CellSpec) validate() error {
	if s.Name == "" || !utf8.ValidString(s.Name) {
		return fmt.Errorf("the graph needs a name, in UTF-8")
	}
	if s.Kind != LSTM && s.Kind != GRU {
		return fmt.Errorf("cell kind %d does not exist", int(s.Kind))
	}
	if s.Input < 1 || s.Hidden < 1 || s.Input > math.MaxInt32 || s.Hidden > math.MaxInt32 {
		return fmt.Errorf("%d inputs and %d units; each must be at least 1", s.Input, s.Hidden)
	}
	parameters := Parameters(s.Kind, s.Bias)
	for _, label := range parameters {
		want := s.Count(label)
		if got, ok := s.Values[label]; !ok || len(got) != want {
			return fmt.Errorf("parameter %s has %d values, its shape %v wants %d", label, len(got), s.shape(label), want)
		}
	}
	for _, label := range slices.Sorted(maps.Keys(s.Values)) {
		if !slices.Contains(parameters, label) {
			return fmt.Errorf("parameter %s is not one of this cell (%s, bias %t)", label, s.Kind, s.Bias)
		}
	}
	needed := parameters
	for _, n := range Nodes(s.Kind) {
		needed = append(needed, n.Label)
		if n.Op != "matmul" || len(s.MatmulInputs) == 0 {
			continue
		}
		if err := checkFormat(s.MatmulInputs, n.Label, "matmul input"); err != nil {
			return err
		}
	}
	for _, label := range needed {
		if err := checkFormat(s.Formats, label, "node"); err != nil {
			return err
		}
	}
	return nil
}

func checkFormat(formats map[string]fixed.Format, label, what string) error {
	f, ok := formats[label]
	if !ok {
		return fmt.Errorf("%s %q has no format", what, label)
	}
	if err := f.Validate(); err != nil {
		return fmt.Errorf("%s %q: %w", what, label, err)
	}
	return nil
}

// Count gives how many values a parameter has, by its label.
func (s *CellSpec) Count(label string) int {
	count := 1
	for _, n := range s.shape(label) {
		count *= int(n)
	}
	return count
}

// shape gives the shape of a parameter by its label.
func (s *CellSpec) shape(label string) []int32 {
	hidden := int32(s.Hidden)
	switch {
	case strings.HasPrefix(label, "weight_i"):
		return []int32{hidden, int32(s.Input)}
	case strings.HasPrefix(label, "weight_h"):
		return []int32{hidden, hidden}
	}
	return []int32{hidden}
}
