package kernel

import (
	"runtime"
	"sync/atomic"
	"time"
)

// job is what the workers of a team do together: the products with x of a chunk that begins at a step, or its steps
// from…to.
type job struct {
	begin    int
	from, to int
	steps    bool
	workers  int // that share it; the others pass
	stop     bool
}

// team is a leader and its helpers. The leader posts jobs; helpers spin for a little while between them, then sleep.
type team struct {
	workers []*worker
	posted  job
	epoch   atomic.Int64 // counts the jobs posted
	done    atomic.Int64 // counts the helpers that are through with their jobs
	barrier barrier
	sleep   []sleeper
}

// sleeper is how a helper sleeps until it is woken.
type sleeper struct {
	asleep atomic.Bool
	wake   chan struct{}
}

// run starts the helpers, lets the leader work, and ends the helpers.
func (t *team) run(lead func()) {
	t.sleep = make([]sleeper, len(t.workers))
	for n := 1; n < len(t.workers); n++ {
		t.sleep[n].wake = make(chan struct{}, 1)
		go t.help(n)
	}
	lead()
	if len(t.workers) > 1 {
		t.share(job{stop: true, workers: len(t.workers)})
	}
}

// share runs a job on all workers that it names, the leader among them, and returns when it is done.
func (t *team) share(j job) {
	if j.workers == 1 {
		t.workers[0].do(j)
		return
	}
	t.posted = j
	t.barrier.start(j.workers)
	goal := t.done.Load() + int64(len(t.workers)-1)
	t.epoch.Add(1)
	for n := 1; n < len(t.workers); n++ {
		if s := &t.sleep[n]; s.asleep.CompareAndSwap(true, false) {
			s.wake <- struct{}{}
		}
	}
	t.workers[0].do(j)
	spinUntil(func() bool { return t.done.Load() == goal })
}

// help does the helper's part of each job, until one says stop.
func (t *team) help(n int) {
	for epoch := int64(1); ; epoch++ {
		t.await(n, epoch)
		j := t.posted
		if n < j.workers {
			t.workers[n].do(j)
		}
		t.done.Add(1)
		if j.stop {
			return
		}
	}
}

// naptime is the number of looks after which a helper goes to sleep: some tens of microseconds.
const naptime = 1 << 15

// await returns when the job of an epoch is posted. A helper that was quick can fall asleep for the next job while the leader
// still goes round waking sleepers for the last one, so being woken proves nothing: only the epoch does.
func (t *team) await(n int, epoch int64) {
	s := &t.sleep[n]
	for {
		for look := range naptime {
			if t.epoch.Load() >= epoch {
				return
			}
			if look%spins == spins-1 {
				runtime.Gosched() // the leader may be waiting for this very processor
			}
		}
		s.asleep.Store(true)
		if t.epoch.Load() >= epoch && s.asleep.CompareAndSwap(true, false) {
			return
		}
		<-s.wake
	}
}

// barrier lets the workers of a job go on when all have arrived. It spins: a step is far shorter than a wake-up.
type barrier struct {
	workers int64
	arrived atomic.Int64
}

func (b *barrier) start(workers int) {
	b.workers = int64(workers)
	b.arrived.Store(0)
}

func (b *barrier) wait() {
	if b.workers == 1 {
		return
	}
	goal := (b.arrived.Add(1) + b.workers - 1) / b.workers * b.workers
	spinUntil(func() bool { return b.arrived.Load() >= goal })
}

// A waiter looks so often before it gives way to other goroutines, and gives way so often before it gives the processor to
// other programs, of which one may be what the other worker is waiting for.
const (
	spins  = 1 << 11
	yields = 16
	nap    = 10 * time.Microsecond
)

func spinUntil(done func() bool) {
	for n := 1; !done(); n++ {
		switch {
		case n%spins != 0:
		case n < spins*yields:
			runtime.Gosched()
		default:
			time.Sleep(nap)
		}
	}
}

// pace decides from measured times whether dividing a cell's steps among workers pays. On a machine that is busy with other
// work it does not: whenever one worker is put aside, all wait for it. It is kept from run to run.
type pace struct {
	alone  time.Duration // of one step of one column, last measured; 0 is unknown
	saved  time.Duration // what sharing has gained of late, out of which a window that loses is paid
	debt   time.Duration // time to be worked alone before sharing is tried again
	shared int           // windows since alone was measured
	always bool          // share, whatever it costs
}

// A decision holds for a window of steps that takes about windowTime: each window begins and ends with all workers waiting for one another,
// which shorter ones would do too often.
const (
	windowTime  = 500 * time.Microsecond
	fewestSteps = 4
	mostSteps   = 64
)

// window is the number of steps of the next window.
func (p *pace) window() int {
	if p.alone == 0 {
		return fewestSteps
	}
	return int(min(max(windowTime/p.alone, fewestSteps), mostSteps))
}

// repay makes the time that is lost by trying at most one part in so many of the whole.
const repay = 20

// mostSaved is how much that sharing has gained counts: one interruption is forgiven, and a machine that stays busy is soon noticed.
const mostSaved = time.Millisecond

// lookAgain is for how many windows that were shared the time of one alone holds. It may have been measured in a slow moment.
const lookAgain = 128

// workers is how many of a team's workers to use for the next window.
func (p *pace) workers(team int) int {
	if p.always || team > 1 && p.alone > 0 && p.debt <= 0 {
		return team
	}
	return 1
}

// measured takes the time of a window in.
func (p *pace) measured(workers, steps int, d time.Duration) {
	each := max(d/time.Duration(steps), 1)
	if workers == 1 {
		p.alone, p.debt, p.shared = each, p.debt-d, 0
		return
	}
	p.shared++
	p.saved = min(p.saved+(p.alone-each)*time.Duration(steps), mostSaved)
	if p.saved < 0 {
		p.debt, p.saved = -p.saved*repay, 0
		p.alone = 0 // it may have become slower too
	}
	if p.shared == lookAgain {
		p.alone = 0
	}
}
