package golden

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

func TestNewExactRefusesBadGraphs(t *testing.T) {
	find := func(s *sketch, name string) *xmodel.Op { return s.graph.Op(s.graph.Name + "__" + name) }
	drop := func(s *sketch, name string) {
		s.graph.Ops = slices.DeleteFunc(s.graph.Ops, func(op *xmodel.Op) bool { return op == find(s, name) })
	}
	for _, c := range []struct {
		name    string
		spoil   func(*sketch)
		message string
	}{
		{"an op that is not run", func(s *sketch) { find(s, "sum").Type = "conv2d" }, "op Accumulator__sum is of type conv2d"},
		{"no fix behind an op", func(s *sketch) { drop(s, "sum_fix") }, "add Accumulator__sum has no fix op behind it"},
		{"a raw operand", func(s *sketch) { find(s, "sum").Args[0].Ops[0] = "Accumulator__input_0" }, "reads Accumulator__input_0 directly"},
		{"a dangling operand", func(s *sketch) { find(s, "sum").Args[0].Ops[0] = "nothing" }, "reads nothing, which is no op of the graph"},
		{"a later operand", func(s *sketch) { find(s, "sum").Args[0].Ops[0] = "Accumulator__product_fix" }, "which comes after it"},
		{"an op twice", func(s *sketch) { s.graph.Ops = append(s.graph.Ops, s.graph.Ops[0]) }, "op Accumulator__input_0 is there twice"},
		{"two fixes", func(s *sketch) { s.fix("more_fix", "Accumulator__sum", 1, q12) }, "has two fix ops"},
		{"a fix of nothing", func(s *sketch) { s.fix("more_fix", "nothing", 1, q12) }, "reads nothing, which is not an op before it"},
		{"a parameter cut", func(s *sketch) { s.fix("cut", "Accumulator__bias_fix", 1, q12) }, "quantizes the parameter bias once more"},
		{"a wide format", func(s *sketch) { find(s, "sum_fix").Attrs["bit_width"] = int32(17) }, "has 17 bits; a trace holds at most 16"},
		{"no format", func(s *sketch) { delete(find(s, "sum_fix").Attrs, "fix_point") }, "fix_point"},
		{"unsigned", func(s *sketch) { find(s, "sum_fix").Attrs["if_signed"] = false }, "signed"},
		{"three operands", func(s *sketch) {
			find(s, "sum").Args[0].Ops = append(find(s, "sum").Args[0].Ops, "Accumulator__input_2_fix")
		}, "reads 3 ops, 2 can be run"},
		{"widths", func(s *sketch) { find(s, "input_0").Output.Shape = []int32{1, 3} }, "multiplies 3 values with weights for 1"},
		{"a second row", func(s *sketch) { find(s, "input_0").Output.Shape = []int32{2, 1} }, "one timestep of one sequence"},
		{"a claimed width", func(s *sketch) { find(s, "input_2").Output.Shape = []int32{1, math.MaxInt32} }, "claims 2147483647 features"},
		{"a fourth input", func(s *sketch) { s.data(3, 1, q12) }, "data op input_3"},
		{"no x", func(s *sketch) { *s = *newSketch("Empty") }, "no data op input_0"},
		{"no return_ops", func(s *sketch) { delete(s.graph.Attrs, "return_ops") }, "no attribute return_ops"},
		{"c not returned", func(s *sketch) { s.returns("Accumulator__sum_fix") }, "the one that yields c is missing"},
		{"a parameter returned", func(s *sketch) { s.returns("Accumulator__bias_fix", "Accumulator__sum_fix") }, "is not a fix op that yields values"},
		{"transposed x", func(s *sketch) { find(s, "product").Attrs["transpose_a"] = true }, "transposes its first input"},
		{"no matrix", func(s *sketch) { find(s, "product").Args[0].Ops[1] = "Accumulator__bias_fix" }, "a parameter of two dimensions"},
		{"a wide bias", func(s *sketch) {
			find(s, "product").Args[1].Ops[0] = s.param("wide", q12, []int16{1, 2}, 2)
			last := len(s.graph.Ops) - 2
			s.graph.Ops = append(slices.Clone(s.graph.Ops[last:]), s.graph.Ops[:last]...)
		}, "must be a parameter of 1 elements"},
		{"a const that is not finite", func(s *sketch) { find(s, "bias").Attrs["data"] = []byte{0, 0, 0xc0, 0x7f} }, "NaN at element 0"},
		{"a const too short", func(s *sketch) { find(s, "weight").Attrs["data"] = []byte{0, 0} }, "weight"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := accumulator(1, 1)
			c.spoil(s)
			_, err := NewExact(s.model(), xmodel.Sane)
			require.ErrorContains(t, err, c.message)
			assert.ErrorContains(t, err, "make the exact reference of cell 0: graph "+s.graph.Name)
		})
	}
}

func TestNewExactRefusesBadStacks(t *testing.T) {
	cell := func(layer int, backward bool) xmodel.Cell {
		return xmodel.Cell{Graph: accumulator(1, 1).graph, Layer: layer, Backward: backward}
	}
	for _, c := range []struct {
		cells   []xmodel.Cell
		message string
	}{
		{nil, "the model has no cells"},
		{[]xmodel.Cell{{Layer: 0}}, "there is no graph"},
		{[]xmodel.Cell{cell(0, false), cell(2, false)}, "is of layer 2 and does not follow"},
		{[]xmodel.Cell{cell(1, false), cell(0, false)}, "is of layer 0 and does not follow"},
		{[]xmodel.Cell{cell(0, false), cell(0, false)}, "the same layer in the same direction"},
		{[]xmodel.Cell{cell(0, false), cell(0, true), cell(1, false)}, "reads 1 features, it is given 2"},
	} {
		_, err := NewExact(&xmodel.Model{Cells: c.cells, Source: "model"}, xmodel.Sane)
		assert.ErrorContains(t, err, c.message)
	}
}

func TestParametersOffTheGridAreRounded(t *testing.T) {
	s := accumulator(1, 1)
	s.graph.Op("Accumulator__bias").Attrs["data"] = []byte{0, 0, 0x20, 0xc0} // -2.5
	s.graph.Op("Accumulator__bias_fix").Attrs["fix_point"] = int32(0)
	exact, err := NewExact(s.model(), xmodel.Sane)
	require.NoError(t, err)
	info, err := exact.Describe(0, "product")
	require.NoError(t, err)
	assert.Equal(t, []int16{-3}, info.Matmul.Bias, "half away from zero")
	assert.Equal(t, fixed.Format{Bits: 16}, info.Matmul.BiasFormat)
}
