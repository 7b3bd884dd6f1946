package sim_test

import (
	"encoding/binary"
	"fmt"
	"math"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// graphBuilder makes graphs by hand, op by op. Each of its methods adds an op and the fix op behind it and gives the latter's
// name.
type graphBuilder struct {
	graph  *xmodel.Graph
	widths map[string]int32
}

func newGraph(name string) *graphBuilder {
	return &graphBuilder{graph: &xmodel.Graph{Name: name, Attrs: xmodel.Attrs{"direction": "forward"}}, widths: map[string]int32{}}
}

func (b *graphBuilder) op(name, kind string, shape []int32, attrs xmodel.Attrs, inputs ...string) *xmodel.Op {
	op := &xmodel.Op{
		Name: name, Type: kind, Attrs: attrs,
		Output: xmodel.Tensor{Name: name, Shape: shape, Type: xmodel.Float, BitWidth: 32},
	}
	if len(inputs) > 0 {
		op.Args = []xmodel.Arg{{Name: "input", Ops: inputs}}
	}
	b.graph.Ops = append(b.graph.Ops, op)
	return op
}

// fix quantizes an op. The name is the fix op's own.
func (b *graphBuilder) fix(name, source string, shape []int32, f fixed.Format) string {
	b.op(name, "fix", shape, xmodel.Attrs{
		"bit_width": int32(f.Bits), "fix_point": int32(f.Position), "if_signed": true, "round_mode": "DPU_ROUND",
	}, source)
	b.widths[name] = shape[len(shape)-1]
	return name
}

func (b *graphBuilder) name(node string) string { return b.graph.Name + "__" + node }

func (b *graphBuilder) data(node string, width int32, f fixed.Format) string {
	shape := []int32{1, width}
	b.op(b.name(node), "data", shape, xmodel.Attrs{"shape": shape, "data_type": "FLOAT32"})
	return b.fix(b.name(node)+"_fix", b.name(node), shape, f)
}

func (b *graphBuilder) constant(node string, shape []int32, f fixed.Format, values ...int16) string {
	var data []byte
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(float32(math.Ldexp(float64(v), -f.Position))))
	}
	b.op(b.name(node), "const", shape, xmodel.Attrs{"shape": shape, "data_type": "float32", "data": data})
	return b.fix(b.name(node)+"_fix", b.name(node), shape, f)
}

func (b *graphBuilder) compute(node, kind string, f fixed.Format, inputs ...string) string {
	width := int32(1)
	for _, in := range inputs {
		width = max(width, b.widths[in])
	}
	shape := []int32{1, width}
	b.op(b.name(node), kind, shape, nil, inputs...)
	return b.fix(b.name(node)+"_fix", b.name(node), shape, f)
}

// matmul multiplies by a matrix that is [outputs, inputs] where transposed, and [inputs, outputs] otherwise.
func (b *graphBuilder) matmul(node string, outputs int32, transposed bool, f fixed.Format, x, w, bias string) string {
	shape := []int32{1, outputs}
	op := b.op(b.name(node), "matmul", shape, xmodel.Attrs{"transpose_a": false, "transpose_b": transposed}, x, w)
	if bias != "" {
		op.Args = append(op.Args, xmodel.Arg{Name: "bias", Ops: []string{bias}})
	}
	return b.fix(b.name(node)+"_fix", b.name(node), shape, f)
}

func (b *graphBuilder) returns(names ...string) *xmodel.Model {
	b.graph.Attrs["return_ops"] = names
	return &xmodel.Model{Source: "a graph made by hand", Cells: []xmodel.Cell{{Graph: b.graph}}}
}

// interpret runs one step of a graph op by op in exact reals, from the integers of its data ops on their own grids. It gives
// the tensors by fix op.
func interpret(d device, g *xmodel.Graph, inputs map[string][]int16) map[string]*tensor {
	values := map[string]*tensor{} // fix ops, and data ops as they come in
	index := g.Index()
	for _, op := range g.Ops {
		if op.Type != "fix" {
			continue
		}
		f, err := xmodel.FixFormat(op)
		if err != nil {
			panic(err)
		}
		source := index[op.Args[0].Ops[0]]
		values[op.Name] = d.fixOf(source, f, values, inputs[source.Name])
	}
	return values
}

func (d device) fixOf(source *xmodel.Op, f fixed.Format, values map[string]*tensor, input []int16) *tensor {
	arg := func(i int) *tensor { return values[source.Args[0].Ops[i]] }
	switch source.Type {
	case "data":
		return d.tensor(realsOf(input, f.Position), f)
	case "const":
		floats, err := xmodel.ConstFloats(source)
		if err != nil {
			panic(err)
		}
		t := &tensor{format: f}
		for _, v := range floats {
			t.reals = append(t.reals, realOfFloat(v))
		}
		return t
	case "fix":
		return d.tensor(values[source.Name].reals, f)
	case "matmul":
		return d.matmulOf(source, f, values)
	case "add":
		return d.elementwise(arg(0), arg(1), plus, f)
	case "sub":
		return d.elementwise(arg(0), arg(1), minus, f)
	case "mul":
		return d.elementwise(arg(0), arg(1), times, f)
	case "sigmoid":
		return d.sigmoid(arg(0), f)
	case "tanh":
		return d.tanh(arg(0), f)
	}
	panic(fmt.Sprintf("op %q of type %q", source.Name, source.Type))
}

func (d device) matmulOf(op *xmodel.Op, f fixed.Format, values map[string]*tensor) *tensor {
	x, w := values[op.Args[0].Ops[0]], values[op.Args[0].Ops[1]]
	rows := w.reals
	if op.Attrs["transpose_b"] == false {
		outputs := len(w.reals) / len(x.reals)
		rows = make([]real, len(w.reals))
		for i := range x.reals {
			for o := range outputs {
				rows[o*len(x.reals)+i] = w.reals[i*outputs+o]
			}
		}
	}
	var bias []real
	if len(op.Args) > 1 {
		bias = values[op.Args[1].Ops[0]].reals
	}
	return d.linear(rows, x.reals, bias, f)
}
