package verify

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/dump"
)

// counted writes so many frames, numbered by their step, and then ends with an error or without.
func counted(frames int, end error) Producer {
	return func(ctx context.Context, sink dump.Sink) error {
		if err := sink.Begin(dump.Header{Cells: []dump.Cell{{Graph: "counted"}}}); err != nil {
			return err
		}
		for step := range frames {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := sink.Write(&dump.Frame{Step: step, Fixed: [][]int16{{int16(step)}}}); err != nil {
				return err
			}
		}
		return end
	}
}

// readUpTo reads so many frames, or to the end, and gives how many there were and the error that ended them.
func readUpTo(t *testing.T, source dump.Source, most int) (frames int, end error) {
	t.Helper()
	assert.Equal(t, "counted", source.Header().Cells[0].Graph)
	var frame dump.Frame
	for ; frames < most; frames++ {
		if err := source.Next(&frame); err != nil {
			return frames, err
		}
		assert.Equal(t, frames, frame.Step)
		assert.Equal(t, [][]int16{{int16(frames)}}, frame.Fixed)
	}
	return frames, nil
}

func TestBroadcastGivesAllReadersAllFrames(t *testing.T) {
	const frames = 5 * pipeDepth
	failed := errors.New("it failed")
	for _, end := range []error{nil, failed} {
		readers := newBroadcast(counted(frames, end), 3).readers
		want := end
		if want == nil {
			want = io.EOF
		}
		var wait sync.WaitGroup
		for _, r := range readers {
			wait.Go(func() {
				got, err := readUpTo(t, r.started(context.Background()), frames+1)
				assert.Equal(t, frames, got)
				assert.ErrorIs(t, err, want)
				assert.NoError(t, r.Close())
				assert.NoError(t, r.Close())
			})
		}
		wait.Wait()
	}
}

// A reader that leaves, or never comes, does not hold up the others.
func TestBroadcastGoesOnWithoutWhoLeaves(t *testing.T) {
	const frames = 5 * pipeDepth
	readers := newBroadcast(counted(frames, nil), 3).readers
	require.NoError(t, readers[0].Close())
	var wait sync.WaitGroup
	wait.Go(func() {
		got, err := readUpTo(t, readers[1].started(context.Background()), 3)
		assert.Equal(t, 3, got)
		assert.NoError(t, err)
		assert.NoError(t, readers[1].Close())
	})
	got, err := readUpTo(t, readers[2].started(context.Background()), frames+1)
	assert.Equal(t, frames, got)
	assert.ErrorIs(t, err, io.EOF)
	wait.Wait()
	require.NoError(t, readers[2].Close())
}

// When all have left, the run ends, and Close has waited for it.
func TestBroadcastEndsWithItsLastReader(t *testing.T) {
	ended := false
	readers := newBroadcast(func(ctx context.Context, sink dump.Sink) error {
		err := counted(1<<30, nil)(ctx, sink)
		time.Sleep(10 * time.Millisecond)
		ended = true
		return err
	}, 2).readers
	for _, r := range readers {
		_, err := readUpTo(t, r.started(context.Background()), 1)
		require.NoError(t, err)
	}
	require.NoError(t, readers[1].Close())
	require.NoError(t, readers[0].Close())
	assert.True(t, ended)

	for _, r := range newBroadcast(counted(1, nil), 2).readers { // never started
		require.NoError(t, r.Close())
	}
}

// A cancelled run ends for all that read.
func TestBroadcastIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	readers := newBroadcast(counted(1<<30, nil), 2).readers
	var wait sync.WaitGroup
	for _, r := range readers {
		wait.Go(func() {
			source := r.started(ctx)
			_, err := readUpTo(t, source, 10)
			assert.NoError(t, err)
			cancel()
			var frame dump.Frame
			for err == nil {
				err = source.Next(&frame)
			}
			assert.ErrorIs(t, err, context.Canceled)
			assert.NoError(t, r.Close())
		})
	}
	wait.Wait()
}
