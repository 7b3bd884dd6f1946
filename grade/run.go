package grade

import (
	"context"
	"runtime"
	"sync"

	"rnnsim/dump"
	"rnnsim/fault"
)

// chunkBytes is how much of the sound datapath's frames is in memory at a time.
const chunkBytes = 64 << 20

// over runs mutants over sequences, until each is noticed. What comes out does not depend on the number of threads. progress is told of
// mutants times sequences.
func over(ctx context.Context, base *fault.Base, mutants []*mutant, sequences []dump.Sequence, threads int, progress func(done int)) error {
	r := newRecorder(base)
	for at := 0; at < len(sequences); {
		var chunk []*recorded
		for bytes := 0; at < len(sequences) && bytes < chunkBytes; at++ {
			taken, err := r.record(ctx, at, &sequences[at])
			if err != nil {
				return err
			}
			chunk = append(chunk, taken)
			bytes += taken.bytes()
		}
		before := (at - len(chunk)) * len(mutants)
		err := each(ctx, mutants, threads, func(ctx context.Context, m *mutant) error {
			for _, taken := range chunk {
				if err := m.take(ctx, taken, &r.header); err != nil {
					return err
				}
			}
			return nil
		}, func(done int) { progress(before + done*len(chunk)) })
		if err != nil {
			return err
		}
	}
	return nil
}

// each calls a function for everything, several at a time. done is told how many calls have ended, one call at a time.
func each[T any](ctx context.Context, all []T, threads int, call func(context.Context, T) error, done func(int)) error {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan T)
	var wait sync.WaitGroup
	var mutex sync.Mutex
	ended := 0
	for range min(threads, len(all)) {
		wait.Go(func() {
			for one := range work {
				if ctx.Err() != nil {
					continue
				}
				if err := call(ctx, one); err != nil {
					cancel(err)
				}
				mutex.Lock()
				ended++
				done(ended)
				mutex.Unlock()
			}
		})
	}
	for _, one := range all {
		work <- one
	}
	close(work)
	wait.Wait()
	return context.Cause(ctx)
}
