package xmodel

import (
	"encoding/binary"
	"math"
	"slices"

	"rnnsim/internal/fixed"
)

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
