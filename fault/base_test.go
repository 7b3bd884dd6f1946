package fault_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/fault"
	"rnnsim/golden"
	"rnnsim/internal/shared"
	"rnnsim/sim"
	"rnnsim/vectors"
	"rnnsim/xmodel"
)

// onCases runs a test on the shipped cases, and, in a long test, on those of the reference data.
func onCases(t *testing.T, test func(t *testing.T, folder string)) {
	t.Run("shipped", func(t *testing.T) { eachCase(t, filepath.Join("..", "vectors"), test) })
	t.Run("reference", func(t *testing.T) {
		if testing.Short() {
			t.Skip("the shipped cases are enough for a short test")
		}
		eachCase(t, shared.Path(t, "vectors"), test)
	})
}

func eachCase(t *testing.T, root string, test func(t *testing.T, folder string)) {
	found, err := filepath.Glob(filepath.Join(root, "*", "exact.npz"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(found), 5)
	for _, path := range found {
		folder := filepath.Dir(path)
		t.Run(filepath.Base(folder), func(t *testing.T) { test(t, folder) })
	}
}

// stimulus gives the first sequences of a case.
func stimulus(t testing.TB, folder string, most int) []dump.Sequence {
	t.Helper()
	path := filepath.Join(folder, "x_test.npy")
	if _, err := os.Stat(path); err != nil {
		path = filepath.Join(folder, "x.npy")
	}
	x, err := vectors.ReadSequences(path, "")
	require.NoError(t, err)
	return x.Sequences[:min(most, len(x.Sequences))]
}

// wild gives sequences of integers over the whole range, with ends of it, from initial states that are as wild.
func wild(random *rand.Rand, features, steps int, header dump.Header) dump.Sequence {
	value := func() int16 {
		switch random.IntN(8) {
		case 0:
			return -32768
		case 1:
			return 32767
		case 2:
			return int16(random.IntN(3) - 1)
		case 3:
			return int16(random.IntN(1 << 16))
		}
		return int16(random.IntN(1<<13) - 1<<12)
	}
	fill := func(n int) []int16 {
		values := make([]int16, n)
		for i := range values {
			values[i] = value()
		}
		return values
	}
	s := dump.Sequence{Fixed: fill(features * steps)}
	for _, cell := range header.Cells {
		var state dump.State
		for _, n := range cell.Nodes {
			if n.Op == "data" && n.Bits == 16 && n.Name == "input_1" {
				state.H = fill(n.Width)
			}
			if n.Op == "data" && n.Bits == 16 && n.Name == "input_2" {
				state.C = fill(n.Width)
			}
		}
		s.Initial = append(s.Initial, state)
	}
	return s
}

func requireSameFrames(t *testing.T, want, got *dump.Memory) {
	t.Helper()
	for i, cell := range want.Header.Cells {
		require.Equal(t, cell.Nodes, got.Header.Cells[i].Nodes)
	}
	require.Len(t, got.Frames, len(want.Frames))
	byPlace := map[[3]int]*dump.Frame{}
	for _, f := range got.Frames {
		byPlace[[3]int{f.Cell, f.Sequence, f.Step}] = f
	}
	for _, w := range want.Frames {
		g := byPlace[[3]int{w.Cell, w.Sequence, w.Step}]
		require.NotNil(t, g)
		for n := range w.Fixed {
			require.Equal(t, w.Fixed[n], g.Fixed[n], "cell %d, sequence %d, step %d, %s", w.Cell, w.Sequence, w.Step, want.Header.Cells[w.Cell].Nodes[n].Name)
		}
	}
}

func TestWithoutAFaultTheDatapathIsTheSimulator(t *testing.T) {
	onCases(t, func(t *testing.T, folder string) {
		m, err := xmodel.ReadModel(folder)
		require.NoError(t, err)
		for _, compat := range []xmodel.Compat{xmodel.Sane, xmodel.VAI20} {
			base, err := fault.New(m, compat)
			require.NoError(t, err)
			exact, err := golden.NewExact(m, compat)
			require.NoError(t, err)
			plan, err := sim.Compile(m, sim.Options{Compat: compat})
			require.NoError(t, err)
			features, _ := exact.Input()
			sequences := stimulus(t, folder, 4)
			random := rand.New(rand.NewPCG(1, 2))
			for range 3 {
				sequences = append(sequences, wild(random, features, 6, exact.Header()))
			}
			for i := range sequences[:1] {
				if len(sequences[i].Initial) == 0 {
					sequences[i].Initial = make([]dump.State, len(m.Cells))
				}
			}
			want, got, simulated := dump.NewMemory(), dump.NewMemory(), dump.NewMemory()
			require.NoError(t, exact.Run(context.Background(), sequences, want))
			require.NoError(t, base.With().Run(context.Background(), sequences, got))
			_, err = plan.Run(context.Background(), sequences, simulated)
			require.NoError(t, err)
			requireSameFrames(t, want, got)
			requireSameFrames(t, simulated, got)
		}
	})
}
