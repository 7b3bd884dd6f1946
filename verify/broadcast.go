package verify

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"rnnsim/dump"
)

// broadcast runs a producer once for several readers, each of which gets every frame. It runs when the first of them reads, as
// fast as the slowest does. Each reader must be closed, also one that never reads: until then the others can wait for it.
type broadcast struct {
	produce Producer
	sinks   []*PipeSink
	readers []*broadcastReader
	begin   sync.Once
	cancel  context.CancelFunc
	running sync.WaitGroup
	open    atomic.Int64 // readers
}

func newBroadcast(produce Producer, readers int) *broadcast {
	b := &broadcast{produce: produce, cancel: func() {}}
	b.open.Store(int64(readers))
	for range readers {
		sink, source := Pipe()
		b.sinks = append(b.sinks, sink)
		b.readers = append(b.readers, &broadcastReader{PipeSource: source, from: b})
	}
	return b
}

func (b *broadcast) run(ctx context.Context) {
	b.begin.Do(func() {
		ctx, cancel := context.WithCancel(ctx)
		b.cancel = cancel
		b.running.Go(func() {
			err := b.produce(ctx, &broadcastSink{sinks: b.sinks})
			for _, sink := range b.sinks {
				if err != nil {
					_ = sink.Fail(err)
				} else {
					_ = sink.Close()
				}
			}
		})
	})
}

// broadcastReader is the source of one reader.
type broadcastReader struct {
	*PipeSource
	from *broadcast
	once sync.Once
}

// started lets the run begin, if it has not begun, and gives the reader itself.
func (r *broadcastReader) started(ctx context.Context) dump.Source {
	r.from.run(ctx)
	return r
}

// Close frees the run of this reader. The last one ends the run and waits for it.
func (r *broadcastReader) Close() error {
	var err error
	r.once.Do(func() {
		err = r.PipeSource.Close()
		if r.from.open.Add(-1) == 0 {
			r.from.begin.Do(func() {}) // nobody starts it any more
			r.from.cancel()
			r.from.running.Wait()
		}
	})
	return err
}

// broadcastSink writes to all that still read.
type broadcastSink struct{ sinks []*PipeSink }

func (s *broadcastSink) Begin(header dump.Header) error {
	for _, sink := range s.sinks {
		if err := sink.Begin(header); err != nil {
			return err
		}
	}
	return nil
}

func (s *broadcastSink) Write(frame *dump.Frame) error {
	left := 0
	for _, sink := range s.sinks {
		switch err := sink.Write(frame); {
		case err == nil:
			left++
		case !errors.Is(err, errPipeClosed):
			return err
		}
	}
	if left == 0 {
		return errPipeClosed
	}
	return nil
}

func (s *broadcastSink) Close() error { return nil } // the broadcast ends the streams, as it knows whether the run succeeded
func (s *broadcastSink) Abort() error { return nil }
