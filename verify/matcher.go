package verify

import (
	"fmt"
	"slices"

	"rnnsim/dump"
)

// frameKey names a frame on both sides.
type frameKey struct{ pair, sequence, step int }

// matcher holds the frames that only one side has yielded so far. Sides in the same order need one frame of memory; sides
// that order their sequences or cells differently need as much as they differ by, up to a limit.
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

// offer brings a frame of one side. It gives the twin when the other side has yielded it, and keeps a copy otherwise.
func (m *matcher) offer(side int, key frameKey, frame *dump.Frame) (twin *dump.Frame, err error) {
	if twin, ok := m.waiting[1-side][key]; ok {
		delete(m.waiting[1-side], key)
		m.bytes -= frameBytes(twin)
		return twin, nil
	}
	if _, twice := m.waiting[side][key]; twice {
		return nil, fmt.Errorf("match frames: sequence %d, step %d comes twice in one trace", key.sequence, key.step)
	}
	kept := &dump.Frame{}
	if n := len(m.free); n > 0 {
		kept, m.free = m.free[n-1], m.free[:n-1]
	}
	copyFrame(kept, frame)
	m.waiting[side][key] = kept
	m.bytes += frameBytes(kept)
	if m.bytes > m.limit {
		return nil, fmt.Errorf("match frames: %d frames wait for their twins and take more than %d MB: the two traces are ordered too differently; write them in the same order of cells and sequences, or compare fewer nodes",
			len(m.waiting[0])+len(m.waiting[1]), m.limit>>20)
	}
	return nil, nil
}

// release gives back a twin that offer gave.
func (m *matcher) release(frame *dump.Frame) {
	if len(m.free) < pipeDepth {
		m.free = append(m.free, frame)
	}
}

const maxRanges = 32

// leftovers reports the frames of one side that never met a twin.
func (m *matcher) leftovers(side int, p *pairing, into *Missing) {
	keys := make([]frameKey, 0, len(m.waiting[side]))
	for key := range m.waiting[side] {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b frameKey) int {
		if a.pair != b.pair {
			return a.pair - b.pair
		}
		if a.sequence != b.sequence {
			return a.sequence - b.sequence
		}
		return a.step - b.step
	})
	for _, key := range keys {
		into.addFrame(p.cells[key.pair].cell.Graph, key.sequence, key.step)
	}
}

// addFrame counts a frame and joins it to the last range where it follows it.
func (m *Missing) addFrame(graph string, sequence, step int) {
	m.Frames++
	if n := len(m.Ranges); n > 0 {
		last := &m.Ranges[n-1]
		if last.Graph == graph && last.Sequence == sequence && last.Last == step-1 {
			last.Last = step
			return
		}
	}
	if len(m.Ranges) < maxRanges {
		m.Ranges = append(m.Ranges, FrameRange{Graph: graph, Sequence: sequence, First: step, Last: step})
	}
}
