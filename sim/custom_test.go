package sim_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

// drawGraph draws a cell that is no standard one: any ops in any wiring, rows broadcast, matrices either way up, and states
// that become whatever fits them.
func drawGraph(t *rapid.T) *xmodel.Model {
	b := newGraph("Net_CustomCell_layer_0_forward")
	position := drawPositions(t)
	format := func(label string) fixed.Format {
		return fixed.Format{Bits: rapid.IntRange(2, 16).Draw(t, label+" bits"), Position: position(label)}
	}
	hidden := int32(rapid.IntRange(1, 6).Draw(t, "hidden"))
	features := int32(rapid.IntRange(1, 6).Draw(t, "features"))
	values := []string{b.data("input_0", features, format("x"))}
	rows := []string{b.data("input_1", hidden, format("h")), b.data("input_2", hidden, format("c"))}
	values = append(values, rows...)
	one := format("scalar")
	scalar := b.constant("scalar", []int32{1}, one, drawInts(t, "scalar", 1, one.Bits-1)...)
	for i := range rapid.IntRange(1, 12).Draw(t, "ops") {
		node := fmt.Sprintf("op_%d", i)
		f := format(node)
		pick := func(from []string, label string) string { return rapid.SampledFrom(from).Draw(t, node+" "+label) }
		var made string
		switch kind := pick([]string{"matmul", "add", "sub", "mul", "sigmoid", "tanh", "fix"}, "type"); kind {
		case "matmul":
			x, transposed := pick(values, "x"), rapid.Bool().Draw(t, node+" transposed")
			shape := []int32{hidden, b.widths[x]}
			if !transposed {
				shape[0], shape[1] = shape[1], shape[0]
			}
			weight, bias := format(node+" weight"), format(node+" bias")
			w := b.constant("w_"+node, shape, weight, drawInts(t, node+" weight", int(hidden*b.widths[x]), weight.Bits-1)...)
			offset := b.constant("b_"+node, []int32{hidden}, bias, drawInts(t, node+" bias", int(hidden), bias.Bits-1)...)
			made = b.matmul(node, hidden, transposed, f, x, w, rapid.SampledFrom([]string{offset, ""}).Draw(t, node+" bias"))
		case "sigmoid", "tanh":
			made = b.compute(node, kind, f, pick(rows, "operand"))
		case "fix":
			source := pick(rows, "operand")
			made = b.fix(b.name(node), source, []int32{1, hidden}, f)
		default:
			with := append([]string{scalar}, rows...)
			made = b.compute(node, kind, f, pick(rows, "first"), pick(with, "second"))
		}
		rows, values = append(rows, made), append(values, made)
	}
	return b.returns(rapid.SampledFrom(rows).Draw(t, "next h"), rapid.SampledFrom(rows).Draw(t, "next c"))
}

func TestRandomGraphsEqualExactReals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawGraph(t)
		g := m.Cells[0].Graph
		plan, err := sim.Compile(m, sim.Options{})
		require.NoError(t, err)
		features, grid := plan.Input()
		const steps = 4
		x := drawInts(t, "x", features*steps, grid.Bits-1)
		trace := dump.NewMemory()
		result, err := plan.Run(context.Background(), []dump.Sequence{{Fixed: x}}, trace)
		require.NoError(t, err)
		require.Len(t, trace.Frames, steps)

		var d device
		nodes := trace.Header.Cells[0].Nodes
		width := plan.Output()[0].Width
		state := map[string][]int16{g.Name + "__input_1": make([]int16, width), g.Name + "__input_2": make([]int16, width)}
		for step, f := range trace.Frames {
			state[g.Name+"__input_0"] = x[step*features : (step+1)*features]
			want := interpret(d, g, state)
			for i, n := range nodes {
				w := want[fixName(g, n.Name)]
				require.Equal(t, w.ints, f.Fixed[i], "step %d, %s", step, n.Name)
				if n.Op != "data" {
					require.Equal(t, w.clamped, f.Saturations[i], "saturations at step %d, %s", step, n.Name)
				}
			}
			returned := g.ReturnOps()
			require.Equal(t, want[returned[0]].ints, result.Output[0][step*width:(step+1)*width])
			for i, name := range []string{"__input_1", "__input_2"} {
				carried := d.tensor(want[returned[i]].reals, want[g.Name+name+"_fix"].format)
				state[g.Name+name] = carried.ints
			}
		}
		require.Equal(t, dump.State{H: state[g.Name+"__input_1"], C: state[g.Name+"__input_2"]}, result.Final[0][0])
	})
}

// fixName finds the fix op of a node.
func fixName(g *xmodel.Graph, node string) string {
	if g.Op(xmodel.OpName(g.Name, node)+"_fix") != nil {
		return xmodel.OpName(g.Name, node) + "_fix"
	}
	return xmodel.OpName(g.Name, node)
}

// disguise renames all ops but the inputs, puts the ops into another topological order, and swaps the operands of sums and
// products.
func disguise(g *xmodel.Graph, seed uint64) (*xmodel.Graph, map[string]string) {
	random := rand.New(rand.NewPCG(seed, 1))
	renamed, nodes := map[string]string{}, map[string]string{}
	for i, op := range g.Ops {
		name := op.Name
		if node := xmodel.NodeName(g.Name, name); !strings.HasPrefix(node, "input_") {
			name = fmt.Sprintf("%s__op%d", g.Name, i)
		}
		renamed[op.Name] = name
		nodes[xmodel.NodeName(g.Name, name)] = xmodel.NodeName(g.Name, op.Name)
	}
	other := &xmodel.Graph{Name: g.Name, Attrs: xmodel.Attrs{"direction": g.Attrs["direction"]}}
	done, left := map[string]bool{}, append([]*xmodel.Op(nil), g.Ops...)
	for len(left) > 0 {
		i := random.IntN(len(left))
		op, ready := left[i], true
		copied := &xmodel.Op{Name: renamed[op.Name], Type: op.Type, Attrs: op.Attrs, Output: op.Output}
		for _, arg := range op.Args {
			moved := xmodel.Arg{Name: arg.Name}
			for _, in := range arg.Ops {
				ready = ready && done[in]
				moved.Ops = append(moved.Ops, renamed[in])
			}
			if (op.Type == "add" || op.Type == "mul") && random.IntN(2) == 0 {
				moved.Ops[0], moved.Ops[1] = moved.Ops[1], moved.Ops[0]
			}
			copied.Args = append(copied.Args, moved)
		}
		if !ready {
			continue
		}
		done[op.Name] = true
		other.Ops = append(other.Ops, copied)
		left = append(left[:i], left[i+1:]...)
	}
	var returned []string
	for _, name := range g.ReturnOps() {
		returned = append(returned, renamed[name])
	}
	other.Attrs["return_ops"] = returned
	return other, nodes
}

func TestStandardCellsAreKnownByTheirWiring(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		specs := [][]xmodel.CellSpec{{drawCell(t, rapid.SampledFrom([]xmodel.CellKind{xmodel.LSTM, xmodel.GRU}).Draw(t, "kind"), "Net_Cell", false, 3, 4,
			rapid.SampledFrom([]int{8, 16}).Draw(t, "bits"))}}
		m := build(t, specs)
		var names map[string]string
		m.Cells[0].Graph, names = disguise(m.Cells[0].Graph, rapid.Uint64().Draw(t, "seed"))
		// In place, the order of the ops matters: it must come from the wiring, not from the file.
		plan, err := sim.Compile(m, sim.Options{Compat: xmodel.VAI20})
		require.NoError(t, err)
		sequences := []dump.Sequence{drawSequence(t, specs)}
		trace := dump.NewMemory()
		result, err := plan.Run(context.Background(), sequences, trace)
		require.NoError(t, err)
		for i, n := range trace.Header.Cells[0].Nodes {
			trace.Header.Cells[0].Nodes[i].Label = xmodel.Label(names[n.Name])
		}
		requireReference(t, specs, xmodel.VAI20, sequences, trace, result)
		var order []string
		for _, n := range trace.Header.Cells[0].Nodes {
			if n.Op != "fix" {
				order = append(order, n.Label)
			}
		}
		var want []string
		for _, n := range xmodel.Nodes(specs[0][0].Kind) {
			want = append(want, n.Label)
		}
		require.Equal(t, want, order)
	})
}
