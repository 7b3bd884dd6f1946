package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"rnnsim/dump"
	"rnnsim/internal/numberset"
)

// following is a comparison of sides that order their sequences so differently that frames are not kept until their twins come. One
// side leads: its frames are taken as they come. What is left of the other is read in the leader's order.
type following struct {
	*comparer
	lead  int
	rest  dump.Rest
	cells []followedCell // by pair
	order []dump.Order   // of the leader, by pair
}

// followedCell is where the side that follows is being read.
type followedCell struct {
	cell     int // of its header
	sequence int // that was sought last; -1 before the first
	sought   numberset.Set
	frame    dump.Frame
	left     bool // frame is there, and has not met a twin
}

// follow compares what is left of both sides. A side that can be read in any order follows; where neither can, WANT does, from a copy.
func (c *comparer) follow(ctx context.Context, sides [2]dump.Source) (err error) {
	f := &following{comparer: c, lead: gotSide, order: make([]dump.Order, len(c.pairs.cells))}
	if !dump.Seekable(sides[wantSide]) && dump.Seekable(sides[gotSide]) {
		f.lead = wantSide
	}
	source := sides[f.side()]
	if !dump.Seekable(source) {
		source = &cancelled{source, ctx}
	}
	if f.rest, err = dump.RestOf(source); err != nil {
		return sideError(f.side(), err)
	}
	defer func() { err = errors.Join(err, f.rest.Close()) }()
	for _, p := range c.pairs.cells {
		cell := p.want
		if f.side() == gotSide {
			cell = p.got
		}
		f.cells = append(f.cells, followedCell{cell: cell, sequence: -1})
	}
	if err := f.waiting(); err != nil {
		return err
	}
	if err := f.walk(ctx, sides[f.lead]); err != nil {
		return err
	}
	return f.untold(ctx)
}

// side is the one that follows.
func (f *following) side() int { return 1 - f.lead }

// waiting compares the leader's frames that were kept. The sequence that a cell is in the middle of comes last: the leader goes on with it.
func (f *following) waiting() error {
	keys := f.matcher.left(f.lead)
	slices.SortStableFunc(keys, func(a, b frameKey) int {
		if a.pair != b.pair {
			return a.pair - b.pair
		}
		present := f.latest[f.lead][a.pair]
		switch {
		case a.sequence != present && b.sequence == present:
			return -1
		case a.sequence == present && b.sequence != present:
			return 1
		}
		return 0
	})
	for _, key := range keys {
		frame := f.matcher.twin(f.side(), key)
		if err := f.meet(key, frame); err != nil {
			return err
		}
		f.matcher.release(frame)
	}
	return nil
}

// walk compares the leader's further frames.
func (f *following) walk(ctx context.Context, leader dump.Source) error {
	var frame dump.Frame
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := leader.Next(&frame)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return sideError(f.lead, err)
		}
		key, compared := f.key(f.lead, &frame)
		if !compared {
			continue
		}
		if err := f.order[key.pair].Take(frame.Sequence, frame.Step); err != nil {
			return sideError(f.lead, err)
		}
		if twin := f.matcher.twin(f.lead, key); twin != nil {
			f.compareSides(f.lead, key.pair, &frame, twin)
			f.matcher.release(twin)
		} else if err := f.meet(key, &frame); err != nil {
			return err
		}
	}
}

// meet compares a frame of the leader with what is left of the other side.
func (f *following) meet(key frameKey, frame *dump.Frame) error {
	c := &f.cells[key.pair]
	if c.sequence != key.sequence {
		if err := f.seek(key.pair, key.sequence); err != nil {
			return err
		}
	}
	for c.left && c.frame.Step < key.step {
		if err := f.alone(key.pair); err != nil {
			return err
		}
	}
	if !c.left || c.frame.Step != key.step {
		return f.missing[f.lead].add(key)
	}
	f.compareSides(f.lead, key.pair, frame, &c.frame)
	return f.advance(key.pair)
}

// seek leaves a sequence of the side that follows for another.
func (f *following) seek(pair, sequence int) error {
	if err := f.leave(pair); err != nil {
		return err
	}
	c := &f.cells[pair]
	if !c.sought.Add(sequence) {
		return sideError(f.lead, fmt.Errorf("sequence %d comes in more than one piece", sequence))
	}
	c.sequence = sequence
	found, err := f.rest.Seek(c.cell, sequence)
	if err != nil {
		return sideError(f.side(), err)
	}
	if !found {
		return nil
	}
	return f.advance(pair)
}

func (f *following) advance(pair int) error {
	c := &f.cells[pair]
	switch err := f.rest.Next(c.cell, &c.frame); {
	case errors.Is(err, io.EOF):
		c.left = false
	case err != nil:
		return sideError(f.side(), err)
	default:
		c.left = true
	}
	return nil
}

// alone notes that the leader does not have the frame that is there.
func (f *following) alone(pair int) error {
	c := &f.cells[pair]
	if f.options.picks(c.frame.Sequence, c.frame.Step) {
		if err := f.missing[f.side()].add(frameKey{pair, c.frame.Sequence, c.frame.Step}); err != nil {
			return sideError(f.side(), err)
		}
	}
	return f.advance(pair)
}

// leave ends a sequence of the side that follows.
func (f *following) leave(pair int) error {
	for f.cells[pair].left {
		if err := f.alone(pair); err != nil {
			return err
		}
	}
	return nil
}

// untold notes what the leader has not asked for.
func (f *following) untold(ctx context.Context) error {
	for pair := range f.cells {
		c := &f.cells[pair]
		if err := f.leave(pair); err != nil {
			return err
		}
		for _, sequence := range f.rest.Sequences(c.cell) {
			if err := ctx.Err(); err != nil {
				return err
			}
			if c.sought.Has(sequence) || !f.options.picksSequence(sequence) {
				continue
			}
			if err := errors.Join(f.seek(pair, sequence), f.leave(pair)); err != nil {
				return err
			}
		}
	}
	return nil
}

func sideError(side int, err error) error {
	return fmt.Errorf("read the %s side: %w", [2]string{"got", "wanted"}[side], err)
}

// cancelled is a source that ends with its context.
type cancelled struct {
	dump.Source
	ctx context.Context
}

func (c *cancelled) Next(f *dump.Frame) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	return c.Source.Next(f)
}
