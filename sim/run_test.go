package sim_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"rnnsim/dump"
	"rnnsim/sim"
	"rnnsim/xmodel"
)

func runWith(t require.TestingT, m *xmodel.Model, options sim.Options, sequences []dump.Sequence) (*dump.Memory, *sim.Result) {
	plan, err := sim.Compile(m, options)
	require.NoError(t, err)
	trace := dump.NewMemory()
	result, err := plan.Run(context.Background(), sequences, trace)
	require.NoError(t, err)
	return trace, result
}

// Sequences of different lengths, alone or together, on one thread or several, with a sink or without.
func TestResultsDependOnNothingButTheSequence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		specs := drawNetwork(t)
		m := build(t, specs)
		var sequences []dump.Sequence
		for range 5 {
			sequences = append(sequences, drawSequence(t, specs))
		}
		compat := rapid.SampledFrom([]xmodel.Compat{xmodel.Sane, xmodel.VAI20}).Draw(t, "compat")
		trace, result := runWith(t, m, sim.Options{Compat: compat, Threads: 4}, sequences)
		again, sameResult := runWith(t, m, sim.Options{Compat: compat, Threads: 1}, sequences)
		require.Equal(t, again.Frames, trace.Frames)
		require.Equal(t, sameResult, result)
		slowTrace, slowResult := runWith(t, m, sim.Options{Compat: compat, NodeByNode: true}, sequences)
		require.Equal(t, slowTrace.Frames, trace.Frames)
		require.Equal(t, slowResult, result)
		for threads := range 4 {
			plan, err := sim.Compile(m, sim.Options{Compat: compat, Threads: threads, NodeByNode: threads == 2})
			require.NoError(t, err)
			silent, err := plan.Run(context.Background(), sequences, nil)
			require.NoError(t, err)
			require.Equal(t, result, silent, "%+v", plan.Kernels())
		}
		for i := range sequences {
			_, alone := runWith(t, m, sim.Options{Compat: compat}, sequences[i:i+1])
			require.Equal(t, alone.Output[0], result.Output[i])
			require.Equal(t, alone.Final[0], result.Final[i])
		}
	})
}

// A final state carries a sequence on where it was cut.
func TestFinalStatesContinueASequence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		specs := drawNetwork(t)
		specs = [][]xmodel.CellSpec{specs[0][:1]}
		m := build(t, specs)
		s := drawSequence(t, specs)
		_, whole := runWith(t, m, sim.Options{}, []dump.Sequence{s})
		head, tail := cutSequence(s, specs[0][0].Input, 1)
		_, first := runWith(t, m, sim.Options{}, []dump.Sequence{head})
		got := first.Output[0]
		if len(tail.Float)+len(tail.Fixed) > 0 {
			tail.Initial = first.Final[0]
			_, rest := runWith(t, m, sim.Options{}, []dump.Sequence{tail})
			require.Equal(t, whole.Final, rest.Final)
			got = append(got, rest.Output[0]...)
		}
		require.Equal(t, whole.Output[0], got)
	})
}

// cutSequence cuts after a number of steps.
func cutSequence(s dump.Sequence, features, steps int) (head, tail dump.Sequence) {
	head = dump.Sequence{Initial: s.Initial}
	at := features * steps
	if s.Float != nil {
		head.Float, tail.Float = s.Float[:at], s.Float[at:]
	} else {
		head.Fixed, tail.Fixed = s.Fixed[:at], s.Fixed[at:]
	}
	return head, tail
}

func TestOnlySelectedNodesAreRecorded(t *testing.T) {
	m := leaky(newGraph("Leaky"))
	sequences := []dump.Sequence{{Fixed: []int16{1000, -2000, 30000, 4, 5, 6}}}
	whole, _ := runWith(t, m, sim.Options{}, sequences)
	part, _ := runWith(t, m, sim.Options{Nodes: []string{"h_next", "w?"}, Meta: map[string]string{"rnnsim.version": "1"}}, sequences)
	names := func(h dump.Header) (names []string) {
		for _, n := range h.Cells[0].Nodes {
			names = append(names, n.Name)
		}
		return names
	}
	require.Equal(t, []string{"input_0", "input_1", "wx", "y", "h_next"}, names(whole.Header))
	require.Equal(t, []string{"wx", "h_next"}, names(part.Header))
	require.Equal(t, map[string]string{"rnnsim.origin": "simulator", "rnnsim.version": "1"}, part.Header.Meta)
	require.Len(t, part.Frames, 3)
	for i, f := range part.Frames {
		require.Equal(t, [][]int16{whole.Frames[i].Fixed[2], whole.Frames[i].Fixed[4]}, f.Fixed)
	}
	params := whole.Header.Cells[0].Params
	require.Len(t, params, 2)
	require.Equal(t, dump.Param{Name: "w", Label: "Leaky::w", Shape: []int{3, 2}, Bits: 16, Position: 12, Values: []int16{1, 2, 3, 4, 5, 6}}, params[0])
}

// failing is a sink that refuses from some frame on, and counts.
type failing struct {
	frames          int
	begun           func()
	closed, aborted int
}

var errFull = errors.New("no space left")

func (s *failing) Begin(dump.Header) error {
	if s.begun != nil {
		s.begun()
	}
	return nil
}
func (s *failing) Close() error { s.closed++; return nil }
func (s *failing) Abort() error { s.aborted++; return nil }
func (s *failing) Write(*dump.Frame) error {
	if s.frames--; s.frames < 0 {
		return errFull
	}
	return nil
}

func manySequences(count, steps int) []dump.Sequence {
	sequences := make([]dump.Sequence, count)
	for i := range sequences {
		sequences[i].Fixed = make([]int16, 2*steps)
	}
	return sequences
}

func TestASinkThatFailsEndsTheRun(t *testing.T) {
	plan, err := sim.Compile(leaky(newGraph("Leaky")), sim.Options{Threads: 4})
	require.NoError(t, err)
	sink := &failing{frames: 700}
	_, err = plan.Run(context.Background(), manySequences(50, 2000), sink)
	require.ErrorIs(t, err, errFull)
	require.Equal(t, []int{0, 1}, []int{sink.closed, sink.aborted})
}

func TestACancelledRunStopsAndAborts(t *testing.T) {
	plan, err := sim.Compile(leaky(newGraph("Leaky")), sim.Options{Threads: 3})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	sink := &failing{frames: 1 << 40, begun: cancel}
	start := time.Now()
	_, err = plan.Run(ctx, manySequences(4, 1<<20), sink)
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, time.Since(start), 5*time.Second)
	require.Equal(t, []int{0, 1}, []int{sink.closed, sink.aborted})
	_, err = plan.Run(ctx, manySequences(1, 1), nil)
	require.ErrorIs(t, err, context.Canceled)
}

// slow is a sink that measures how much the run holds beyond what it has been given.
type slow struct {
	failing
	write func(*dump.Frame)
}

func (s *slow) Write(f *dump.Frame) error { s.write(f); return nil }

// Frames come in order: by sequence, then cell, then step, whichever sequence is ready first.
func TestFramesComeInOrder(t *testing.T) {
	plan, err := sim.Compile(leaky(newGraph("Leaky")), sim.Options{Threads: 8})
	require.NoError(t, err)
	sequences := manySequences(40, 3)
	sequences[0] = manySequences(1, 5000)[0]
	last, seen := [3]int{-1}, 0
	_, err = plan.Run(context.Background(), sequences, &slow{write: func(f *dump.Frame) {
		at := [3]int{f.Sequence, f.Cell, f.Step}
		require.Condition(t, func() bool {
			return at[0] > last[0] && at[2] == 0 || at[0] == last[0] && at[2] == last[2]+1
		}, "%v after %v", at, last)
		last = at
		seen++
	}})
	require.NoError(t, err)
	require.Equal(t, 5000+39*3, seen)
}

func TestProgressCountsFramesToTheLast(t *testing.T) {
	for _, sink := range []dump.Sink{nil, &slow{write: func(*dump.Frame) {}}} {
		last, calls := 0, 0
		plan, err := sim.Compile(leaky(newGraph("Leaky")), sim.Options{Threads: 3, Progress: func(done, total int) {
			require.Equal(t, 7*600, total)
			require.Greater(t, done, last)
			last, calls = done, calls+1
		}})
		require.NoError(t, err)
		_, err = plan.Run(context.Background(), manySequences(7, 600), sink)
		require.NoError(t, err)
		require.Equal(t, 7*600, last)
		require.Greater(t, calls, 1)
	}
}
