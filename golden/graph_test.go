package golden

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"pgregory.net/rapid"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// sketch builds graphs by hand, op by op. Each method returns the name of the fix op that it adds.
type sketch struct{ graph *xmodel.Graph }

func newSketch(name string) *sketch {
	return &sketch{graph: &xmodel.Graph{Name: name, Attrs: xmodel.Attrs{"direction": "forward"}}}
}

func (s *sketch) append(name, kind string, width int, attrs xmodel.Attrs, args ...xmodel.Arg) string {
	op := &xmodel.Op{Name: s.graph.Name + "__" + name, Type: kind, Attrs: attrs, Args: args}
	op.Output = xmodel.Tensor{Name: op.Name, Shape: []int32{1, int32(width)}, Type: xmodel.Float, BitWidth: 32}
	s.graph.Ops = append(s.graph.Ops, op)
	return op.Name
}

func (s *sketch) fix(name, of string, width int, f fixed.Format) string {
	return s.append(name, "fix", width, xmodel.Attrs{
		"bit_width": int32(f.Bits), "fix_point": int32(f.Position), "if_signed": true, "round_mode": "DPU_ROUND",
	}, input(of))
}

func input(ops ...string) xmodel.Arg { return xmodel.Arg{Name: "input", Ops: ops} }

// op adds a computing op and its fix op.
func (s *sketch) op(name, kind string, width int, f fixed.Format, attrs xmodel.Attrs, args ...xmodel.Arg) string {
	return s.fix(name+"_fix", s.append(name, kind, width, attrs, args...), width, f)
}

func (s *sketch) data(number, width int, f fixed.Format) string {
	shape := xmodel.Attrs{"shape": []int32{1, int32(width)}, "data_type": "FLOAT32"}
	return s.op(fmt.Sprintf("input_%d", number), "data", width, f, shape)
}

// param adds a const op with values on its format's grid.
func (s *sketch) param(name string, f fixed.Format, values []int16, shape ...int32) string {
	var bytes []byte
	for _, v := range values {
		real := float32(math.Ldexp(float64(v), -f.Position))
		bytes = binary.LittleEndian.AppendUint32(bytes, math.Float32bits(real))
	}
	fix := s.op(name, "const", 1, f, xmodel.Attrs{"data": bytes, "shape": shape, "data_type": "float32"})
	for _, op := range s.graph.Ops[len(s.graph.Ops)-2:] {
		op.Output.Shape = shape
	}
	return fix
}

func (s *sketch) returns(ops ...string) { s.graph.Attrs["return_ops"] = ops }

func (s *sketch) model() *xmodel.Model { return &xmodel.Model{Cells: []xmodel.Cell{{Graph: s.graph}}} }

func matmulAttrs(transposed bool) xmodel.Attrs {
	return xmodel.Attrs{"transpose_a": false, "transpose_b": transposed}
}

// drawFormat draws formats such as real models have, and formats that none would have.
func drawFormat(t *rapid.T, label string) fixed.Format {
	if rapid.Bool().Draw(t, label+" is wild") {
		return fixed.Format{Bits: rapid.IntRange(1, 16).Draw(t, label+" bits"), Position: rapid.IntRange(-32, 31).Draw(t, label+" position")}
	}
	return fixed.Format{Bits: rapid.SampledFrom([]int{8, 16}).Draw(t, label+" bits"), Position: rapid.IntRange(3, 15).Draw(t, label+" position")}
}

func drawValues(t *rapid.T, label string, count int, f fixed.Format) []int16 {
	low, high := -1<<(f.Bits-1), 1<<(f.Bits-1)-1
	element := rapid.Custom(func(t *rapid.T) int16 {
		v := rapid.IntRange(low, high).Draw(t, "value")
		return int16(rapid.SampledFrom([]int{v, v / 16, low, high, 0}).Draw(t, "which"))
	})
	return rapid.SliceOfN(element, count, count).Draw(t, label)
}

// drawGraph draws a customized cell: x, h and c, then ops of every kind on whatever lies before them, with random formats.
func drawGraph(t *rapid.T) *sketch {
	return drawNamedGraph(t, "Drawn", rapid.IntRange(1, 6).Draw(t, "inputs"))
}

func drawNamedGraph(t *rapid.T, graph string, inputs int) *sketch {
	s := newSketch(graph)
	width := rapid.IntRange(1, 9).Draw(t, "width")
	x := s.data(0, inputs, drawFormat(t, "x"))
	h := s.data(1, width, drawFormat(t, "h"))
	c := s.data(2, width, drawFormat(t, "c"))
	wide := []string{h, c} // fix ops of the cell's width
	kinds := []string{"matmul", "matmul", "add", "sub", "mul", "sigmoid", "tanh", "fix", "param"}
	for i := range rapid.IntRange(2, 12).Draw(t, "ops") {
		name, f := fmt.Sprintf("op_%d", i), drawFormat(t, "op")
		any := func(label string) string { return rapid.SampledFrom(wide).Draw(t, label) }
		var made string
		switch kind := rapid.SampledFrom(kinds).Draw(t, "kind"); kind {
		case "matmul":
			made = s.drawMatmul(t, name, f, x, inputs, any("multiplied"), width)
		case "sigmoid", "tanh":
			made = s.op(name, kind, width, f, nil, input(any("operand")))
		case "fix":
			made = s.fix(name+"_pre_fix_i0", any("cut"), width, f)
		case "param":
			count := rapid.SampledFrom([]int{1, width}).Draw(t, "broadcast")
			constant := s.param(name+"_constant", f, drawValues(t, "constant", count, f), int32(count))
			made = s.op(name, "sub", width, drawFormat(t, "difference"), nil, input(constant, any("operand")))
		default:
			made = s.op(name, kind, width, f, nil, input(any("left"), any("right")))
		}
		wide = append(wide, made)
	}
	s.returns(wide[len(wide)-1], rapid.SampledFrom(wide).Draw(t, "next c"))
	return s
}

func (s *sketch) drawMatmul(t *rapid.T, name string, f fixed.Format, x string, inputs int, h string, width int) string {
	from, columns := x, inputs
	if rapid.Bool().Draw(t, "of h") {
		from, columns = h, width
	}
	formatW, shape := drawFormat(t, "weight"), []int32{int32(width), int32(columns)}
	transposed := rapid.Bool().Draw(t, "transposed")
	if !transposed {
		slices.Reverse(shape)
	}
	w := s.param(name+"_weight", formatW, drawValues(t, "weights", width*columns, formatW), shape...)
	args := []xmodel.Arg{input(from, w)}
	if rapid.Bool().Draw(t, "biased") {
		formatB := drawFormat(t, "bias")
		b := s.param(name+"_bias", formatB, drawValues(t, "biases", width, formatB), int32(width))
		args = append(args, xmodel.Arg{Name: "bias", Ops: []string{b}})
	}
	return s.op(name, "matmul", width, f, matmulAttrs(transposed), args...)
}
