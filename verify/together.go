package verify

import (
	"context"
	"errors"
	"sync"
)

// checker makes one check of a verification.
type checker func(context.Context) (*Check, error)

// together makes checks at the same time and gives them in their order. An error ends them all; of several it gives the first
// in that order, those aside which only say that the others were ended.
func together(ctx context.Context, checkers []checker) ([]Check, error) {
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	checks, errs := make([]*Check, len(checkers)), make([]error, len(checkers))
	var wait sync.WaitGroup
	for i, check := range checkers {
		wait.Go(func() {
			if checks[i], errs[i] = check(running); errs[i] != nil {
				cancel()
			}
		})
	}
	wait.Wait()
	var ended error
	for _, err := range errs {
		if err != nil && (ctx.Err() != nil || !errors.Is(err, context.Canceled)) {
			return nil, err
		}
		ended = errors.Join(ended, err)
	}
	if ended != nil {
		return nil, ended
	}
	found := make([]Check, len(checks))
	for i, check := range checks {
		found[i] = *check
	}
	return found, nil
}

// onceFor makes a function that works once, with the first caller's context, and gives everybody what came of it.
func onceFor[T any](work func(context.Context) (T, error)) func(context.Context) (T, error) {
	var once sync.Once
	var result T
	var err error
	return func(ctx context.Context) (T, error) {
		once.Do(func() { result, err = work(ctx) })
		return result, err
	}
}

// beside begins work beside that of the caller, who asks for what came of it with the function that it gives.
func beside[T any](work func() (T, error)) func() (T, error) {
	var result T
	var err error
	var running sync.WaitGroup
	running.Go(func() { result, err = work() })
	return func() (T, error) {
		running.Wait()
		return result, err
	}
}

// progress adds up how far checks are that run at the same time.
type progress struct {
	lock        sync.Mutex
	report      func(check string, done, total int64)
	done, total int64
}

func newProgress(report func(check string, done, total int64)) *progress {
	return &progress{report: report}
}

// of gives what a check of so many frames is to call with how many are done; nil where nobody asks.
func (p *progress) of(check string, total int64) func(frames int64) {
	if p.report == nil {
		return nil
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	p.total += total
	last := int64(0)
	return func(frames int64) {
		p.lock.Lock()
		defer p.lock.Unlock()
		p.done += frames - last
		last = frames
		p.report(check, p.done, p.total)
	}
}

// beside gives what work with a count of its own, which is not added up, is to call; nil where nobody asks.
func (p *progress) beside(work string) func(done, total int64) {
	if p.report == nil {
		return nil
	}
	return func(done, total int64) {
		p.lock.Lock()
		defer p.lock.Unlock()
		p.report(work, done, total)
	}
}
