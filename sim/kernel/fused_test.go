package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// randomBatch is sequences of unlike lengths, some of them traced, over data of every kind.
func randomBatch(r *rand.Rand, inputs, hidden, n, longest int, layout Layout) []Sequence {
	batch := make([]Sequence, n)
	for k := range batch {
		x, state := fills[r.IntN(len(fills))].fill, fills[r.IntN(3)].fill
		batch[k] = randomSequence(r, x, state, inputs, hidden, r.IntN(longest+1), layout)
	}
	return batch
}

// requireBatch runs a batch in several ways and holds each equal to the reference.
func requireBatch(t *testing.T, batch []Sequence, layout Layout, hidden int, reference func(*Sequence) [][][]int16, run func([]Sequence, int) error) {
	t.Helper()
	wants := make([]Sequence, len(batch))
	traces := make([][][][]int16, len(batch))
	for k := range batch {
		wants[k] = clone(batch[k])
		traces[k] = reference(&wants[k])
	}
	for _, threads := range []int{1, 2} {
		for _, traced := range []bool{true, false} {
			got := make([]Sequence, len(batch))
			for k := range batch {
				got[k] = clone(batch[k])
				if !traced {
					got[k].Trace = nil
				}
			}
			require.NoError(t, run(got, threads))
			for k := range got {
				if traced {
					requireTrace(t, layout, traces[k], wants[k], got[k], hidden)
					continue
				}
				for step, want := range traces[k] {
					require.Equal(t, want[len(want)-1], got[k].Output[step*hidden:][:hidden], "threads %d, sequence %d, step %d", threads, k, step)
				}
				require.Equal(t, wants[k].H, got[k].H)
				require.Equal(t, wants[k].C, got[k].C)
			}
		}
	}
}

// shapes are inputs and units around the sizes of blocks, panels and chunks.
var shapes = [][2]int{{1, 1}, {3, 8}, {8, 16}, {7, 9}, {33, 20}, {5, 41}}

func TestFusedLSTMMatchesTheReference(t *testing.T) {
	for _, r := range available() {
		for kind, weights := range fills {
			for _, bits := range []int{8, 16} {
				for n, shape := range shapes {
					if testing.Short() && (kind+n)%2 > 0 {
						continue
					}
					random := seeded(t, weights.name, bits, shape)
					p := alignedLSTM(random, weights.fill, shape[0], shape[1], bits, minFusedPosition+random.IntN(8))
					cell := &LSTM{p: p, layout: newLayout(lstmNodes, p.Hidden)}
					cell.fused, cell.reason = newLSTMFused(&cell.p, r)
					require.NotNil(t, cell.fused, cell.reason)
					batch := randomBatch(random, p.Inputs, p.Hidden, 4, 6, cell.layout)
					requireBatch(t, batch, cell.layout, p.Hidden, func(s *Sequence) [][][]int16 { return refLSTM(&p, s) }, cell.Run)
				}
			}
		}
	}
}

func TestFusedGRUMatchesTheReference(t *testing.T) {
	for _, r := range available() {
		for kind, weights := range fills {
			for _, bits := range []int{8, 16} {
				for n, shape := range shapes {
					if testing.Short() && (kind+n)%2 > 0 {
						continue
					}
					random := seeded(t, weights.name, bits, shape)
					p := alignedGRU(random, weights.fill, shape[0], shape[1], bits, minFusedPosition+random.IntN(8))
					cell := &GRU{p: p, layout: newLayout(gruNodes, p.Hidden)}
					cell.fused, cell.reason = newGRUFused(&cell.p, r)
					require.NotNil(t, cell.fused, cell.reason)
					batch := randomBatch(random, p.Inputs, p.Hidden, 4, 6, cell.layout)
					for k := range batch {
						batch[k].C = nil
					}
					requireBatch(t, batch, cell.layout, p.Hidden, func(s *Sequence) [][][]int16 { return refGRU(&p, s) }, cell.Run)
				}
			}
		}
	}
}

// requireRuns runs long sequences of unlike lengths on any number of workers, against the general path.
func requireRuns(t *testing.T, context string, f *fused, batch []Sequence, general func([]Sequence, int) error) {
	t.Helper()
	want := make([]Sequence, len(batch))
	for k := range batch {
		want[k] = clone(batch[k])
	}
	require.NoError(t, general(want, 2))
	for _, workers := range []int{1, 2, 3} {
		got := make([]Sequence, len(batch))
		for k := range batch {
			got[k] = clone(batch[k])
			got[k].Trace = nil
		}
		for _, group := range f.group(got, workers) {
			f.pace = pace{alone: time.Hour} // share at once
			f.runGroup(group, workers)
		}
		for k := range got {
			require.True(t, slices.Equal(want[k].Output, got[k].Output), "%s: workers %d, sequence %d", context, workers, k)
			require.Equal(t, want[k].H, got[k].H)
			require.Equal(t, want[k].C, got[k].C)
		}
	}
}

func TestRunsOfManyStepsAndRowsEqualTheGeneralPath(t *testing.T) {
	sequences := maxColumns + 3
	if testing.Short() {
		sequences = 5
	}
	for _, set := range available() {
		for _, bits := range []int{8, 16} {
			random := seeded(t, bits)
			weights := fills[1+random.IntN(3)].fill

			lstm := &LSTM{p: alignedLSTM(random, weights, 30, 70, bits, 12), layout: newLayout(lstmNodes, 70)}
			f, reason := newLSTMFused(&lstm.p, set)
			require.NotNil(t, f, reason)
			requireRuns(t, set.name+" lstm", f, randomBatch(random, 30, 70, sequences, longestChunk+9, lstm.layout), lstm.Run)

			gru := &GRU{p: alignedGRU(random, weights, 30, 70, bits, 12), layout: newLayout(gruNodes, 70)}
			f, reason = newGRUFused(&gru.p, set)
			require.NotNil(t, f, reason)
			batch := randomBatch(random, 30, 70, sequences, longestChunk+9, gru.layout)
			for k := range batch {
				batch[k].C = nil
			}
			requireRuns(t, set.name+" gru", f, batch, gru.Run)
		}
	}
}
