package kernel

import (
	"sync"
	"sync/atomic"
)

// each calls work for 0 … n-1, on up to the given number of threads, and returns when all are done.
func each(n, threads int, work func(n int)) {
	threads = min(threads, n)
	if threads <= 1 {
		for k := range n {
			work(k)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range threads {
		wait.Go(func() {
			for k := int(next.Add(1)) - 1; k < n; k = int(next.Add(1)) - 1 {
				work(k)
			}
		})
	}
	wait.Wait()
}
