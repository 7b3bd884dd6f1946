package verify

import (
	"context"
	"errors"
	"sync"

	"rnnsim/dump"
)

// Producer runs something and writes its frames to the sink: Begin first, then the frames. Lockstep closes the sink.
type Producer func(ctx context.Context, sink dump.Sink) error

// Lockstep runs two producers at the same time and compares their frames as they come, without storing a trace. An error of
// a producer is the error of the comparison.
func Lockstep(ctx context.Context, got, want Producer, options Options) (*Comparison, error) {
	return compareAndClose(ctx, produced(ctx, got), produced(ctx, want), options)
}

func compareAndClose(ctx context.Context, got, want dump.Source, options Options) (*Comparison, error) {
	result, err := Compare(ctx, got, want, options)
	if err := errors.Join(err, got.Close(), want.Close()); err != nil {
		return nil, err
	}
	return result, nil
}

// runningSource is the frames of a producer that runs aside.
type runningSource struct {
	*PipeSource
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// produced starts a producer and gives its frames as they come.
func produced(ctx context.Context, produce Producer) *runningSource {
	ctx, cancel := context.WithCancel(ctx)
	sink, source := Pipe()
	s := &runningSource{PipeSource: source, cancel: cancel}
	s.running.Go(func() {
		if err := produce(ctx, keepOpen{sink}); err != nil {
			_ = sink.Fail(err)
			return
		}
		_ = sink.Close()
	})
	return s
}

// Close ends the producer and waits for it.
func (s *runningSource) Close() error {
	s.cancel()
	err := s.PipeSource.Close()
	s.running.Wait()
	return err
}

// keepOpen leaves ending the stream to who runs the producer and knows whether the producer succeeded.
type keepOpen struct{ *PipeSink }

func (keepOpen) Close() error { return nil }
func (keepOpen) Abort() error { return nil }
