package xmodel

import (
	"encoding/binary"
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
		want := 1
		for _, dim := range s.shape(label) {
			want *= int(dim)
		}
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

type builder struct {
	spec  CellSpec
	nodes map[string]Node
	ops   []*Op
}

func (b *builder) name(label string) string    { return OpName(b.spec.Name, Sanitize(label)) }
func (b *builder) fixName(label string) string { return b.name(label) + fixSuffix }

func (b *builder) add(op *Op, shape []int32) {
	op.Output = Tensor{Name: op.Name, Shape: slices.Clone(shape), Type: Float, BitWidth: 32}
	b.ops = append(b.ops, op)
}

func (b *builder) fix(name, input string, shape []int32, f fixed.Format) {
	b.add(&Op{
		Name: name, Type: "fix", Args: []Arg{{Name: "input", Ops: []string{input}}},
		Attrs: Attrs{"bit_width": int32(f.Bits), "fix_point": int32(f.Position), "if_signed": true, "round_mode": "DPU_ROUND"},
	}, shape)
}

// input writes x, h or c with its fix, and behind it the 8-bit forms that the linears read, in the order of the linears.
func (b *builder) input(label string, order []string) {
	shape := []int32{1, int32(b.spec.Hidden)}
	if label == "input_0" {
		shape = []int32{1, int32(b.spec.Input)}
	}
	b.add(&Op{Name: b.name(label), Type: "data", Attrs: Attrs{"data_type": "FLOAT32", "shape": shape}}, shape)
	b.fix(b.fixName(label), b.name(label), shape, b.spec.Formats[label])
	if len(b.spec.MatmulInputs) == 0 {
		return
	}
	for _, linear := range order {
		if n := b.nodes[linear]; n.Op == "matmul" && n.Reads[0] == label {
			b.fix(PreFixName(b.name(linear)), b.fixName(label), shape, b.spec.MatmulInputs[linear])
		}
	}
}

func (b *builder) node(n Node) {
	op := &Op{Name: b.name(n.Label), Type: n.Op}
	if n.Op == "matmul" {
		b.matmul(op, n)
	} else {
		arg := Arg{Name: "input"}
		for _, read := range n.Reads {
			arg.Ops = append(arg.Ops, b.fixName(read))
		}
		op.Args = []Arg{arg}
	}
	shape := []int32{1, int32(b.spec.Hidden)}
	b.add(op, shape)
	b.fix(b.fixName(n.Label), op.Name, shape, b.spec.Formats[n.Label])
}

func (b *builder) matmul(op *Op, n Node) {
	var bias []string
	if n.Bias != "" && b.spec.Bias {
		bias = []string{b.parameter(n.Bias)}
	}
	weight := b.parameter(n.Weight)
	x := b.fixName(n.Reads[0])
	if len(b.spec.MatmulInputs) > 0 {
		x = PreFixName(op.Name)
	}
	op.Args = []Arg{{Name: "input", Ops: []string{x, weight}}, {Name: "bias", Ops: bias}}
	op.Attrs = Attrs{"transpose_a": false, "transpose_b": true}
}

// parameter writes a const and its fix, and gives the name of the fix. The original forgets the graph's prefix in a GRU.
func (b *builder) parameter(label string) string {
	name := b.name(label)
	if b.spec.Kind == GRU {
		name = label
	}
	values := b.spec.Values[label]
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	shape := b.spec.shape(label)
	b.add(&Op{Name: name, Type: "const", Attrs: Attrs{"data": data, "data_type": "float32", "shape": shape}}, shape)
	b.fix(name+fixSuffix, name, shape, b.spec.Formats[label])
	return name + fixSuffix
}
