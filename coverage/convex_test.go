package coverage

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// TestADifferenceIsThatOfAllItsValues holds the ends against trying every a.
func TestADifferenceIsThatOfAllItsValues(t *testing.T) {
	random := rand.New(rand.NewPCG(41, 42))
	for range 20000 {
		coarser := random.IntN(5)
		dropped := coarser + 1 + random.IntN(8)
		f := random.Int64N(1<<(dropped-coarser) + 1)
		low := random.Int64N(2001) - 1000
		a := interval{low, low + random.Int64N(100)}
		want := nothing
		for v := a.lo; v <= a.hi; v++ {
			d := v - f*v>>dropped<<coarser
			want = want.union(interval{d, d})
		}
		require.Equal(t, want, difference(f, a, dropped, coarser), "f %d, a %v, %d dropped, %d coarser", f, a, dropped, coarser)
	}
}

// gruAt builds a GRU of one unit whose last nodes stand at random positions, with the exact reference of it.
func gruAt(t *testing.T, random *rand.Rand) (*cell, *golden.Exact) {
	t.Helper()
	spec := xmodel.CellSpec{Name: "Gru_StandardGruCell_layer_0_forward", Kind: xmodel.GRU, Input: 1, Hidden: 1, Values: map[string][]float32{}, Formats: map[string]fixed.Format{}}
	for _, n := range xmodel.Nodes(xmodel.GRU) {
		spec.Formats[n.Label] = fixed.Format{Bits: 16, Position: 8 + random.IntN(6)}
		if n.Op == "sigmoid" || n.Op == "tanh" {
			spec.Formats[n.Label] = fixed.Format{Bits: 16, Position: 12 + random.IntN(4)}
		}
		if n.Weight != "" {
			spec.Formats[n.Weight] = fixed.Format{Bits: 16, Position: 12}
			spec.Values[n.Weight] = []float32{0.5}
		}
	}
	g, err := xmodel.Build(spec)
	require.NoError(t, err)
	m, err := xmodel.NewModel(g)
	require.NoError(t, err)
	cells, exact, err := newCells(m)
	require.NoError(t, err)
	return cells[0], exact
}

// TestTheEndOfAGRUIsThatOfAllItsValues holds the ranges of the last nodes against computing, by the exact reference, every f, a and h.
func TestTheEndOfAGRUIsThatOfAllItsValues(t *testing.T) {
	random := rand.New(rand.NewPCG(43, 44))
	for tried := 0; tried < 12; {
		c, exact := gruAt(t, random)
		v := c.convex
		if v == nil {
			continue
		}
		tried++
		c.mark(false)
		one := func(label string, reads map[string]int64) int64 {
			inputs := map[string][]int16{}
			for name, value := range reads {
				inputs[xmodel.Sanitize(name)] = []int16{int16(value)}
			}
			out, err := exact.Node(0, xmodel.Sanitize(label), inputs)
			require.NoError(t, err)
			return int64(out[0])
		}
		part := func(of []int64) []int64 {
			from := random.IntN(len(of))
			return of[from:min(len(of), from+1+random.IntN(8))]
		}
		gates := part(v.gates)
		lowA, lowH := random.Int64N(1<<15)-1<<14, random.Int64N(1<<13)-1<<12
		a, h := interval{lowA, lowA + random.Int64N(12)}, interval{lowH, lowH + random.Int64N(3)}
		wantRest, wantNext := nothing, nothing
		for _, f := range gates {
			for x := a.lo; x <= a.hi; x++ {
				fa := one("ft*cct", map[string]int64{"ft": f, "cct": x})
				rest := one("cct-ft*cct", map[string]int64{"cct": x, "ft*cct": fa})
				wantRest = wantRest.union(interval{rest, rest})
				for y := h.lo; y <= h.hi; y++ {
					fh := one("ft*input_1", map[string]int64{"ft": f, "input_1": y})
					next := one("h_next", map[string]int64{"cct-ft*cct": rest, "ft*input_1": fh})
					wantNext = wantNext.union(interval{next, next})
				}
			}
		}
		frame := make([][]interval, len(c.nodes))
		frame[v.f.at] = []interval{{gates[0], gates[len(gates)-1]}}
		frame[v.a.at], frame[v.h.at] = []interval{a}, []interval{h}
		rest, next, ok := v.bound(frame)
		if !ok {
			continue // f*a is clamped
		}
		require.Equal(t, []interval{wantRest}, rest)
		require.Equal(t, []interval{wantNext}, next)
	}
}

// TestTheHOfAGRUGoesALittleBeyondOne has a gate and a candidate that a GRU can hold for ever. Each step loses a little to two floors, so that h
// goes on below -1, until what the gate takes off is as much: at the low end that the analysis gives, and not before.
func TestTheHOfAGRUGoesALittleBeyondOne(t *testing.T) {
	for _, name := range []string{"digits-gru16", "digits-gru8"} {
		m, err := xmodel.ReadModel(filepath.Join("..", "vectors", name))
		require.NoError(t, err)
		ranges, err := Ranges(m)
		require.NoError(t, err)
		exact, err := golden.NewExact(m, xmodel.Sane)
		require.NoError(t, err)
		nodes := exact.Header().Cells[0].Nodes
		at := slices.IndexFunc(nodes, func(n dump.Node) bool { return n.Name == "input_1" })
		require.Equal(t, 12, nodes[at].Position)
		same := func(v int16) []int16 { return slices.Repeat([]int16{v}, nodes[at].Width) }
		node := func(name string, reads map[string][]int16) []int16 {
			out, err := exact.Node(0, name, reads)
			require.NoError(t, err)
			return out
		}
		f, a, h := same(fixed.Sigmoid.Entries[2047]), same(fixed.Tanh.Entries[0]), same(0)
		rest := node("cct_ft_cct", map[string][]int16{"cct": a, "ft_cct": node("ft_cct", map[string][]int16{"ft": f, "cct": a})})
		for range 20000 {
			h = node("h_next", map[string][]int16{"cct_ft_cct": rest, "ft_input_1": node("ft_input_1", map[string][]int16{"ft": f, "input_1": h})})
		}
		for i, r := range ranges[0][at] {
			require.Equal(t, Range{-5958, 4095}, r)
			require.Equal(t, r.Low, int64(h[i]))
		}
	}
}
