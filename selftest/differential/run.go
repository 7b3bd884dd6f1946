package differential

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"rnnsim/sim"
)

// Options says what is run.
type Options struct {
	Seed uint64
	// First is the number of the first case; a report names the number of the one that differed.
	First uint64
	// Cells is after how many cells no further network is begun; 0 is no bound but Duration.
	Cells    uint64
	Duration time.Duration // 0 is no bound but Cells
	// Jobs is how many networks are run at once; 0 is one a processor.
	Jobs int
	// Processors are the numbers of processors to give the runtime in turn (runtime.GOMAXPROCS): bugs of what runs at once hide
	// where there are fewer of them than threads. None leaves it alone. It is for a program that does nothing else.
	Processors []int
	// Save is the folder to be made for a difference, once it is shrunk; empty saves none.
	Save string
	// Version is told in what is saved.
	Version string
	// Progress is called now and then with the number of cells done.
	Progress func(cells uint64)

	engines []engine // what to run instead of all; for tests
}

// Report is what was run.
type Report struct {
	Seed     uint64           `json:"seed"`
	First    uint64           `json:"first"`
	Networks uint64           `json:"networks"`
	Cells    uint64           `json:"cells"`
	Values   int64            `json:"values"`  // of the exact reference's traces, each held against every way
	Kernels  map[string]int64 `json:"kernels"` // cells by engine and the code that ran them
	Seconds  float64          `json:"seconds"`
	Found    *Found           `json:"found,omitempty"`
}

// Found is a difference, shrunk.
type Found struct {
	Case    *Case  `json:"-"` // shrunk
	Number  uint64 `json:"network"`
	Drawn   string `json:"drawn"`  // how large it was
	Shrunk  string `json:"shrunk"` // how large it is
	First   string `json:"first_difference"`
	Message string `json:"difference"` // of the shrunk case
	Tries   int    `json:"tries"`
	Saved   string `json:"saved,omitempty"`
	Command string `json:"command,omitempty"` // that shows it
}

// batch is how many networks are run between two changes of the number of processors.
const batch = 64

// Run draws and runs networks until the bounds are reached or one differs, which it shrinks and saves. Where ctx is cancelled, the
// report of what was run comes with the error.
func Run(ctx context.Context, o Options) (*Report, error) {
	if o.Cells == 0 && o.Duration == 0 {
		return nil, errors.New("run random cells: neither a number of cells nor a time is given")
	}
	if o.Jobs == 0 {
		o.Jobs = runtime.GOMAXPROCS(0)
	}
	if o.engines == nil {
		o.engines = engines()
	}
	if len(o.Processors) > 0 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	}
	r := &Report{Seed: o.Seed, First: o.First, Kernels: map[string]int64{}}
	start := time.Now()
	for round := 0; ; round++ {
		if o.Cells > 0 && r.Cells >= o.Cells || o.Duration > 0 && time.Since(start) >= o.Duration {
			break
		}
		if len(o.Processors) > 0 {
			runtime.GOMAXPROCS(o.Processors[round%len(o.Processors)])
		}
		failed, err := r.batch(ctx, &o)
		if err != nil {
			r.Seconds = time.Since(start).Seconds()
			return r, err
		}
		if failed != nil {
			if r.Found, err = failed.investigate(ctx, &o); err != nil {
				return nil, err
			}
			break
		}
		if o.Progress != nil {
			o.Progress(r.Cells)
		}
	}
	r.Seconds = time.Since(start).Seconds()
	return r, nil
}

// failure is a case that an engine did not run as the exact reference does.
type failure struct {
	c      *Case
	engine *engine
	err    error
}

// batch runs the next cases, and gives the failure with the lowest number.
func (r *Report) batch(ctx context.Context, o *Options) (*failure, error) {
	var lock sync.Mutex
	var failures []*failure
	var work sync.WaitGroup
	var fatal error
	next := o.First + r.Networks
	end := next + batch
	for range o.Jobs {
		work.Go(func() {
			for {
				lock.Lock()
				number := next
				next++
				stop := number >= end || o.Cells > 0 && r.Cells >= o.Cells || fatal != nil || ctx.Err() != nil
				lock.Unlock()
				if stop {
					return
				}
				c := Draw(o.Seed, number)
				kernels := map[string]int64{}
				values, failed, err := c.run(ctx, o.engines, kernels)
				lock.Lock()
				if err != nil && fatal == nil {
					fatal = fmt.Errorf("run network %d of seed %d: %w", number, o.Seed, err)
				}
				if failed != nil {
					failures = append(failures, failed)
				}
				r.Networks++
				r.Cells += uint64(len(c.cells()))
				r.Values += values
				for name, n := range kernels {
					r.Kernels[name] += n
				}
				lock.Unlock()
			}
		})
	}
	work.Wait()
	if fatal == nil {
		fatal = ctx.Err()
	}
	if fatal != nil || len(failures) == 0 {
		return nil, fatal
	}
	return slices.MinFunc(failures, func(a, b *failure) int { return int(a.c.Number) - int(b.c.Number) }), nil
}

// run runs a case in every way. An error is of the case itself: it could not be built, or the reference could not run it.
func (c *Case) run(ctx context.Context, engines []engine, kernels map[string]int64) (values int64, failed *failure, err error) {
	r, err := c.prepare(ctx, kernels)
	if err != nil {
		return 0, nil, err
	}
	for i := range engines {
		if err := r.check(ctx, &engines[i]); err != nil {
			if ctx.Err() != nil {
				return 0, nil, ctx.Err()
			}
			return 0, &failure{c, &engines[i], err}, nil
		}
	}
	return int64(len(r.trace.values)), nil, nil
}

func (c *Case) prepare(ctx context.Context, kernels map[string]int64) (*run, error) {
	m, err := c.Model()
	if err != nil {
		return nil, err
	}
	plan, err := sim.Compile(m, sim.Options{Compat: c.Compat, Threads: c.Threads, NodeByNode: true})
	if err != nil {
		return nil, err
	}
	w, err := reference(ctx, c, m)
	if err != nil {
		return nil, err
	}
	return &run{c, w, m, plan, kernels}, nil
}

// check runs the case in one way. A panic is a finding like any other.
func (r *run) check(ctx context.Context, e *engine) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: panic: %v", e.name, p)
		}
	}()
	return e.check(ctx, r)
}
