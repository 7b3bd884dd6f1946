package golden

import (
	"context"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// drawStandardCell draws an LSTM or GRU cell with any formats.
func drawStandardCell(t *rapid.T) *xmodel.Graph {
	spec := xmodel.CellSpec{
		Name: "Drawn", Kind: rapid.SampledFrom([]xmodel.CellKind{xmodel.LSTM, xmodel.GRU}).Draw(t, "kind"),
		Input: rapid.IntRange(1, 4).Draw(t, "input"), Hidden: rapid.IntRange(1, 6).Draw(t, "hidden"), Bias: rapid.Bool().Draw(t, "bias"),
		Values: map[string][]float32{}, Formats: map[string]fixed.Format{}, MatmulInputs: map[string]fixed.Format{},
	}
	narrow := rapid.Bool().Draw(t, "8 bits")
	for _, n := range xmodel.Nodes(spec.Kind) {
		spec.Formats[n.Label] = drawFormat(t, n.Label)
		if n.Op == "matmul" && narrow {
			spec.MatmulInputs[n.Label] = drawFormat(t, "cut for "+n.Label)
		}
	}
	for _, label := range xmodel.Parameters(spec.Kind, spec.Bias) {
		f, size := drawFormat(t, label), spec.Count(label)
		spec.Formats[label] = f
		for _, v := range integerReals(drawValues(t, label, size, f), f.Position) {
			real, _ := v.Float32()
			spec.Values[label] = append(spec.Values[label], real)
		}
	}
	g, err := xmodel.Build(spec)
	require.NoError(t, err)
	return g
}

// inExecutionOrder gives the graph with its parameters first and then its nodes in the order of the header. The order of a file
// is another, and where quantization is in place the order matters.
func inExecutionOrder(g *xmodel.Graph, cell dump.Cell) *xmodel.Graph {
	rank := map[string]int{}
	for i, n := range cell.Nodes {
		rank[n.Name] = i + 1
	}
	ordered := *g
	ordered.Ops = slices.Clone(g.Ops)
	slices.SortStableFunc(ordered.Ops, func(a, b *xmodel.Op) int {
		return rank[xmodel.NodeName(g.Name, a.Name)] - rank[xmodel.NodeName(g.Name, b.Name)]
	})
	return &ordered
}

func TestExactEqualsRationalArithmeticOnStandardCells(t *testing.T) {
	for name, compat := range map[string]xmodel.Compat{"sane": xmodel.Sane, "vai2.0": xmodel.VAI20} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				g := drawStandardCell(t)
				backward := rapid.Bool().Draw(t, "backward")
				exact, err := NewExact(&xmodel.Model{Cells: []xmodel.Cell{{Graph: g, Backward: backward}}}, compat)
				require.NoError(t, err)
				header := exact.Header()
				var order []string
				for _, n := range header.Cells[0].Nodes {
					if n.Op != "fix" {
						order = append(order, n.Label)
					}
				}
				kind := xmodel.GRU
				if exact.cells[0].c != nil {
					kind = xmodel.LSTM
				}
				var labels []string
				for _, n := range xmodel.Nodes(kind) {
					labels = append(labels, n.Label)
				}
				require.Equal(t, labels, order, "nodes in the order of execution")

				steps := rapid.IntRange(1, 3).Draw(t, "steps")
				features, format := exact.Input()
				real := drawReals(t, steps*features, format.Position)
				var x [][]*big.Rat
				for row := range slices.Chunk(real, features) {
					var reals []*big.Rat
					for _, v := range row {
						reals = append(reals, new(big.Rat).SetFloat64(float64(v)))
					}
					x = append(x, reals)
				}
				memory := dump.NewMemory()
				require.NoError(t, exact.Run(context.Background(), []dump.Sequence{{Float: real}}, memory))
				zero := integerReals(make([]int16, exact.cells[0].h.width), 0)
				want, _, _ := newRational(inExecutionOrder(g, header.Cells[0]), compat == xmodel.VAI20).run(header.Cells[0], x, zero, zero)
				require.Equal(t, want, memory.Frames)
			})
		})
	}
}

func drawReals(t *rapid.T, count, position int) []float32 {
	unit, _ := ratPower(-position).Float32()
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float32 {
		near := float32(rapid.IntRange(-1<<18, 1<<18).Draw(t, "quarters")) / 4 * unit
		return rapid.SampledFrom([]float32{near, rapid.Float32().Draw(t, "any"), 0}).Draw(t, "which")
	}), count, count).Draw(t, "reals")
}

// requireReplay computes each node from what the frame holds of the nodes that it reads.
func requireReplay(t require.TestingT, exact *Exact, frames []*dump.Frame) {
	for _, f := range frames {
		held := map[string][]int16{}
		nodes := exact.Header().Cells[f.Cell].Nodes
		for i, n := range nodes {
			held[n.Name] = f.Fixed[i]
		}
		for i, n := range nodes {
			if n.Op == "data" {
				require.Empty(t, exact.Reads(f.Cell, n.Name))
				continue
			}
			given := map[string][]int16{}
			for _, read := range exact.Reads(f.Cell, n.Name) {
				given[read] = held[read]
			}
			got, err := exact.Node(f.Cell, n.Name, given)
			require.NoError(t, err)
			require.Equal(t, f.Fixed[i], got, "replay of %s", n.Name)
		}
	}
}
