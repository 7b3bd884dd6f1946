package dump

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// drainRest reads what is left of a cell, in the ascending order of its sequences.
func drainRest(rest Rest, cell int) (frames []*Frame, err error) {
	for _, sequence := range rest.Sequences(cell) {
		more, err := drainSequence(rest, cell, sequence)
		if frames = append(frames, more...); err != nil {
			return frames, err
		}
	}
	return frames, nil
}

func drainSequence(rest Rest, cell, sequence int) (frames []*Frame, err error) {
	if _, err := rest.Seek(cell, sequence); err != nil {
		return nil, err
	}
	for {
		var f Frame
		if err := rest.Next(cell, &f); errors.Is(err, io.EOF) {
			return frames, nil
		} else if err != nil {
			return frames, err
		}
		frames = append(frames, f.Clone())
	}
}

// shuffled gives the frames with the sequences in another order, the same in all cells.
func shuffled(frames []*Frame, random *rand.Rand) []*Frame {
	order := random.Perm(1000)
	frames = slices.Clone(frames)
	slices.SortStableFunc(frames, func(a, b *Frame) int { return order[a.Sequence] - order[b.Sequence] })
	return frames
}

// What a source has not yielded yet is read in any order, from whatever frame on, wherever it lies.
func TestTheRestOfASourceInAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(31, 32))
	h := testHeader()
	h.Cells[1].Nodes = append(h.Cells[1].Nodes, Node{Name: "real", Label: "real", Width: 300, Bits: 32, Float: true})
	for name, options := range map[string]*ArrowOptions{"arrow": {BatchBytes: 400}, "one batch": {}, "compressed": {Zstd: true, BatchBytes: 4000}, "memory": nil} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			for round := range 8 {
				frames := shuffled(testFrames(h, []int{4, 1, 7, 3, 2, 30, 5}, round%2 > 0, random), random)
				open := func() Source { return NewSource(h, frames) }
				if options != nil {
					dir := filepath.Join(t.TempDir(), "trace")
					write(t, NewArrowSink(dir, *options), h, frames)
					open = func() Source {
						source, err := OpenArrow(dir)
						require.NoError(t, err)
						require.Equal(t, options.Zstd, !Seekable(source))
						return source
					}
				}
				require.Equal(t, frames, readAll(t, open()), "the order is kept")
				for _, read := range []int{0, 1, 1 + random.IntN(len(frames)-1), len(frames)} {
					source := open()
					var f Frame
					for range read {
						require.NoError(t, source.Next(&f))
					}
					rest, err := RestOf(source)
					require.NoError(t, err)
					for cell := range h.Cells {
						requireRest(t, rest, cell, frames[read:], random)
					}
					require.NoError(t, errors.Join(rest.Close(), source.Close()))
				}
			}
			left, err := os.ReadDir(os.TempDir())
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

func requireRest(t *testing.T, rest Rest, cell int, frames []*Frame, random *rand.Rand) {
	t.Helper()
	want := map[int][]*Frame{}
	for _, f := range frames {
		if f.Cell == cell {
			want[f.Sequence] = append(want[f.Sequence], f)
		}
	}
	sequences := rest.Sequences(cell)
	require.True(t, slices.IsSorted(sequences))
	require.Len(t, sequences, len(want))
	random.Shuffle(len(sequences), func(i, j int) { sequences[i], sequences[j] = sequences[j], sequences[i] })
	for _, sequence := range sequences {
		got, err := drainSequence(rest, cell, sequence)
		require.NoError(t, err)
		require.Equal(t, want[sequence], got)
	}
	found, err := rest.Seek(cell, 999)
	require.NoError(t, err)
	require.False(t, found)
	require.ErrorIs(t, rest.Next(cell, &Frame{}), io.EOF)
}

func TestTheRestOfASourceIsHeldToItsOrder(t *testing.T) {
	h := testHeader()
	frames := testFrames(h, []int{2, 2, 2}, false, rand.New(rand.NewPCG(33, 34)))
	torn := append(slices.Clone(frames), randomFrame(h, 1, 0, 5, false, rand.New(rand.NewPCG(35, 36))))
	_, err := RestOf(NewSource(h, torn))
	require.ErrorContains(t, err, `graph "Rnn_StandardLstmCell_layer_0_backward": sequence 0, step 5 comes after sequence 2, step 1, and other frames of sequence 0 before that`)
	torn[len(torn)-1].Cell = 2
	_, err = RestOf(NewSource(h, torn))
	require.ErrorContains(t, err, "frame of cell 2")

	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	_, err = RestOf(NewSource(h, frames))
	require.ErrorContains(t, err, "TMPDIR names a folder with room for it")
}

func TestOrder(t *testing.T) {
	var o Order
	sequence, step := o.Last()
	require.Equal(t, [2]int{-1, -1}, [2]int{sequence, step})
	for _, at := range [][2]int{{5, 2}, {5, 3}, {5, 9}, {0, 0}, {7, 1}, {1, 0}} {
		require.NoError(t, o.Take(at[0], at[1]))
	}
	sequence, step = o.Last()
	require.Equal(t, [2]int{1, 0}, [2]int{sequence, step})
	require.ErrorContains(t, o.Take(1, 0), "the steps of a sequence must ascend")
	require.ErrorContains(t, o.Take(5, 10), "a sequence must be in one piece, and once")
	require.ErrorContains(t, o.Take(0, 0), "comes after sequence 1, step 0, and other frames of sequence 0 before that")
	require.ErrorContains(t, o.Take(-1, 0), "sequence -1")
	require.ErrorContains(t, o.Take(1, 1<<31), "step 2147483648")
	require.NoError(t, o.Take(1, 1), "what was refused is not taken")
}
