package main

import (
	"context"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// progressDelay is how long work may take before it gets a bar: what is done within a second needs none.
const progressDelay = time.Second

// progress shows one bar on standard error, for work that lasts longer than progressDelay, where standard error is a
// terminal. Elsewhere it is silent.
type progress struct {
	ctx     context.Context
	out     io.Writer
	unit    string
	started time.Time
	bars    *mpb.Progress
	bar     *mpb.Bar
	said    atomic.Value // a string that stands behind the counters
}

func newProgress(ctx context.Context, stderr io.Writer, unit string) *progress {
	p := &progress{ctx: ctx, unit: unit, started: time.Now()}
	if file, ok := stderr.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.out = stderr
	}
	return p
}

// update says how far the work is. It must be called from one goroutine at a time.
func (p *progress) update(done, total int) {
	if p.out == nil {
		return
	}
	if p.bar == nil {
		if time.Since(p.started) < progressDelay || done >= total {
			return
		}
		p.bars = mpb.NewWithContext(p.ctx, mpb.WithOutput(p.out), mpb.WithWidth(40))
		p.bar = p.bars.AddBar(int64(total),
			mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.CountersNoUnit("%d/%d "+p.unit), decor.Any(p.noted)),
			mpb.AppendDecorators(
				decor.AverageSpeed(0, "%.0f "+p.unit+"/s", decor.WCSyncSpace),
				decor.Name(" left "),
				decor.AverageETA(decor.ET_STYLE_GO, decor.WCSyncSpace),
			))
		// The averages start at the bar's birth, but part of the work was done before it.
		p.bar.DecoratorAverageAdjust(p.started)
	}
	p.bar.SetTotal(int64(total), false) // the next piece of work may begin only now
	p.bar.SetCurrent(int64(done))
}

// note sets what stands behind the counters.
func (p *progress) note(text string) { p.said.Store(", " + text) }

func (p *progress) noted(decor.Statistics) string {
	text, _ := p.said.Load().(string)
	return text
}

// stop clears the bar, whatever became of the work. It must be called before anything else is printed.
func (p *progress) stop() {
	if p.bar == nil {
		return
	}
	p.bar.Abort(true)
	p.bars.Wait()
	p.bar = nil
}
