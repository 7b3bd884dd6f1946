package verify

import (
	"rnnsim/fault"
)

// walker follows one cell through a record.
type walker struct {
	follower       *fault.Follower
	sequence, step int
	started        bool
}

// visit computes a frame. compare is called for each node that was recorded and could be computed.
func (w *walker) visit(r *record, f *recordFrame, compare func(node int, computed, recorded []int16)) {
	if !w.started || f.sequence != w.sequence || f.step != w.step+1 {
		if f.step == 0 {
			w.follower.Begin(r.initial(f))
		} else {
			w.follower.Resume(r.initial(f), f.step)
		}
	}
	w.started, w.sequence, w.step = true, f.sequence, f.step
	w.follower.Frame(f.entry, f.values, func(node int, computed []int16) {
		if recorded := f.values[node]; recorded != nil {
			compare(node, computed, recorded)
		}
	})
}

// different counts the places in which two columns differ.
func different(a, b []int16) int64 {
	var n int64
	for i, v := range a {
		if v != b[i] {
			n++
		}
	}
	return n
}

// excerpt is a stretch of a record in memory: some steps of a sequence of a cell, and the frames before it that a stale state can reach.
type excerpt struct {
	cell    int
	prelude []recordFrame
	frames  []recordFrame
}

// walk follows an excerpt.
func (e *excerpt) walk(r *record, f *fault.Follower, compare func(node int, computed, recorded []int16)) {
	w := walker{follower: f}
	f.Resume(fault.Initial{}, 0)
	for i := range e.prelude {
		p := &e.prelude[i]
		if i == 0 {
			f.Resume(fault.Initial{}, p.step)
		}
		f.Frame(p.entry, p.values, nil)
	}
	for i := range e.frames {
		w.visit(r, &e.frames[i], compare)
	}
}

// deepest is how many steps back a fault's state can reach.
const deepest = 2

// sampler chooses the excerpts of a record that faults are tried on first: sequences in which something is wrong, some for each
// wrong node.
type sampler struct {
	excerpts []*excerpt
	now      []*excerpt      // a cell: the sequence that is being read
	wrong    []map[int]bool  // a cell: the nodes that are wrong in it
	last     [][]recordFrame // a cell: the frames before
	seen     []map[int]int   // a cell: how many excerpts show a node wrong
	bytes    int64           // of all excerpts
	prefix   bool            // the trace lacks nodes: only what comes before can say what they held
	chosen   []int           // a cell: excerpts
}

const (
	maxExcerpts     = 24 // a cell
	showings        = 4  // excerpts that show a node wrong
	maxSampleBytes  = 64 << 20
	maxExcerptSteps = 256
)

func newSampler(cells int, prefix bool) *sampler {
	s := &sampler{now: make([]*excerpt, cells), last: make([][]recordFrame, cells), prefix: prefix, chosen: make([]int, cells)}
	for range cells {
		s.wrong, s.seen = append(s.wrong, map[int]bool{}), append(s.seen, map[int]int{})
	}
	return s
}

// add takes a frame; wrong are the nodes that are wrong in it.
func (s *sampler) add(f *recordFrame, wrong []int) {
	c := f.cell
	if now := s.now[c]; now == nil || now.frames[0].sequence != f.sequence {
		s.decide(c)
		s.now[c] = &excerpt{cell: c, prelude: append([]recordFrame(nil), s.last[c]...)}
		clear(s.wrong[c])
	}
	kept := f.clone()
	if now := s.now[c]; len(now.frames) < maxExcerptSteps {
		now.frames = append(now.frames, kept)
		for _, n := range wrong {
			s.wrong[c][n] = true
		}
	}
	if s.last[c] = append(s.last[c], kept); len(s.last[c]) > deepest {
		s.last[c] = append([]recordFrame(nil), s.last[c][1:]...)
	}
}

// decide keeps or drops the sequence that was read.
func (s *sampler) decide(cell int) {
	e := s.now[cell]
	if e == nil {
		return
	}
	wanted := s.prefix && s.chosen[cell] < maxExcerpts
	for n := range s.wrong[cell] {
		wanted = wanted || s.seen[cell][n] < showings
	}
	if !wanted || s.bytes > maxSampleBytes {
		return
	}
	for n := range s.wrong[cell] {
		s.seen[cell][n]++
	}
	for i := range e.frames {
		for _, values := range e.frames[i].values {
			s.bytes += 24 + 2*int64(len(values))
		}
	}
	s.chosen[cell]++
	s.excerpts = append(s.excerpts, e)
}

func (f *recordFrame) clone() recordFrame {
	c := *f
	c.values = make([][]int16, len(f.values))
	for i, values := range f.values {
		if values != nil {
			c.values[i] = append([]int16(nil), values...)
		}
	}
	return c
}
