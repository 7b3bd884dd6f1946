package verify

import (
	"context"
	"errors"
	"fmt"
	"io"

	"rnnsim/dump"
	"rnnsim/internal/numberset"
)

// Comparison is what Compare found.
type Comparison struct {
	Counts Counts `json:"counts"`
	// First is the first divergence in the order of sequence, cell, step and node; More are those that follow it.
	First *Divergence  `json:"first,omitempty"`
	More  []Divergence `json:"more,omitempty"`
	// Divergences counts all of them, also those not kept: one is a node at a step.
	Divergences int64       `json:"divergences"`
	Nodes       []NodeStats `json:"nodes,omitempty"`
	// OnlyGot and OnlyWant are what only one side has; nothing of it was compared.
	OnlyGot  Missing  `json:"only_got"`
	OnlyWant Missing  `json:"only_want"`
	Notes    []string `json:"notes,omitempty"`

	informative bool
}

// Counts says how much was compared, and with what outcome.
type Counts struct {
	Cells     int   `json:"cells"`
	Sequences int   `json:"sequences"`
	Steps     int64 `json:"steps"` // frames: one is one cell at one step
	Nodes     int   `json:"nodes"`
	Values    int64 `json:"values"`

	Equal       int64 `json:"equal"`
	Tolerated   int64 `json:"tolerated,omitempty"`   // differ within the tolerance that was asked for
	Explained   int64 `json:"explained,omitempty"`   // differ as float32 arithmetic can, proved
	Misreported int64 `json:"misreported,omitempty"` // differ as an 8-bit dump is known to
	Wrong       int64 `json:"wrong"`
}

// Verdict is Pass where everything compared is equal, Fail where something differs or one side lacks frames that the other
// has, Nothing where no value was compared. Nodes and graphs that only one side has are listed and do not fail.
func (c *Comparison) Verdict() Verdict {
	switch {
	case c.Counts.Values == 0:
		return Nothing
	case c.informative:
		return Pass
	case c.Counts.Wrong > 0 || c.OnlyGot.Frames > 0 || c.OnlyWant.Frames > 0:
		return Fail
	}
	return Pass
}

// Compare holds the frames of got against those of want, matched by graph, sequence and step. It reads both sources once, at
// the same time, and closes neither. Frames are kept until their twins come; where that would take more than Options.Pending, for the
// sides have their sequences in different orders, one side is read in the order of the other: see dump.RestOf. An error is about reading or
// about the options; that the sides differ is no error.
func Compare(ctx context.Context, got, want dump.Source, options Options) (*Comparison, error) {
	if err := options.validate(); err != nil {
		return nil, fmt.Errorf("compare traces: %w", err)
	}
	c := newComparer(got.Header(), want.Header(), options)
	for side, source := range []dump.Source{gotSide: got, wantSide: want} {
		if noter, ok := source.(dump.Noter); ok {
			for _, note := range noter.Notes() {
				c.pairs.notes = append(c.pairs.notes, [2]string{"got", "wanted"}[side]+" side: "+note)
			}
		}
	}
	if err := c.run(ctx, [2]dump.Source{gotSide: got, wantSide: want}); err != nil {
		return nil, fmt.Errorf("compare traces: %w", err)
	}
	result, err := c.finish()
	if err != nil {
		return nil, fmt.Errorf("compare traces: %w", err)
	}
	return result, nil
}

func (c *comparer) run(ctx context.Context, sides [2]dump.Source) error {
	var frames [2]dump.Frame
	for !c.ended[gotSide] || !c.ended[wantSide] {
		for side, source := range sides {
			if c.ended[side] {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			err := source.Next(&frames[side])
			if errors.Is(err, io.EOF) {
				c.ended[side] = true
				continue
			}
			if err != nil {
				return sideError(side, err)
			}
		}
		if err := c.takeBoth(&frames); err != nil {
			return err
		}
		if c.matcher.full() && !c.ended[gotSide] && !c.ended[wantSide] {
			return c.follow(ctx, sides)
		}
	}
	return nil
}

// comparer is the state of one comparison.
type comparer struct {
	options Options
	pairs   *pairing
	onlyGot Missing
	matcher *matcher
	missing [2]missingFrames // that the side has and the other has not
	ended   [2]bool
	latest  [2][]int // sequence of the last frame, by side and pair
	cells   []*cellComparer
	found   divergences
	seen    numberset.Set // sequences
	frames  int64
}

func newComparer(got, want dump.Header, options Options) *comparer {
	pairs, onlyGot := pair(got, want, options)
	pairs.notes = append(pairs.notes, options.unused(got, want)...)
	c := &comparer{
		options: options,
		pairs:   pairs,
		onlyGot: onlyGot,
		matcher: newMatcher(options.Pending),
		found:   divergences{limit: options.kept()},
		latest:  [2][]int{make([]int, len(pairs.cells)), make([]int, len(pairs.cells))},
	}
	for i := range pairs.cells {
		c.cells = append(c.cells, newCellComparer(&pairs.cells[i], &c.options))
	}
	return c
}

// takeBoth accepts the next frame of each side that has one. Sides in the same order bring twins, which need not be kept.
func (c *comparer) takeBoth(frames *[2]dump.Frame) error {
	if !c.ended[gotSide] && !c.ended[wantSide] {
		got, gotPaired := c.key(gotSide, &frames[gotSide])
		want, wantPaired := c.key(wantSide, &frames[wantSide])
		if gotPaired && wantPaired && got == want {
			c.latest[gotSide][got.pair], c.latest[wantSide][got.pair] = got.sequence, got.sequence
			c.compare(got.pair, &frames[gotSide], &frames[wantSide])
			return nil
		}
	}
	for side := range frames {
		if c.ended[side] {
			continue
		}
		if err := c.take(side, &frames[side]); err != nil {
			return err
		}
	}
	return nil
}

// key names a frame of one side; it is not paired where the other side has no such cell, or nobody asks for its step.
func (c *comparer) key(side int, frame *dump.Frame) (key frameKey, paired bool) {
	index := c.pairs.ofGot
	if side == wantSide {
		index = c.pairs.ofWant
	}
	pair, paired := index[frame.Cell]
	return frameKey{pair: pair, sequence: frame.Sequence, step: frame.Step}, paired && c.options.picks(frame.Sequence, frame.Step)
}

// take accepts the next frame of one side, and compares it if its twin has come.
func (c *comparer) take(side int, frame *dump.Frame) error {
	key, paired := c.key(side, frame)
	if !paired {
		return nil
	}
	c.latest[side][key.pair] = key.sequence
	if twin := c.matcher.twin(side, key); twin != nil {
		c.compareSides(side, key.pair, frame, twin)
		c.matcher.release(twin)
		return nil
	}
	if c.ended[1-side] {
		return c.missing[side].add(key)
	}
	return c.matcher.keep(side, key, frame)
}

// compareSides compares a frame of one side with that of the other.
func (c *comparer) compareSides(side, pair int, frame, twin *dump.Frame) {
	if side == gotSide {
		c.compare(pair, frame, twin)
	} else {
		c.compare(pair, twin, frame)
	}
}

func (c *comparer) compare(pair int, got, want *dump.Frame) {
	c.cells[pair].compare(got, want, &c.found)
	c.seen.Add(got.Sequence)
	c.frames++
	const often = 1024
	if c.options.Progress != nil && c.frames%often == 0 {
		c.options.Progress(c.frames)
	}
}

func (c *comparer) finish() (*Comparison, error) {
	result := &Comparison{
		OnlyGot:     c.onlyGot,
		OnlyWant:    c.pairs.missed,
		Notes:       c.pairs.notes,
		Divergences: c.found.total,
		informative: c.options.Informative,
	}
	for side, into := range []*Missing{gotSide: &result.OnlyGot, wantSide: &result.OnlyWant} {
		for _, key := range c.matcher.left(side) {
			if err := c.missing[side].add(key); err != nil {
				return nil, sideError(side, err)
			}
		}
		c.missing[side].tell(c.pairs, into)
	}
	result.Counts.Sequences = c.seen.Len()
	result.Counts.Steps = c.frames
	for _, cell := range c.cells {
		nodes := cell.finish()
		compared := false
		for _, n := range nodes {
			if n.Compared == 0 {
				continue
			}
			compared = true
			result.Counts.Nodes++
			result.Counts.Values += n.Compared
			result.Counts.Wrong += n.Different
			result.Counts.Tolerated += n.Tolerated
			result.Counts.Equal += n.Compared - n.Different - n.Tolerated
		}
		if compared {
			result.Counts.Cells++
		}
		result.Nodes = append(result.Nodes, nodes...)
	}
	if c.frames == 0 && len(c.pairs.cells) > 0 && (c.options.Sequence != nil || c.options.Steps != Steps{}) {
		result.Notes = append(result.Notes, "no frame of both sides is of the steps and the sequence to compare")
	}
	sorted := c.found.sorted()
	if len(sorted) > 0 {
		result.First, result.More = &sorted[0], sorted[1:]
	}
	if c.options.Progress != nil {
		c.options.Progress(c.frames)
	}
	return result, nil
}
