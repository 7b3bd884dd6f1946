package sim_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

// nearMissInputs equals the units, so that any row fits in any place.
const nearMissInputs = 3

func nearMissStimulus() []dump.Sequence {
	return []dump.Sequence{{Fixed: []int16{4000, -3000, 2000, 900, 20000, -9000, -30000, 7, 11, 5000, -6000, 7000}}}
}

// requireSameEitherWay holds the kernels, where they take the graph, against its wiring. It says whether they took it.
func requireSameEitherWay(t *testing.T, g *xmodel.Graph, what string) bool {
	t.Helper()
	m := &xmodel.Model{Source: "a near miss", Cells: []xmodel.Cell{{Graph: g}}}
	plan, err := sim.Compile(m, sim.Options{})
	require.NoError(t, err, what)
	got, result := runWith(t, m, sim.Options{}, nearMissStimulus())
	want, wantResult := runWith(t, m, sim.Options{NodeByNode: true}, nearMissStimulus())
	require.Equal(t, want.Frames, got.Frames, what)
	require.Equal(t, wantResult, result, what)
	return plan.Kernels()[0].Kernel != "nodes"
}

// rewired copies a graph with one operand of one op replaced.
func rewired(g *xmodel.Graph, op, arg int, by string) *xmodel.Graph {
	other := &xmodel.Graph{Name: g.Name, Attrs: g.Attrs, Ops: slices.Clone(g.Ops)}
	copied := *g.Ops[op]
	copied.Args = slices.Clone(copied.Args)
	copied.Args[0].Ops = slices.Clone(copied.Args[0].Ops)
	copied.Args[0].Ops[arg] = by
	other.Ops[op] = &copied
	return other
}

// pruned copies a graph without the ops that lead to none of the next states, but for the inputs.
func pruned(g *xmodel.Graph) *xmodel.Graph {
	index, used := g.Index(), map[string]bool{}
	var mark func(name string)
	mark = func(name string) {
		if used[name] {
			return
		}
		used[name] = true
		for _, arg := range index[name].Args {
			for _, in := range arg.Ops {
				mark(in)
			}
		}
	}
	for _, name := range g.ReturnOps() {
		mark(name)
	}
	for _, op := range g.Ops {
		if op.Type == "data" {
			mark(op.Name + "_fix")
		}
	}
	other := &xmodel.Graph{Name: g.Name, Attrs: g.Attrs}
	for _, op := range g.Ops {
		if used[op.Name] {
			other.Ops = append(other.Ops, op)
		}
	}
	return other
}

// Every operand of every op of a standard cell, replaced by every other row before it: what is no standard cell any more must
// not be run as one.
func TestARewiredCellIsNotTakenForAStandardOne(t *testing.T) {
	for _, kind := range []xmodel.CellKind{xmodel.LSTM, xmodel.GRU} {
		for _, bits := range []int{16, 8} {
			if testing.Short() && bits == 8 {
				continue
			}
			g, err := xmodel.Build(plainCell(kind, nearMissInputs, nearMissInputs, bits))
			require.NoError(t, err)
			require.True(t, requireSameEitherWay(t, g, "as built"))
			index, tried, taken := g.Index(), 0, 0
			var rows []string
			for i, op := range g.Ops {
				if op.Type == "fix" {
					source := index[op.Args[0].Ops[0]]
					if source.Type != "const" && source.Type != "fix" {
						rows = append(rows, op.Name)
					}
					if source.Type != "fix" {
						continue
					}
				}
				for arg, now := range op.Input("input") {
					if op.Type == "matmul" && arg == 1 {
						continue
					}
					for _, by := range rows {
						if by == now {
							continue
						}
						what := fmt.Sprintf("%s reads %s in place of %s", op.Name, by, now)
						other := rewired(g, i, arg, by)
						for _, graph := range []*xmodel.Graph{other, pruned(other)} {
							tried++
							if requireSameEitherWay(t, graph, what) {
								taken++
							}
						}
					}
				}
			}
			t.Logf("%v, %d bits: %d graphs, %d taken by the kernels", kind, bits, tried, taken)
			require.Greater(t, tried, 150)
			require.Less(t, taken, tried/10)
		}
	}
}

// A linear of one output, whose value serves all units, fits where one of as many outputs as units belongs.
func TestABroadcastLinearIsNotTakenForAStandardOne(t *testing.T) {
	for _, kind := range []xmodel.CellKind{xmodel.LSTM, xmodel.GRU} {
		for _, n := range xmodel.Nodes(kind) {
			if n.Weight == "" {
				continue
			}
			g, err := xmodel.Build(plainCell(kind, nearMissInputs, nearMissInputs, 16))
			require.NoError(t, err)
			for _, op := range g.Ops {
				switch xmodel.NodeName(g.Name, op.Name) {
				case n.Weight:
					narrow(op, []int32{1, nearMissInputs})
				case n.Bias:
					narrow(op, []int32{1})
				case xmodel.Sanitize(n.Label):
					narrow(op, []int32{1, 1})
				}
			}
			require.False(t, requireSameEitherWay(t, g, n.Label), n.Label)
		}
	}
}

// narrow gives an op another shape, and cuts a const's data to it.
func narrow(op *xmodel.Op, shape []int32) {
	op.Output.Shape = shape
	if data, ok := op.Attrs["data"].([]byte); ok {
		op.Attrs["data"], op.Attrs["shape"] = data[:4*op.Output.Elements()], shape
	}
}
