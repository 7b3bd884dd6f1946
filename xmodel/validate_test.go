package xmodel

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/shared"
)

func TestValidateNamesWhatIsWrong(t *testing.T) {
	op := func(node string, alter func(*Op)) func(*Graph) {
		return func(g *Graph) { alter(g.Node(node)) }
	}
	set := func(node, key string, value any) func(*Graph) {
		return op(node, func(o *Op) { o.Attrs[key] = value })
	}
	output := func(node string, alter func(*Tensor)) func(*Graph) {
		return op(node, func(o *Op) { alter(&o.Output) })
	}
	const linear, weight = "w_ii___input_0___bias_i", "weight_ii"
	for _, c := range []struct {
		want  string
		alter func(*Graph)
	}{
		{`graph "g" has no ops`, func(g *Graph) { g.Ops = nil }},
		{`op 0 \(data\) has no name`, func(g *Graph) { g.Ops[0].Name = "" }},
		{`op "g__input_2" \(.*\): the name is used twice`, func(g *Graph) { g.Ops[3].Name = g.Ops[0].Name }},
		{`it has no type`, op("y_i", func(o *Op) { o.Type = "" })},
		{`op "g__input_2_fix" \(fix\): argument "input" reads "g__input_2", which is not defined before it`, func(g *Graph) { g.Ops[0], g.Ops[1] = g.Ops[1], g.Ops[0] }},
		{`it has no output tensor`, op("y_i", func(o *Op) { o.Output = Tensor{} })},
		{`element type 7; those known`, output("y_i", func(x *Tensor) { x.Type = 7 })},
		{`element type -1; those known`, output("y_i", func(x *Tensor) { x.Type = -1 })},
		{`bit width is 65; it must be 1 to 64`, output("y_i", func(x *Tensor) { x.BitWidth = 65 })},
		{`bit width is -8`, output("y_i", func(x *Tensor) { x.BitWidth = -8 })},
		{`dimension 1 is 0; it must be 1 to`, output("y_i", func(x *Tensor) { x.Shape = []int32{1, 0} })},
		{`dimension 0 is 2147483648`, output("y_i", func(x *Tensor) { x.Shape = []int32{math.MinInt32, 3} })},
		{`shape \[1 4\], what it reads gives \[1 3\]`, output("y_i", func(x *Tensor) { x.Shape = []int32{1, 4} })},
		{`shape \[3\], what it reads gives \[1 3\]`, output("it", func(x *Tensor) { x.Shape = []int32{3} })},
		{`"g__weight_ii" \(const\): .*"data" has 20 bytes, shape \[3 2\] of float32 wants 24`, set(weight, "data", make([]byte, 20))},
		{`"shape" is \[2147483647 2147483647 2147483647\]; a const of that size cannot be`, set(weight, "shape", []int32{math.MaxInt32, math.MaxInt32, math.MaxInt32})},
		{`"shape" is \[2147483647 2147483647 9\]; a const of that size cannot be`, set(weight, "shape", []int32{math.MaxInt32, math.MaxInt32, 9})},
		{`"shape" is \[3 -1\]; dimensions must be positive`, set(weight, "shape", []int32{3, -1})},
		{`"shape" is empty`, set(weight, "shape", []int32{})},
		{`"shape" is a int64_vec|\[\]int64; a int32_vec is wanted`, set(weight, "shape", []int64{3, 2})},
		{`"data_type" is "int16", the output tensor has float32`, set(weight, "data_type", "int16")},
		{`data type "Float32" is unknown`, set(weight, "data_type", "Float32")},
		{`data type "float" needs a width`, set(weight, "data_type", "float")},
		{`data type "float65" needs a width of 1 to 64`, set(weight, "data_type", "float65")},
		{`data type "float99999999999" needs a width`, set(weight, "data_type", "float99999999999")},
		{`attribute "data" is a value that is not set; a bytes is wanted`, set(weight, "data", nil)},
		{`"bit_width" is 33; it must be 1 to 32`, set("y_i_fix", "bit_width", int32(33))},
		{`"bit_width" is 0`, set("y_i_fix", "bit_width", int32(0))},
		{`"fix_point" is 32; it must be -31 to 31`, set("y_i_fix", "fix_point", int32(32))},
		{`"if_signed" is a int32; a bool is wanted`, set("y_i_fix", "if_signed", int32(1))},
		{`argument "weights" is unknown`, op(linear, func(o *Op) { o.Args[1].Name = "weights" })},
		{`argument "bias" is unknown`, op("it", func(o *Op) { o.Args = append(o.Args, Arg{Name: "bias"}) })},
		{`argument "input" is there twice`, op("y_i", func(o *Op) { o.Args = append(o.Args, o.Args[0]) })},
		{`argument "bias" has 2 ops, at most one`, op(linear, func(o *Op) { o.Args[1].Ops = append(o.Args[1].Ops, o.Args[1].Ops[0]) })},
		{`argument "input" has 1 ops, 2 or more are wanted`, op("y_i", func(o *Op) { o.Args[0].Ops = o.Args[0].Ops[:1] })},
		{`argument "input" has 2 ops, 1 is wanted`, op("it", func(o *Op) { o.Args[0].Ops = append(o.Args[0].Ops, o.Args[0].Ops[0]) })},
		{`shapes \[1 2\] and \[3 2\] \(after transposition\) cannot be multiplied`, set(linear, "transpose_b", false)},
		{`the bias has shape \[1 2\], the result's last dimension is 3`, op(linear, func(o *Op) { o.Args[1].Ops = []string{"g__input_0_fix"} })},
		{`an input has shape \[3\]; a matmul reads at least two`, op(linear, func(o *Op) { o.Args[0].Ops[1] = "g__bias_i_fix" })},
		{`shapes \[1 3\] and \[1 2\] do not go together`, op("y_i", func(o *Op) { o.Args[0].Ops[1] = "g__input_0_fix" })},
		{`"return_ops" names the op "ghost"`, func(g *Graph) { g.Attrs["return_ops"] = []string{"ghost"} }},
		{`"return_ops" is a string, a string_vec`, func(g *Graph) { g.Attrs["return_ops"] = "g__h_next" }},
		{`subgraph "root" names the op "ghost"`, func(g *Graph) { g.Root.Ops = append(g.Root.Ops, "ghost") }},
		{`subgraph ".*" lies deeper than 98`, func(g *Graph) {
			for range 98 {
				g.Root = &Subgraph{Name: "up", Children: []*Subgraph{g.Root}}
			}
		}},
	} {
		g := testCell(t, "g", LSTM, false, 2, 3, true, false)
		require.NoError(t, Validate(g))
		require.Empty(t, Oddities(g))
		c.alter(g)
		err := Validate(g)
		require.Error(t, err, c.want)
		assert.Regexp(t, c.want, err.Error())
	}
}

func TestWhatIsOddIsTold(t *testing.T) {
	for _, c := range []struct {
		want  string
		alter func(*Graph)
	}{
		{`attribute "direction" is up; it should be forward or backward`, func(g *Graph) { g.Attrs["direction"] = "up" }},
		{`the graph: attribute "a" has no value`, func(g *Graph) { g.Attrs["a"] = nil }},
		{`op "g__y_i", output tensor: attribute "a" has no value`, func(g *Graph) { g.Node("y_i").Output.Attrs = Attrs{"a": nil} }},
		{`op "g__y_i": the output tensor is named "y"`, func(g *Graph) { g.Node("y_i").Output.Name = "y" }},
		{`op "g__weight_ii": the const has no data`, func(g *Graph) { g.Node("weight_ii").Attrs["data"] = []byte{} }},
		{`op "g__y_i_fix": round_mode is "STD_ROUND"`, func(g *Graph) { g.Node("y_i_fix").Attrs["round_mode"] = "STD_ROUND" }},
		{`op "g__y_i_fix": attribute "if_signed" is false`, func(g *Graph) { g.Node("y_i_fix").Attrs["if_signed"] = false }},
		{`1 consts are not on the grid .* value 0 of "g__weight_ii" is -0.022216797, its format \[16,5\]`, func(g *Graph) { g.Node("weight_ii_fix").Attrs["fix_point"] = int32(5) }},
		{`subgraph "root" has both ops and parts`, func(g *Graph) { g.Root.Children = []*Subgraph{{Name: "part"}} }},
		{`subgraph "part": attribute "a" has no value`, func(g *Graph) { g.Root = &Subgraph{Children: []*Subgraph{{Name: "part", Attrs: Attrs{"a": nil}}}} }},
	} {
		g := testCell(t, "g", LSTM, false, 2, 3, true, false)
		c.alter(g)
		require.NoError(t, Validate(g))
		odd := Oddities(g)
		require.Len(t, odd, 1, c.want)
		assert.Regexp(t, c.want, odd[0])
	}
}

func TestUnknownDimensionsAgreeWithAny(t *testing.T) {
	g := testCell(t, "g", LSTM, false, 2, 3, true, false)
	for _, op := range g.Ops {
		if op.Type == "data" {
			op.Attrs["shape"] = []int32{-1, op.Output.Shape[1]}
		}
		if op.Type != "const" && len(op.Output.Shape) == 2 {
			op.Output.Shape[0] = -1
		}
	}
	for _, op := range g.Ops { // the weights' fixes have been given unknown rows, which their matmuls cannot know either
		if op.Type == "fix" && g.Op(op.Input("input")[0]).Type == "const" {
			op.Output.Shape = slices.Clone(g.Op(op.Input("input")[0]).Output.Shape)
		}
	}
	require.NoError(t, Validate(g))
	assert.Equal(t, int64(-1), g.Node("y_i").Output.Elements())
}

func TestBroadcast(t *testing.T) {
	for _, c := range []struct{ a, b, want []int32 }{
		{[]int32{1, 3}, []int32{3}, []int32{1, 3}},
		{[]int32{3}, []int32{4, 1}, []int32{4, 3}},
		{[]int32{2, 1, 5}, []int32{7, 5}, []int32{2, 7, 5}},
		{[]int32{-1, 5}, []int32{4, 5}, []int32{4, 5}},
		{[]int32{4, 5}, []int32{-1, 5}, []int32{4, 5}},
		{[]int32{2}, []int32{3}, nil},
		{nil, []int32{3}, []int32{3}},
	} {
		got, ok := broadcast(c.a, c.b)
		assert.Equal(t, c.want != nil, ok)
		if ok {
			assert.Equal(t, c.want, got)
		}
	}
}

func TestACNNOpens(t *testing.T) {
	g, err := ReadFile(shared.Path(t, "models", "quantized", "VoxelNet_int.xmodel"))
	require.NoError(t, err)
	assert.Len(t, g.Ops, 166)
	assert.Equal(t, OtherGraph, g.FileKind())
	odd := Oddities(g)
	assert.Contains(t, odd[0], "type conv2d is not one of a cell's")
	assert.Len(t, odd, 7, "a line for each type that no cell has: %v", odd)
}
