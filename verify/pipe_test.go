package verify

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
)

// playing gives a producer that plays a trace.
func playing(m *dump.Memory) Producer {
	return func(ctx context.Context, sink dump.Sink) error {
		if err := sink.Begin(m.Header); err != nil {
			return err
		}
		for _, frame := range m.Frames {
			if err := errors.Join(ctx.Err(), sink.Write(frame)); err != nil {
				return errors.Join(err, sink.Abort())
			}
		}
		return sink.Close()
	}
}

func TestLockstepGivesWhatCompareGives(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 5, 40, 1)
	got := copied(want)
	got.Frames[171].Fixed[1][1] ^= 5
	result, err := Lockstep(context.Background(), playing(got), playing(want), Options{PerStep: true})
	require.NoError(t, err)
	require.Equal(t, compareTraces(t, got, want, Options{PerStep: true}), result)
}

func TestLockstepEndsWhenAProducerFails(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 5, 40, 1)
	broken := errors.New("no more current")
	for _, after := range []bool{false, true} {
		_, err := Lockstep(context.Background(), playing(want), func(_ context.Context, sink dump.Sink) error {
			if after {
				require.NoError(t, sink.Begin(want.Header))
				require.NoError(t, sink.Write(want.Frames[0]))
			}
			return broken
		}, Options{})
		require.ErrorIs(t, err, broken)
	}
}

func TestLockstepEndsWhenCancelled(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 5, 40, 1)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Lockstep(ctx, playing(want), func(ctx context.Context, sink dump.Sink) error {
		require.NoError(t, sink.Begin(want.Header))
		cancel()
		<-ctx.Done()
		return ctx.Err()
	}, Options{})
	require.ErrorIs(t, err, context.Canceled)
}

func TestAReaderThatLeavesFreesTheProducer(t *testing.T) {
	want := syntheticTrace(t, syntheticHeader(), 5, 40, 1)
	sink, source := Pipe()
	done := make(chan error)
	go func() { done <- playing(want)(context.Background(), sink) }()
	require.Equal(t, want.Header, source.Header())
	require.NoError(t, source.Close())
	require.ErrorIs(t, <-done, errPipeClosed)
}

func TestPipeEnds(t *testing.T) {
	sink, source := Pipe()
	require.NoError(t, sink.Begin(syntheticHeader()))
	require.NoError(t, sink.Close())
	require.NoError(t, sink.Abort(), "what has ended stays as it is")
	require.ErrorIs(t, source.Next(&dump.Frame{}), io.EOF)

	sink, source = Pipe()
	require.NoError(t, sink.Abort())
	require.Empty(t, source.Header().Cells)
	require.ErrorIs(t, source.Next(&dump.Frame{}), errAborted)
}
