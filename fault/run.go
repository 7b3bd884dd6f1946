package fault

import (
	"context"
	"errors"
	"fmt"

	"rnnsim/dump"
	"rnnsim/xmodel"
)

// Run computes the sequences, one after another, and gives every frame to the sink, in the order of golden's exact reference: layer by
// layer, the forward cell before the backward one. It begins the sink, and closes it, or aborts it on an error. States of one
// sequence reach the next one only where a fault lets them.
func (d *Datapath) Run(ctx context.Context, sequences []dump.Sequence, sink dump.Sink) error {
	if err := sink.Begin(d.Header()); err != nil {
		return errors.Join(fmt.Errorf("begin the faulty trace: %w", err), sink.Abort())
	}
	runner := d.Runner()
	for i := range sequences {
		if err := runner.Sequence(ctx, i, &sequences[i], sink.Write); err != nil {
			return errors.Join(err, sink.Abort())
		}
	}
	return sink.Close()
}

// Runner runs sequences one by one. What a fault lets over from one to the next it keeps.
type Runner struct {
	*Datapath
	followers []*Follower
}

// Runner starts to run.
func (d *Datapath) Runner() *Runner {
	r := &Runner{Datapath: d, followers: make([]*Follower, len(d.cells))}
	for i := range r.followers {
		r.followers[i] = d.Follow(i, true)
	}
	return r
}

// Sequence runs the next sequence and gives its frames, under the number, to write. A frame is valid during the call.
func (r *Runner) Sequence(ctx context.Context, number int, s *dump.Sequence, write func(*dump.Frame) error) error {
	if err := r.sequence(ctx, number, s, write); err != nil {
		return fmt.Errorf("run sequence %d with %s: %w", number, r, err)
	}
	return nil
}

// Carries says that what a sequence holds can depend on those before it: a fault alters how a state is kept.
func (d *Datapath) Carries() bool {
	for _, c := range d.cells {
		if c.h >= 0 && c.touched[c.h] || c.c >= 0 && c.touched[c.c] {
			return true
		}
	}
	return false
}

// String names the faults.
func (d *Datapath) String() string {
	if len(d.Faults) == 0 {
		return "no fault"
	}
	text := d.Faults[0].ID
	for _, f := range d.Faults[1:] {
		text += " and " + f.ID
	}
	return text
}

// Stream is a sequence of entries of one cell, in the order of time.
type Stream []Entry

// First gives the entries that a sequence offers to the first layer.
func (b *Base) First(s *dump.Sequence) (Stream, error) {
	x := b.cells[0].nodes[b.cells[0].x]
	count := max(len(s.Float), len(s.Fixed))
	if s.Float != nil && s.Fixed != nil || count%x.width != 0 {
		return nil, fmt.Errorf("it holds %d real numbers and %d integers; steps of %d features, either as real numbers or as integers, are wanted", len(s.Float), len(s.Fixed), x.width)
	}
	stream := make(Stream, count/x.width)
	for t := range stream {
		if s.Float != nil {
			stream[t].Real = s.Float[t*x.width:][:x.width]
		} else {
			stream[t] = Entry{Fixed: s.Fixed[t*x.width:][:x.width], Position: x.format.Position}
		}
	}
	return stream, nil
}

// Passed gives what a stream is for the backward cell of a layer, after the forward cell has read it: the same, but for Vitis AI
// 2.0, where the forward cell's quantization has overwritten it.
func (b *Base) Passed(stream Stream, forward int) Stream {
	if b.compat != xmodel.VAI20 {
		return stream
	}
	f := (&Datapath{Base: b, cells: b.cells}).Follow(forward, true)
	c := f.cell
	last := c.x
	for i, n := range c.nodes {
		if n.op == "fix" && f.derives(i, c.x) {
			last = i
		}
	}
	passed := make(Stream, len(stream))
	recorded := make([][]int16, len(c.nodes))
	for t, entry := range stream {
		f.Frame(entry, recorded, nil)
		values := f.Values()[last]
		if values == nil {
			continue
		}
		passed[t] = Entry{Fixed: append([]int16(nil), values...), Position: c.nodes[last].format.Position}
	}
	return passed
}

func (r *Runner) sequence(ctx context.Context, number int, s *dump.Sequence, write func(*dump.Frame) error) error {
	stream, err := r.First(s)
	if err != nil {
		return err
	}
	if len(s.Initial) != 0 && len(s.Initial) != len(r.cells) {
		return fmt.Errorf("it has %d initial states for %d cells", len(s.Initial), len(r.cells))
	}
	for at := 0; at < len(r.cells); {
		var outputs []Stream
		for first := at; at < len(r.cells) && r.cells[at].layer == r.cells[first].layer; at++ {
			x := stream
			if at > first {
				x = r.Passed(stream, first)
			}
			var initial Initial
			if len(s.Initial) > 0 {
				initial = Initial(s.Initial[at])
			}
			h, err := r.cell(ctx, at, x, initial, dump.Frame{Cell: at, Sequence: number}, write)
			if err != nil {
				return err
			}
			outputs = append(outputs, h)
		}
		stream = Join(outputs)
	}
	return nil
}

func (r *Runner) cell(ctx context.Context, at int, x Stream, initial Initial, frame dump.Frame, write func(*dump.Frame) error) (Stream, error) {
	f := r.followers[at]
	c := f.cell
	h := make(Stream, len(x))
	nothing := make([][]int16, len(c.nodes))
	f.Begin(initial)
	for step := range x {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t := TimeOf(step, len(x), c.backward)
		f.Frame(x[t], nothing, nil)
		frame.Step, frame.Fixed = step, f.Values()
		if frame.Fixed[c.x] == nil {
			return nil, fmt.Errorf("graph %s reads %d features at step %d, it is given %d", c.graph, c.nodes[c.x].width, step, max(len(x[t].Real), len(x[t].Fixed)))
		}
		h[t] = Entry{Fixed: append([]int16(nil), frame.Fixed[c.nextH]...), Position: c.nodes[c.nextH].format.Position}
		if err := write(&frame); err != nil {
			return nil, fmt.Errorf("write step %d of graph %s: %w", step, c.graph, err)
		}
	}
	return h, nil
}

// TimeOf is the timestep that a cell executes at a step: a backward cell's step 0 is the last.
func TimeOf(step, steps int, backward bool) int {
	if backward {
		return steps - 1 - step
	}
	return step
}

// Join concatenates the outputs of a layer's cells, step by step.
func Join(outputs []Stream) Stream {
	if len(outputs) == 1 {
		return outputs[0]
	}
	joined := make(Stream, len(outputs[0]))
	for t := range joined {
		for _, o := range outputs {
			for _, v := range o[t].Fixed {
				joined[t].Fixed = append(joined[t].Fixed, v)
				joined[t].Positions = append(joined[t].Positions, o[t].Position)
			}
		}
	}
	return joined
}
