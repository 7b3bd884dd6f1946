// Package pool does many independent things, several at a time.
package pool

import (
	"context"
	"runtime"
	"sync"
)

// Each calls a function for every item, at most threads of them at a time; 0 threads is one a processor. done, where it is not nil, is told how many
// calls have ended, one call at a time. The first error ends it, as does ctx: what has not begun by then is left out.
func Each[T any](ctx context.Context, items []T, threads int, call func(context.Context, T) error, done func(int)) error {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work := make(chan T)
	var wait sync.WaitGroup
	var mutex sync.Mutex
	ended := 0
	for range min(threads, len(items)) {
		wait.Go(func() {
			for item := range work {
				if ctx.Err() != nil {
					continue
				}
				if err := call(ctx, item); err != nil {
					cancel(err)
				}
				if done != nil {
					mutex.Lock()
					ended++
					done(ended)
					mutex.Unlock()
				}
			}
		})
	}
	for _, item := range items {
		work <- item
	}
	close(work)
	wait.Wait()
	return context.Cause(ctx)
}
