package verify

import (
	"context"
	"errors"
	"io"

	"rnnsim/dump"
)

// visitor looks at a trace: its header, then each of its frames.
type visitor struct {
	begin func(dump.Header) error
	frame func(*dump.Frame) error
}

// shortTrace is up to how many bytes a trace that is read twice is kept in memory.
const shortTrace = 32 << 20

// readTwice shows a trace to one visitor, and then to the next. The frames of a short trace are kept from the first reading.
func readTwice(ctx context.Context, open func() (dump.Source, error), first, second visitor) error {
	var header dump.Header
	var kept []*dump.Frame
	room := int64(shortTrace)
	begin := func(h dump.Header) error {
		header = h
		return first.begin(h)
	}
	err := eachFrame(ctx, open, begin, func(frame *dump.Frame) error {
		if room -= frameBytes(frame); room >= 0 {
			kept = append(kept, frame.Clone())
		} else {
			kept = nil
		}
		return first.frame(frame)
	})
	if err != nil {
		return err
	}
	if room < 0 {
		return eachFrame(ctx, open, second.begin, second.frame)
	}
	if err := second.begin(header); err != nil {
		return err
	}
	for _, frame := range kept {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := second.frame(frame); err != nil {
			return err
		}
	}
	return nil
}

func eachFrame(ctx context.Context, open func() (dump.Source, error), begin func(dump.Header) error, visit func(*dump.Frame) error) (err error) {
	source, err := open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	if err := begin(source.Header()); err != nil {
		return err
	}
	var frame dump.Frame
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := source.Next(&frame)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := visit(&frame); err != nil {
			return err
		}
	}
}
