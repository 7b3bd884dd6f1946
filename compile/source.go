package compile

import (
	"fmt"
	"slices"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// source is a cell as it is read from a quantized graph.
type source struct {
	name          string
	kind          xmodel.CellKind
	input, hidden int
	formats       map[string]fixed.Format
	aligned       map[string][]int16 // biases at the positions of their sums
	values        map[string][]int16 // parameters at their own positions; zeros for the biases of a cell without
}

// readSource takes a cell graph apart. It must be the quantizer's LSTM or GRU with 16-bit weights. Errors name the graph and the op.
func readSource(g *xmodel.Graph) (*source, error) {
	s := &source{name: g.Name, kind: xmodel.GRU, formats: map[string]fixed.Format{}, values: map[string][]int16{}}
	if g.Node("input_2") != nil {
		s.kind = xmodel.LSTM
	}
	spec := xmodel.CellSpec{Name: g.Name, Kind: s.kind, Values: map[string][]float32{}, Formats: s.formats}
	index := g.Index()
	for _, n := range xmodel.Nodes(s.kind) {
		op := g.Node(xmodel.Sanitize(n.Label))
		if op == nil {
			return nil, fmt.Errorf("graph %q is no %s as the quantizer writes it: it has no op %q", g.Name, s.kind, xmodel.Sanitize(n.Label))
		}
		if err := s.format(index, n.Label, op.Name); err != nil {
			return nil, err
		}
		if n.Op != "matmul" {
			continue
		}
		if _, narrow := index[xmodel.PreFixName(op.Name)]; narrow {
			return nil, fmt.Errorf("graph %q has 8-bit weights: op %q cuts the input of a matrix product to 8 bits, which no instruction does; quantize with 16-bit weights",
				g.Name, xmodel.PreFixName(op.Name))
		}
		spec.Bias = spec.Bias || len(op.Input("bias")) > 0
		for label, names := range map[string][]string{n.Weight: lastOf(op.Input("input")), n.Bias: op.Input("bias")} {
			if len(names) == 1 && label != "" {
				if err := s.parameter(index, &spec, label, names[0]); err != nil {
					return nil, err
				}
			}
		}
	}
	input, hidden := g.Node("input_0").Output.Shape, g.Node("input_1").Output.Shape
	if len(input) == 0 || len(hidden) == 0 {
		return nil, fmt.Errorf("graph %q: input_0 or input_1 has no shape", g.Name)
	}
	s.input, s.hidden = int(input[len(input)-1]), int(hidden[len(hidden)-1])
	spec.Input, spec.Hidden = s.input, s.hidden
	if err := s.check(g, spec); err != nil {
		return nil, fmt.Errorf("graph %q is no %s as the quantizer writes it: %w", g.Name, s.kind, err)
	}
	for _, label := range xmodel.Parameters(s.kind, true) {
		if s.values[label] == nil {
			s.values[label] = make([]int16, s.hidden)
		}
	}
	return s, nil
}

func lastOf(names []string) []string {
	if len(names) == 0 {
		return nil
	}
	return names[len(names)-1:]
}

// format reads the fix behind an op.
func (s *source) format(index map[string]*xmodel.Op, label, name string) error {
	fix := index[name+"_fix"]
	if fix == nil {
		return fmt.Errorf("graph %q: op %q has no fix behind it; only quantized models can be compiled", s.name, name)
	}
	f, err := xmodel.FixFormat(fix)
	if err != nil {
		return fmt.Errorf("graph %q: %w", s.name, err)
	}
	if f.Bits != 16 {
		return fmt.Errorf("graph %q: op %q has %d bits; the instructions compute with 16: quantize with 16-bit weights", s.name, fix.Name, f.Bits)
	}
	s.formats[label] = f
	return nil
}

// parameter reads the const behind a fix.
func (s *source) parameter(index map[string]*xmodel.Op, spec *xmodel.CellSpec, label, fixName string) error {
	fix := index[fixName]
	if fix == nil || fix.Type != "fix" || len(fix.Input("input")) != 1 {
		return fmt.Errorf("graph %q: %s is %q, which is no fix of a const", s.name, label, fixName)
	}
	constant := fix.Input("input")[0]
	if err := s.format(index, label, constant); err != nil {
		return err
	}
	op := index[constant]
	if op == nil {
		return fmt.Errorf("graph %q: %s reads %q, which is not there", s.name, label, constant)
	}
	reals, err := xmodel.ConstFloats(op)
	if err != nil {
		return fmt.Errorf("graph %q: %w", s.name, err)
	}
	s.values[label] = quantized(reals, s.formats[label])
	spec.Values[label] = reals
	return nil
}

// quantized gives the integers of reals: rounded half away from zero, and clamped.
func quantized(reals []float32, f fixed.Format) []int16 {
	values := make([]int16, len(reals))
	for i, v := range reals {
		values[i] = int16(fixed.HalfAway.Quantize(float64(v), f))
	}
	return values
}

// check holds the graph against the one that the quantizer writes of the same parameters and formats: the same ops, wired alike.
func (s *source) check(g *xmodel.Graph, spec xmodel.CellSpec) error {
	built, err := xmodel.Build(spec)
	if err != nil {
		return err
	}
	index := g.Index()
	for _, want := range built.Ops {
		got := index[want.Name]
		switch {
		case got == nil:
			return fmt.Errorf("it has no op %q", want.Name)
		case got.Type != want.Type:
			return fmt.Errorf("op %q is a %s, a %s is wanted", want.Name, got.Type, want.Type)
		case !slices.Equal(got.Output.Shape, want.Output.Shape):
			return fmt.Errorf("op %q has the shape %v, %v is wanted", want.Name, got.Output.Shape, want.Output.Shape)
		case want.Type == "matmul" && (got.Attrs["transpose_a"] != false || got.Attrs["transpose_b"] != true):
			return fmt.Errorf("op %q does not multiply with a transposed weight", want.Name)
		}
		for _, arg := range want.Args {
			if !slices.Equal(got.Input(arg.Name), arg.Ops) {
				return fmt.Errorf("op %q reads %q, %q is wanted", want.Name, got.Input(arg.Name), arg.Ops)
			}
		}
	}
	return nil
}
