package suite

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// Options say how a suite is run.
type Options struct {
	// Results is the folder of the results. It is made where it is not there.
	Results string
	// Version is rnnsim's, for the summary; Build tells this program from any other, for the keys of the results.
	Version, Build string
	// Worker is the command of a process that calls ServeTask.
	Worker []string
	// Jobs is how many cases run at once; 0 is one a processor. Each gets its part of the processors.
	Jobs int
	// NoCache runs every case anew, RerunFailed those whose status is not OK.
	NoCache, RerunFailed bool
	// FailFast starts no case after one that is not OK.
	FailFast bool
	// Shuffle is the seed of a random order, or nil for that of the names. The summary does not depend on it.
	Shuffle *uint64
	Shard   Shard
	// Times are recorded run times, by which shards are balanced; all shards must be given the same.
	Times map[string]float64
	// Today (2006-01-02) decides which known failures are still excused.
	Today string
	// Progress is told of each case that is done, one call at a time. It may be nil.
	Progress func(Progress)
}

// Progress says how far a run is.
type Progress struct {
	Done, Total   int
	Cached        int // of Done, those whose result was there already
	OK, Failed    int
	Last          string // the case that was done last
	LastStatus    Status
	LastExplained string
	LastRan       bool // and was not known
}

// Run runs the cases and gives the summary of those of its shard. It keeps each result as soon as it is there, so that a run that is
// ended, by the context or by the death of the process, is resumed by the same call. Errors are about the run as a whole: whatever
// a case does is its result.
func Run(ctx context.Context, s *Suite, cases []Case, o Options) (*Summary, error) {
	results, err := openStore(o.Results)
	if err != nil {
		return nil, err
	}
	summary, err := run(ctx, s, cases, &o, results)
	return summary, errors.Join(err, results.close())
}

func run(ctx context.Context, s *Suite, cases []Case, o *Options, results *store) (*Summary, error) {
	p, err := makePlan(ctx, s, cases, o)
	if err != nil {
		return nil, err
	}
	if err := writeJSON(filepath.Join(o.Results, planFile), p); err != nil {
		return nil, err
	}
	r := &runner{plan: p, options: o, store: results, dir: s.Dir, found: map[string]*Result{}, took: map[string]float64{}}
	todo, err := r.recall(ctx)
	if err != nil {
		return nil, err
	}
	err = r.all(ctx, todo)
	if err := errors.Join(err, r.keepTimes()); err != nil {
		return nil, err
	}
	summary := summarize(p, r.found, o.Today)
	return summary, summary.WriteFile(filepath.Join(o.Results, SummaryFile))
}

type runner struct {
	plan    *plan
	options *Options
	store   *store
	dir     string

	mu    sync.Mutex
	found map[string]*Result // by key
	took  map[string]float64 // seconds by case
	state Progress
	stop  bool
	err   error
}

// recall takes what is known already and gives what is to be run, in its order.
func (r *runner) recall(ctx context.Context) ([]*planned, error) {
	var todo []*planned
	for i := range r.plan.Cases {
		c := &r.plan.Cases[i]
		if !r.plan.mine(c) {
			continue
		}
		r.state.Total++
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		known, err := r.store.read(c.Key)
		if err != nil {
			return nil, err
		}
		if known == nil || r.options.NoCache || !known.Outcome.repeatable() {
			todo = append(todo, c)
			continue
		}
		if status, _ := judge(c.Expectation, known, r.options.Today); r.options.RerunFailed && !status.OK() {
			todo = append(todo, c)
			continue
		}
		known.report = nil
		r.state.Cached++
		r.done(c, known, false)
	}
	if seed := r.options.Shuffle; seed != nil {
		rand.New(rand.NewPCG(*seed, 0)).Shuffle(len(todo), func(i, j int) { todo[i], todo[j] = todo[j], todo[i] })
	}
	return todo, nil
}

// all runs what is to be run, as many at once as there are jobs.
func (r *runner) all(ctx context.Context, todo []*planned) error {
	jobs := r.options.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	jobs = min(jobs, max(1, len(todo)))
	threads := max(1, runtime.GOMAXPROCS(0)/jobs)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan *planned)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for c := range queue {
				if err := r.one(ctx, c, threads); err != nil {
					r.fail(err)
					cancel() // the other processes end at once
				}
			}
		})
	}
	for _, c := range todo {
		if r.stopped() || ctx.Err() != nil {
			break
		}
		queue <- c
	}
	close(queue)
	workers.Wait()
	if r.err != nil {
		return r.err
	}
	return ctx.Err()
}

func (r *runner) one(ctx context.Context, c *planned, threads int) error {
	if r.stopped() {
		return nil
	}
	task := Task{Case: c.Case, Key: c.Key, Threads: threads}
	if c.Device != nil {
		var err error
		if task.Scratch, err = r.store.scratch(c.Key); err != nil {
			return err
		}
		defer os.RemoveAll(task.Scratch) // what is left is removed by the next run
	}
	started := time.Now()
	result, log, err := runTask(ctx, r.options.Worker, r.dir, task)
	if err != nil {
		return err
	}
	if err := r.store.write(result, log); err != nil {
		return err
	}
	result.report = nil // it is in the file, and a suite can have many
	r.mu.Lock()
	defer r.mu.Unlock()
	r.took[c.Name] = time.Since(started).Seconds()
	r.done(c, result, true)
	return nil
}

// done takes note of a result.
func (r *runner) done(c *planned, result *Result, ran bool) {
	r.found[c.Key] = result
	status, remark := judge(c.Expectation, result, r.options.Today)
	r.state.Done++
	if status.OK() {
		r.state.OK++
	} else {
		r.state.Failed++
		r.stop = r.stop || r.options.FailFast
	}
	r.state.Last, r.state.LastStatus, r.state.LastRan = c.Name, status, ran
	r.state.LastExplained = result.First
	if remark != "" {
		r.state.LastExplained = remark
	}
	if r.options.Progress != nil {
		r.options.Progress(r.state)
	}
}

func (r *runner) stopped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stop
}

// fail keeps the first error.
func (r *runner) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
}

// keepTimes adds the times of this run to those of earlier ones. A file that cannot be read is replaced.
func (r *runner) keepTimes() error {
	if len(r.took) == 0 {
		return nil
	}
	times, err := ReadTimes(r.store.dir)
	if err != nil {
		times = map[string]float64{}
	}
	maps.Copy(times, r.took)
	return writeJSON(filepath.Join(r.store.dir, timesFile), times)
}
