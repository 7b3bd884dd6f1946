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
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var running sync.WaitGroup
	start := func(produce Producer) *PipeSource {
		sink, source := Pipe()
		running.Go(func() {
			if err := produce(ctx, keepOpen{sink}); err != nil {
				_ = sink.Fail(err)
				return
			}
			_ = sink.Close()
		})
		return source
	}
	gotSource, wantSource := start(got), start(want)
	result, err := Compare(ctx, gotSource, wantSource, options)
	cancel()
	err = errors.Join(err, gotSource.Close(), wantSource.Close())
	running.Wait()
	if err != nil {
		return nil, err
	}
	return result, nil
}

// keepOpen leaves ending the stream to Lockstep, which knows whether the producer succeeded.
type keepOpen struct{ *PipeSink }

func (keepOpen) Close() error { return nil }
func (keepOpen) Abort() error { return nil }
