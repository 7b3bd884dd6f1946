package fault_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/coverage"
	"rnnsim/dump"
	"rnnsim/fault"
	"rnnsim/golden"
	"rnnsim/internal/fixed"
	"rnnsim/vectors"
	"rnnsim/xmodel"
)

func boundsOf(t *testing.T, m *xmodel.Model) fault.Bounds {
	t.Helper()
	ranges, err := coverage.Ranges(m)
	require.NoError(t, err)
	var bounds fault.Bounds
	for _, nodes := range ranges {
		var cell [][]fault.Range
		for _, elements := range nodes {
			var node []fault.Range
			for _, r := range elements {
				node = append(node, fault.Range(r))
			}
			cell = append(cell, node)
		}
		bounds = append(bounds, cell)
	}
	return bounds
}

// TestNothingShowsWhatIsProved runs every fault that is proved to be invisible on stimuli that reach far.
func TestNothingShowsWhatIsProved(t *testing.T) {
	names := []string{"digits-lstm8", "digits-gru8", "digits-lstm16", "digits-gru16", "digits-bilstm16"}
	if testing.Short() {
		names = names[:2]
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			m, base := open(t, name)
			bounds := boundsOf(t, m)
			exact, err := golden.NewExact(m, xmodel.Sane)
			require.NoError(t, err)
			features, grid := exact.Input()
			turns := 2
			if testing.Short() {
				turns = 1
			}
			generator := vectors.Generator{Features: features, Grid: grid, Seed: 3, Steps: 24, First: base.Header().Cells[0]}
			sequences, err := generator.Generate(turns * len(vectors.PatternNames()))
			require.NoError(t, err)
			random := rand.New(rand.NewPCG(5, 6))
			var reals dump.Sequence
			for range 24 * features {
				reals.Float = append(reals.Float, float32(fixed.Real(random.Int64N(1<<20)-1<<19, grid.Position+2)))
			}
			sequences = append(sequences, reals)
			want := dump.NewMemory()
			require.NoError(t, exact.Run(context.Background(), sequences, want))
			everywhere, hidden := requireProofs(t, base, base.Catalogue(), bounds, sequences, want)
			assert.Positive(t, everywhere)
			t.Logf("%d show nowhere, %d not in h", everywhere, hidden)
		})
	}
}

// TestNothingShowsWhatIsProvedOfTinyCells does so for cells whose nodes saturate at many steps, at positions together and apart.
func TestNothingShowsWhatIsProvedOfTinyCells(t *testing.T) {
	hiddenOfAll := 0
	for i, kind := range []xmodel.CellKind{xmodel.LSTM, xmodel.GRU} {
		for _, bits := range []int{16, 8} {
			for round := range 2 {
				random := rand.New(rand.NewPCG(45, uint64(1000*i+100*round+bits)))
				m := modelOf(t, tinyCell(random, kind, bits, 0, false, round%2 == 1, 6))
				base, err := fault.New(m, xmodel.Sane)
				require.NoError(t, err)
				var sequences []dump.Sequence
				for range 4 {
					s := wild(random, 6, 16, base.Header())
					s.Initial = nil
					sequences = append(sequences, s, ends(random, 6, 16), realSteps(random, 6, 8, base.Header().Cells[0].Nodes[base.Input(0)].Position))
				}
				want := dump.NewMemory()
				require.NoError(t, base.With().Run(context.Background(), sequences, want))
				// These are what differs in few values, so that it can be lost on the way to h.
				faults := slices.DeleteFunc(base.Catalogue(), func(f *fault.Fault) bool { return f.Family() != "saturation" && f.Family() != "width" })
				_, hidden := requireProofs(t, base, faults, boundsOf(t, m), sequences, want)
				hiddenOfAll += hidden
				if testing.Short() {
					return
				}
			}
		}
	}
	assert.Greater(t, hiddenOfAll, 20)
}

// requireProofs runs every fault that is proved to be invisible, a ninth of them in a short test, and counts them.
func requireProofs(t *testing.T, base *fault.Base, faults []*fault.Fault, bounds fault.Bounds, sequences []dump.Sequence, want *dump.Memory) (everywhere, hidden int) {
	t.Helper()
	for i, f := range faults {
		if testing.Short() && i%9 != 0 {
			continue
		}
		proof, holds, err := base.Prove(f, bounds)
		require.NoError(t, err)
		if !holds {
			continue
		}
		require.NotEmpty(t, proof.Why, f.ID)
		runner, next := base.With(f).Runner(), 0
		for number := range sequences {
			require.NoError(t, runner.Sequence(context.Background(), number, &sequences[number], func(frame *dump.Frame) error {
				sound := want.Frames[next]
				next++
				out := base.Output(frame.Cell)
				require.True(t, slices.Equal(sound.Fixed[out], frame.Fixed[out]), "%s is proved not to show in h: %s", f.ID, proof.Why)
				if proof.Everywhere {
					require.True(t, slices.EqualFunc(sound.Fixed, frame.Fixed, slices.Equal), "%s is proved to be invisible: %s", f.ID, proof.Why)
				}
				return nil
			}))
		}
		require.Len(t, want.Frames, next)
		if proof.Everywhere {
			everywhere++
		} else {
			hidden++
		}
	}
	return everywhere, hidden
}

func TestBoundsOfAnotherModelAreRefused(t *testing.T) {
	m, _ := open(t, "digits-gru8")
	_, base := open(t, "digits-lstm8")
	_, _, err := base.Prove(base.Catalogue()[0], boundsOf(t, m))
	require.ErrorContains(t, err, "bounds of graph")
}

func TestEveryKindHasAFamily(t *testing.T) {
	found := map[string]bool{}
	for _, name := range []string{"digits-lstm16", "digits-lstm8", "digits-gru16", "digits-gru8", "digits-bilstm16"} {
		_, base := open(t, name)
		for _, f := range base.Catalogue() {
			require.NotEmpty(t, f.Family(), f.Kind)
			found[f.Family()] = true
		}
	}
	for _, family := range fault.Families() {
		assert.True(t, found[family], family)
	}
}
