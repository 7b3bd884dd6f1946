package grade

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/vectors"
	"rnnsim/xmodel"
)

func shipped(t *testing.T, name string, most int) (*xmodel.Model, []dump.Sequence) {
	t.Helper()
	m, err := xmodel.ReadModel(filepath.Join("..", "vectors", name))
	require.NoError(t, err)
	x, err := vectors.ReadSequences(filepath.Join("..", "vectors", name, "x_test.npy"), "")
	require.NoError(t, err)
	return m, x.Sequences[:most]
}

// plainly finds where a fault shows first by running all sequences through the datapath with it and through the exact reference.
func plainly(t *testing.T, g *grader, m *mutant, want *dump.Memory, sequences []dump.Sequence) (node, output *place) {
	t.Helper()
	got := dump.NewMemory()
	require.NoError(t, m.path.Run(context.Background(), sequences, got))
	require.Len(t, got.Frames, len(want.Frames))
	for i, f := range got.Frames {
		top := g.header.Cells[f.Cell].Layer == g.header.Cells[len(g.header.Cells)-1].Layer
		for n, values := range f.Fixed {
			for j, v := range values {
				if v == want.Frames[i].Fixed[n][j] {
					continue
				}
				at := &place{f.Sequence, f.Cell, f.Step, n, j}
				if node == nil {
					node = at
				}
				if top && n == g.base.Output(f.Cell) && output == nil {
					output = at
				}
			}
		}
	}
	return node, output
}

func TestTheScoreIsThatOfPlainRuns(t *testing.T) {
	names := []string{"digits-bilstm16", "digits-lstm8", "digits-gru8"}
	if testing.Short() {
		names = names[:1]
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			model, sequences := shipped(t, name, 2)
			g, err := newGrader(model, Options{NoSearch: true})
			require.NoError(t, err)
			if testing.Short() {
				for i := range g.mutants {
					if i*23 < len(g.mutants) {
						g.mutants[i] = g.mutants[i*23]
					}
				}
				g.mutants = g.mutants[:len(g.mutants)/23]
			}
			require.NoError(t, g.run(context.Background(), sequences))
			exact, err := golden.NewExact(model, xmodel.Sane)
			require.NoError(t, err)
			want := dump.NewMemory()
			require.NoError(t, exact.Run(context.Background(), sequences, want))
			seen := 0
			for _, m := range g.mutants {
				node, output := plainly(t, g, m, want, sequences)
				require.Equal(t, node, m.atNode, m.fault.ID)
				require.Equal(t, output, m.atOutput, m.fault.ID)
				if node != nil {
					seen++
				}
			}
			assert.Greater(t, seen, len(g.mutants)/2)
			assert.Less(t, seen, len(g.mutants))
		})
	}
}

func TestWhatTheStimuliMissHasAnInputOrAProof(t *testing.T) {
	names := []string{"digits-gru8", "digits-lstm16", "digits-bilstm16"}
	steps := 16
	if testing.Short() {
		names, steps = names[:1], 6
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			model, sequences := shipped(t, name, 4)
			report, err := Run(context.Background(), model, sequences, Options{Seed: 5, Steps: steps, Tries: 40})
			require.NoError(t, err)
			again, err := Run(context.Background(), model, sequences, Options{Seed: 5, Steps: steps, Tries: 40, Threads: 1})
			require.NoError(t, err)
			require.Equal(t, report, again, "the grade depends on nothing but the seed")
			require.Greater(t, report.Nodes.Missed, 20)
			require.Greater(t, report.Nodes.Impossible, 20)
			assert.Less(t, report.Nodes.Open, report.Faults/20)
			g, err := newGrader(model, Options{})
			require.NoError(t, err)
			exact, err := golden.NewExact(model, xmodel.Sane)
			require.NoError(t, err)
			for i, r := range report.Results {
				for way, s := range []Sight{r.Nodes, r.Output} {
					if s.Outcome != Missed {
						continue
					}
					inputs := report.Inputs[s.First : s.First+s.Count]
					want := dump.NewMemory()
					require.NoError(t, exact.Run(context.Background(), inputs, want))
					node, output := plainly(t, g, g.mutants[i], want, inputs)
					at := [2]*place{node, output}[way]
					require.NotNil(t, at, r.ID)
					require.Equal(t, g.place(*at), s.At, r.ID)
				}
			}
			// With the inputs that were found, nothing is missed any more.
			whole, err := Run(context.Background(), model, append(sequences, report.Inputs...), Options{Seed: 5, Steps: steps, NoSearch: true})
			require.NoError(t, err)
			for i, r := range whole.Results {
				was := report.Results[i]
				assert.Equal(t, was.Nodes.Outcome == Noticed || was.Nodes.Outcome == Missed, r.Nodes.Outcome == Noticed, r.ID)
				if was.Output.Outcome == Missed {
					assert.Equal(t, Noticed, r.Output.Outcome, r.ID)
				}
			}
		})
	}
}

func TestAnInitialStateIsRefused(t *testing.T) {
	model, sequences := shipped(t, "digits-gru8", 1)
	sequences[0].Initial = make([]dump.State, 1)
	_, err := Run(context.Background(), model, sequences, Options{NoSearch: true})
	require.ErrorContains(t, err, "grade stimuli: sequence 0 has an initial state")
}

func TestACancelledGradeEnds(t *testing.T) {
	model, sequences := shipped(t, "digits-gru8", 1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Run(ctx, model, sequences, Options{})
	require.ErrorIs(t, err, context.Canceled)
}
