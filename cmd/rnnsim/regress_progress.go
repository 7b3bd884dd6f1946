package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"rnnsim/suite"
)

// logInterval is how often a run tells a log how far it is: seldom enough to be read, often enough that no CI takes it for dead.
const logInterval = 30 * time.Second

// regressProgress tells how far a run of a suite is: with a bar on a terminal, elsewhere with a line now and then. A run that is
// done within logInterval is silent there.
type regressProgress struct {
	bar      *progress
	out      io.Writer
	now      func() time.Time
	started  time.Time
	logged   time.Time
	failures []string // since the last line
	last     suite.Progress
}

func newRegressProgress(ctx context.Context, stderr io.Writer) *regressProgress {
	p := &regressProgress{bar: newProgress(ctx, stderr, "cases"), out: stderr, now: time.Now}
	p.started = p.now()
	p.logged = p.started
	return p
}

func (p *regressProgress) update(state suite.Progress) {
	p.last = state
	if p.bar.out != nil {
		p.bar.note(fmt.Sprintf("%d ok, %d not", state.OK, state.Failed))
		p.bar.update(state.Done, state.Total)
		return
	}
	if !state.LastStatus.OK() && state.LastRan {
		p.failures = append(p.failures, fmt.Sprintf("%s: %s", state.LastStatus, state.Last))
	}
	if now := p.now(); now.Sub(p.logged) >= logInterval && state.Done < state.Total {
		p.log(now)
	}
}

// log writes a line, after those of what failed since the last one.
func (p *regressProgress) log(now time.Time) {
	const most = 10
	for i, failure := range p.failures {
		if i == most {
			fmt.Fprintf(p.out, "rnnsim: and %d more\n", len(p.failures)-most)
			break
		}
		fmt.Fprintf(p.out, "rnnsim: %q\n", failure)
	}
	p.failures, p.logged = nil, now
	line := fmt.Sprintf("%d of %d cases, %d ok, %d not", p.last.Done, p.last.Total, p.last.OK, p.last.Failed)
	if ran := p.last.Done - p.last.Cached; ran > 0 {
		each := now.Sub(p.started) / time.Duration(ran)
		left := (time.Duration(p.last.Total-p.last.Done) * each).Round(time.Second)
		line += fmt.Sprintf(", %.1f a second, %v left", 1/each.Seconds(), left)
	}
	fmt.Fprintf(p.out, "rnnsim: %s\n", line)
}

func (p *regressProgress) stop() { p.bar.stop() }
