package verify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/dump"
)

// disordered gives a trace with its sequences in other orders, one for each cell, and cells that take turns at random.
func disordered(r *rapid.T, m *dump.Memory) *dump.Memory {
	queues := make([][]*dump.Frame, len(m.Header.Cells))
	sequences := 0
	for _, f := range m.Frames {
		queues[f.Cell] = append(queues[f.Cell], f)
		sequences = max(sequences, f.Sequence+1)
	}
	numbers := make([]int, sequences)
	for i := range numbers {
		numbers[i] = i
	}
	order := rapid.Permutation(numbers).Draw(r, "order")
	for _, queue := range queues {
		if rapid.Bool().Draw(r, "another order") {
			order = rapid.Permutation(numbers).Draw(r, "order")
		}
		slices.SortStableFunc(queue, func(a, b *dump.Frame) int { return order[a.Sequence] - order[b.Sequence] })
	}
	other := &dump.Memory{Header: m.Header}
	for len(other.Frames) < len(m.Frames) {
		cell := rapid.IntRange(0, len(queues)-1).Draw(r, "cell")
		n := min(len(queues[cell]), rapid.IntRange(1, 9).Draw(r, "frames"))
		other.Frames = append(other.Frames, queues[cell][:n]...)
		queues[cell] = queues[cell][n:]
	}
	return other
}

// asArrow writes a trace and opens it, so that its sequences can be sought.
func asArrow(t *testing.T, m *dump.Memory) dump.Source {
	dir := filepath.Join(t.TempDir(), "trace")
	sink := dump.NewArrowSink(dir, dump.ArrowOptions{BatchBytes: 300})
	require.NoError(t, sink.Begin(m.Header))
	for _, f := range m.Frames {
		require.NoError(t, sink.Write(f))
	}
	require.NoError(t, sink.Close())
	source, err := dump.OpenArrow(dir)
	require.NoError(t, err)
	require.True(t, dump.Seekable(source))
	return source
}

// The order of sequences, of either side and of each cell, changes nothing in what is found; nor do frames that are missing.
func TestTheOrderOfSequencesChangesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	rapid.Check(t, func(r *rapid.T) {
		header := detailHeader()
		for i := range header.Cells {
			header.Cells[i].Nodes = append(header.Cells[i].Nodes, dump.Node{Name: "h_next", Label: "h_next", Op: "mul", Width: 4, Bits: 16, Position: 8})
		}
		sequences, steps := rapid.IntRange(1, 9).Draw(r, "sequences"), rapid.IntRange(1, 12).Draw(r, "steps")
		want := syntheticTrace(t, header, sequences, steps, rapid.Uint64().Draw(r, "seed"))
		got := copied(want)
		for range rapid.IntRange(0, 30).Draw(r, "flips") {
			frame := got.Frames[rapid.IntRange(0, len(got.Frames)-1).Draw(r, "frame")]
			node := rapid.IntRange(0, 3).Draw(r, "node")
			frame.Fixed[node][rapid.IntRange(0, len(frame.Fixed[node])-1).Draw(r, "index")] = rapid.Int16().Draw(r, "value")
		}
		for _, side := range []*dump.Memory{got, want} {
			lost := rapid.SliceOfN(rapid.IntRange(0, len(side.Frames)-1), 0, 20).Draw(r, "lost")
			whole := rapid.IntRange(-1, sequences-1).Draw(r, "lost sequence")
			at := -1
			side.Frames = slices.DeleteFunc(side.Frames, func(f *dump.Frame) bool {
				at++
				return f.Sequence == whole || slices.Contains(lost, at)
			})
		}
		options := Options{
			Detail: true, Reads: func(_, node string) []string { return map[string][]string{"it": {"y_i"}, "h_next": {"it"}}[node] },
			Errors: rapid.IntRange(-1, 5).Draw(r, "errors"), Steps: Steps{First: rapid.IntRange(0, 3).Draw(r, "first")},
		}
		if rapid.IntRange(0, 3).Draw(r, "one sequence") == 0 {
			only := rapid.IntRange(0, sequences-1).Draw(r, "only")
			options.Sequence = &only
		}
		plain := compareTraces(t, got, want, options)
		options.Pending = int64(rapid.IntRange(1, 4000).Draw(r, "pending"))
		sides := [2]dump.Source{}
		for side, m := range []*dump.Memory{got, want} {
			if rapid.Bool().Draw(r, "shuffle") {
				m = disordered(r, m)
			}
			if sides[side] = m.Source(); rapid.IntRange(0, 3).Draw(r, "arrow") == 0 && len(m.Frames) > 0 {
				sides[side] = asArrow(t, m)
			}
		}
		result, err := Compare(context.Background(), sides[gotSide], sides[wantSide], options)
		require.NoError(r, errors.Join(err, sides[gotSide].Close(), sides[wantSide].Close()))
		require.Equal(r, plain, result)
	})
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, left)
}

// Where frames are not kept, a trace that has a sequence twice or in pieces, and one that cannot be read, is an error of its side.
func TestSidesThatCannotBeFollowedAreErrors(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 6, 4, 5)
	reversed := func(m *dump.Memory) *dump.Memory {
		c := copied(m)
		slices.SortStableFunc(c.Frames, func(a, b *dump.Frame) int { return b.Sequence - a.Sequence })
		return c
	}
	torn := reversed(want)
	torn.Frames = append(torn.Frames, torn.Frames[3].Clone())
	torn.Frames[len(torn.Frames)-1].Step = 9
	options := Options{Pending: 1}
	compare := func(got, want dump.Source) error {
		_, err := Compare(context.Background(), got, want, options)
		return err
	}
	require.NoError(t, compare(reversed(want).Source(), want.Source()))
	require.ErrorContains(t, compare(torn.Source(), want.Source()), "read the got side: sequence 5, step 9 comes after sequence 0, step 3, and other frames of sequence 5 before that")
	require.ErrorContains(t, compare(want.Source(), torn.Source()), "read the wanted side: graph \"Rnn_StandardLstmCell_layer_0_forward\": sequence 5, step 9 comes after sequence 0, step 3, and other frames of sequence 5 before that")
	require.ErrorContains(t, compare(&failing{reversed(want).Source(), 30}, want.Source()), "read the got side: torn page")
	require.ErrorContains(t, compare(reversed(want).Source(), &failing{want.Source(), 30}), "read the wanted side: torn page")
	for after := range 1000 {
		ctx := &endingContext{Context: context.Background(), after: after}
		_, err := Compare(ctx, reversed(want).Source(), want.Source(), options)
		if err == nil {
			require.Greater(t, after, 40, "it looks at its context often")
			return
		}
		require.ErrorIs(t, err, context.Canceled)
	}
	require.Fail(t, "it never ended")
}

// endingContext is cancelled once it has been looked at a number of times.
type endingContext struct {
	context.Context
	after int
}

func (c *endingContext) Err() error {
	if c.after--; c.after < 0 {
		return context.Canceled
	}
	return nil
}

// What is missing is told from its beginning, joined to ranges, however it comes.
func TestMissingFramesAreCollectedInOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var keys []frameKey
		for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 3*50*20-1), 1, 400, rapid.ID[int]).Draw(r, "missing") {
			keys = append(keys, frameKey{pair: n / 1000, sequence: n % 1000 / 20, step: n % 20})
		}
		pairs := &pairing{}
		for i := range 3 {
			pairs.cells = append(pairs.cells, cellPair{cell: dump.Cell{Graph: fmt.Sprint(i)}})
		}
		var m missingFrames
		for _, key := range keys {
			require.NoError(r, m.add(key))
		}
		var told Missing
		m.tell(pairs, &told)
		slices.SortFunc(keys, frameKey.compare)
		var ranges []FrameRange
		for _, key := range keys {
			if n := len(ranges); n > 0 && ranges[n-1].Graph == fmt.Sprint(key.pair) && ranges[n-1].Sequence == key.sequence && ranges[n-1].Last == key.step-1 {
				ranges[n-1].Last++
				continue
			}
			ranges = append(ranges, FrameRange{Graph: fmt.Sprint(key.pair), Sequence: key.sequence, First: key.step, Last: key.step})
		}
		require.EqualValues(r, len(keys), told.Frames)
		require.Equal(r, ranges[:min(len(ranges), maxRanges)], told.Ranges)
		require.ErrorContains(r, m.add(keys[0]), "comes twice")
	})
}

// inOrder gives the frames of a trace by sequences in the order given.
func inOrder(m *dump.Memory, order ...int) *dump.Memory {
	other := &dump.Memory{Header: m.Header}
	for _, sequence := range order {
		for _, f := range m.Frames {
			if f.Sequence == sequence {
				other.Frames = append(other.Frames, f)
			}
		}
	}
	return other
}

// Frames cease to be kept wherever the sides are just then: in the middle of a sequence with a smaller number than others that wait, too.
func TestOneSideIsFollowedFromAnyFrameOn(t *testing.T) {
	header := syntheticHeader()
	header.Cells = header.Cells[:1]
	want := syntheticTrace(t, header, 6, 4, 8)
	got := copied(want)
	frameOf(t, got, 0, 1, 3).Fixed[1][2] ^= 8
	plain := compareTraces(t, got, want, Options{})
	frame := frameBytes(want.Frames[0])
	for frames := range int64(48) {
		options := Options{Pending: frames * frame}
		require.Equal(t, plain, compareTraces(t, inOrder(got, 5, 1, 3, 0, 4, 2), inOrder(want, 2, 4, 0, 3, 1, 5), options), "%d frames", frames)
	}
}

// Once one side has ended, what only the other has is not kept.
func TestWhatCanHaveNoTwinIsNotKept(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 50, 4, 9)
	got := inOrder(want, 40)
	for _, sides := range [][2]*dump.Memory{{got, want}, {want, got}} {
		c := newComparer(sides[gotSide].Header, sides[wantSide].Header, Options{})
		require.NoError(t, c.run(context.Background(), [2]dump.Source{sides[gotSide].Source(), sides[wantSide].Source()}))
		kept := len(c.matcher.waiting[gotSide]) + len(c.matcher.waiting[wantSide])
		require.LessOrEqual(t, kept, 10, "of 392 frames that only one side has")
		result, err := c.finish()
		require.NoError(t, err)
		require.EqualValues(t, 8, result.Counts.Steps)
		require.EqualValues(t, 392, result.OnlyGot.Frames+result.OnlyWant.Frames)
	}
}
