package sim_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

var q12 = fixed.Format{Bits: 16, Position: 12}

// leaky is a small cell: h' = tanh(x·W + h).
func leaky(b *graphBuilder) *xmodel.Model {
	x, h := b.data("input_0", 2, q12), b.data("input_1", 3, q12)
	w := b.constant("w", []int32{3, 2}, q12, 1, 2, 3, 4, 5, 6)
	bias := b.constant("b", []int32{3}, q12, 1, 2, 3)
	sum := b.compute("y", "add", q12, b.matmul("wx", 3, true, q12, x, w, bias), h)
	return b.returns(b.compute("h_next", "tanh", fixed.Format{Bits: 16, Position: 15}, sum))
}

func TestCompileNamesWhatItRefuses(t *testing.T) {
	op := func(m *xmodel.Model, node string) *xmodel.Op {
		g := m.Cells[0].Graph
		found := g.Op(xmodel.OpName(g.Name, node))
		if found == nil {
			panic(node)
		}
		return found
	}
	for name, c := range map[string]struct {
		breaks func(*xmodel.Model)
		says   []string
	}{
		"no cells": {func(m *xmodel.Model) { m.Cells = nil }, []string{"no cells"}},
		"no graph": {func(m *xmodel.Model) { m.Cells[0].Graph = nil }, []string{"layer 0 has no graph"}},
		"an op that is not run": {
			func(m *xmodel.Model) { op(m, "h_next").Type = "softmax" },
			[]string{`op "Leaky__h_next" (softmax)`, "does not run"},
		},
		"a name twice":      {func(m *xmodel.Model) { op(m, "y").Name = "Leaky__wx" }, []string{`"Leaky__wx"`, "taken"}},
		"a dangling op":     {func(m *xmodel.Model) { op(m, "h_next").Args[0].Ops[0] = "nowhere" }, []string{`"nowhere"`, "no op before it"}},
		"an unquantized op": {func(m *xmodel.Model) { op(m, "h_next").Args[0].Ops[0] = "Leaky__y" }, []string{`"Leaky__y" (add)`, "no fix op"}},
		"a bare result": {
			func(m *xmodel.Model) { m.Cells[0].Graph.Ops = m.Cells[0].Graph.Ops[:len(m.Cells[0].Graph.Ops)-1] },
			[]string{`op "Leaky__h_next" (tanh)`, "no fix op quantizes it"},
		},
		"three operands":    {func(m *xmodel.Model) { a := &op(m, "y").Args[0]; a.Ops = append(a.Ops, a.Ops[0]) }, []string{"3 operands", "takes 2"}},
		"a wide format":     {func(m *xmodel.Model) { op(m, "y_fix").Attrs["bit_width"] = int32(17) }, []string{"17 bits"}},
		"a far position":    {func(m *xmodel.Model) { op(m, "y_fix").Attrs["fix_point"] = int32(99) }, []string{"99"}},
		"no position":       {func(m *xmodel.Model) { delete(op(m, "y_fix").Attrs, "fix_point") }, []string{"fix_point"}},
		"a short const":     {func(m *xmodel.Model) { op(m, "w").Attrs["data"] = make([]byte, 20) }, []string{`"Leaky__w"`, "20"}},
		"a const of NaN":    {func(m *xmodel.Model) { op(m, "b").Attrs["data"] = []byte{0, 0, 0xc0, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0} }, []string{"element 0", "not a number"}},
		"a shape of x":      {func(m *xmodel.Model) { op(m, "input_0").Output.Shape = []int32{1, 5} }, []string{"shape"}},
		"a shape of y":      {func(m *xmodel.Model) { op(m, "y").Output.Shape = []int32{1, 4} }, []string{"[1 4]", "3 values"}},
		"rows of a batch":   {func(m *xmodel.Model) { op(m, "input_0").Output.Shape = []int32{2, 2} }, []string{"not a row"}},
		"an endless row":    {func(m *xmodel.Model) { op(m, "input_1").Output.Shape = []int32{1, math.MaxInt32} }, []string{"row has 1 to"}},
		"another input":     {func(m *xmodel.Model) { op(m, "input_0").Name = "Leaky__mask" }, []string{`"mask"`}},
		"no return_ops":     {func(m *xmodel.Model) { delete(m.Cells[0].Graph.Attrs, "return_ops") }, []string{"return_ops"}},
		"foreign return":    {func(m *xmodel.Model) { m.Cells[0].Graph.Attrs["return_ops"] = []string{"Leaky__w_fix"} }, []string{`"Leaky__w_fix"`, "not a quantized node"}},
		"too many returns":  {func(m *xmodel.Model) { m.Cells[0].Graph.Attrs["return_ops"] = []string{"a", "b"} }, []string{"2 ops", "want 1"}},
		"a transposed x":    {func(m *xmodel.Model) { op(m, "wx").Attrs["transpose_a"] = true }, []string{"transpose_a"}},
		"a missing layer":   {func(m *xmodel.Model) { m.Cells = append(m.Cells, xmodel.Cell{Graph: m.Cells[0].Graph, Layer: 2}) }, []string{"layer 2 follows layer 0"}},
		"a layer twice":     {func(m *xmodel.Model) { m.Cells = append(m.Cells, m.Cells[0]) }, []string{"layer 0", "one forward cell"}},
		"layers that clash": {func(m *xmodel.Model) { m.Cells = append(m.Cells, xmodel.Cell{Graph: m.Cells[0].Graph, Layer: 1}) }, []string{"layer 1 reads 2", "gives 3"}},
		"x as a weight": {
			func(m *xmodel.Model) { a := op(m, "wx").Args[0]; a.Ops[1] = a.Ops[0] },
			[]string{"second operand must be a parameter"},
		},
		"two fixes of one op": {
			func(m *xmodel.Model) {
				g := m.Cells[0].Graph
				again := *op(m, "y_fix")
				again.Name = "Leaky__again"
				g.Ops = append(g.Ops, &again)
			},
			[]string{`"Leaky__again"`, "quantized already"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := leaky(newGraph("Leaky"))
			_, err := sim.Compile(m, sim.Options{})
			require.NoError(t, err)
			c.breaks(m)
			_, err = sim.Compile(m, sim.Options{})
			require.Error(t, err)
			t.Log(err)
			for _, part := range append(c.says, "a graph made by hand") {
				require.ErrorContains(t, err, part)
			}
		})
	}
}

func TestCompileRefusesBadOptions(t *testing.T) {
	m := leaky(newGraph("Leaky"))
	_, err := sim.Compile(m, sim.Options{Threads: -1})
	require.ErrorContains(t, err, "-1 threads")
	_, err = sim.Compile(m, sim.Options{Nodes: []string{"h_*", "c_next"}})
	require.ErrorContains(t, err, `no cell has a node that matches "c_next"`)
	_, err = sim.Compile(m, sim.Options{Nodes: []string{"[h"}})
	require.ErrorContains(t, err, `"[h"`)
}

func TestRunNamesBadInput(t *testing.T) {
	plan, err := sim.Compile(leaky(newGraph("Leaky")), sim.Options{})
	require.NoError(t, err)
	good := dump.Sequence{Float: make([]float32, 4)}
	for name, c := range map[string]struct {
		bad  dump.Sequence
		says string
	}{
		"NaN":              {dump.Sequence{Float: []float32{0, 0, 0, float32(math.NaN())}}, "sequence 1: step 1, feature 1: NaN"},
		"an infinity":      {dump.Sequence{Float: []float32{float32(math.Inf(-1)), 0}}, "sequence 1: step 0, feature 0: -Inf"},
		"half a step":      {dump.Sequence{Float: make([]float32, 3)}, "sequence 1: 3 values"},
		"no steps":         {dump.Sequence{}, "sequence 1: it has no steps"},
		"x twice":          {dump.Sequence{Float: make([]float32, 2), Fixed: make([]int16, 2)}, "given twice"},
		"too many states":  {dump.Sequence{Fixed: make([]int16, 2), Initial: make([]dump.State, 2)}, "initial states for 2 cells; the model has 1"},
		"a state too long": {dump.Sequence{Fixed: make([]int16, 2), Initial: []dump.State{{H: make([]int16, 4)}}}, "4 values for input_1; it has 3"},
		"a c for no c":     {dump.Sequence{Fixed: make([]int16, 2), Initial: []dump.State{{C: make([]int16, 3)}}}, "no input_2"},
	} {
		t.Run(name, func(t *testing.T) {
			trace := dump.NewMemory()
			_, err := plan.Run(context.Background(), []dump.Sequence{good, c.bad}, trace)
			require.ErrorContains(t, err, c.says)
			require.Empty(t, trace.Header.Cells, "the sink must not have begun")
		})
	}
	_, err = plan.Run(context.Background(), nil, nil)
	require.ErrorContains(t, err, "no sequences")
}

func TestRunRefusesIntegersOffTheGrid(t *testing.T) {
	b := newGraph("Narrow")
	narrow := fixed.Format{Bits: 8, Position: 4}
	x, h := b.data("input_0", 1, narrow), b.data("input_1", 1, narrow)
	plan, err := sim.Compile(b.returns(b.compute("h_next", "add", narrow, x, h)), sim.Options{})
	require.NoError(t, err)
	_, err = plan.Run(context.Background(), []dump.Sequence{{Fixed: []int16{127, 128}}}, nil)
	require.ErrorContains(t, err, "sequence 0: step 1, feature 0: 128 does not lie in the 8 bits")
	_, err = plan.Run(context.Background(), []dump.Sequence{{Fixed: []int16{1}, Initial: []dump.State{{H: []int16{-129}}}}}, nil)
	require.ErrorContains(t, err, "value 0 of input_1, -129")
}
