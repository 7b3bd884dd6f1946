package kernel

import (
	"runtime"
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

// barrier lets a fixed number of workers go on when all have arrived. It spins: a step is far shorter than a wake-up.
type barrier struct {
	workers int64
	_       [56]byte // the counter has a cache line to itself
	arrived atomic.Int64
	_       [56]byte
}

// spins is how often a worker looks before it lets other goroutines run.
const spins = 4096

func (b *barrier) wait() {
	if b.workers == 1 {
		return
	}
	goal := (b.arrived.Add(1) + b.workers - 1) / b.workers * b.workers
	for n := 1; b.arrived.Load() < goal; n++ {
		if n%spins == 0 {
			runtime.Gosched()
		}
	}
}
