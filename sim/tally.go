package sim

import (
	"sync"

	"rnnsim/dump"
)

// tally counts the frames of a run for Options.Progress.
type tally struct {
	lock        sync.Mutex
	done, total int
	report      func(done, total int)
}

// newTally is nil where nobody asks for progress.
func (p *Plan) newTally(sequences []dump.Sequence) *tally {
	if p.options.Progress == nil {
		return nil
	}
	features, _ := p.Input()
	t := &tally{report: p.options.Progress}
	for _, s := range sequences {
		t.total += (len(s.Float) + len(s.Fixed)) / features * len(p.programs)
	}
	return t
}

func (t *tally) add(frames int) {
	if t == nil {
		return
	}
	t.lock.Lock()
	defer t.lock.Unlock()
	t.done += frames
	t.report(t.done, t.total)
}
