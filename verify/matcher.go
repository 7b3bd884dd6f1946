package verify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"rnnsim/dump"
)

// frameKey names a frame on both sides.
type frameKey struct{ pair, sequence, step int }

func (k frameKey) compare(o frameKey) int {
	return cmp.Or(cmp.Compare(k.pair, o.pair), cmp.Compare(k.sequence, o.sequence), cmp.Compare(k.step, o.step))
}

// matcher holds the frames that only one side has yielded so far. Sides in the same order need one frame of memory; sides
// that order their sequences or cells differently need as much as they differ by.
type matcher struct {
	waiting [2]map[frameKey]*dump.Frame
	free    []*dump.Frame
	bytes   int64
	limit   int64
}

const (
	gotSide = iota
	wantSide
)

func newMatcher(limit int64) *matcher {
	if limit == 0 {
		limit = DefaultPending
	}
	return &matcher{waiting: [2]map[frameKey]*dump.Frame{{}, {}}, limit: limit}
}

// full says that more waits than should.
func (m *matcher) full() bool { return m.bytes > m.limit }

// twin gives the frame of the other side, where that has yielded it, for release.
func (m *matcher) twin(side int, key frameKey) *dump.Frame {
	twin, ok := m.waiting[1-side][key]
	if ok {
		delete(m.waiting[1-side], key)
		m.bytes -= frameBytes(twin)
	}
	return twin
}

// keep keeps a copy of a frame whose twin is to come.
func (m *matcher) keep(side int, key frameKey, frame *dump.Frame) error {
	if _, twice := m.waiting[side][key]; twice {
		return fmt.Errorf("match frames: sequence %d, step %d comes twice in one trace", key.sequence, key.step)
	}
	kept := &dump.Frame{}
	if n := len(m.free); n > 0 {
		kept, m.free = m.free[n-1], m.free[:n-1]
	}
	copyFrame(kept, frame)
	m.waiting[side][key] = kept
	m.bytes += frameBytes(kept)
	return nil
}

// release gives back a twin.
func (m *matcher) release(frame *dump.Frame) {
	if len(m.free) < pipeDepth {
		m.free = append(m.free, frame)
	}
}

// left are the frames of one side that have not met a twin, ascending.
func (m *matcher) left(side int) []frameKey {
	return slices.SortedFunc(maps.Keys(m.waiting[side]), frameKey.compare)
}
