package golden

import (
	"context"
	"fmt"

	"rnnsim/dump"
	"rnnsim/xmodel"
)

// Run computes the sequences one after another and gives every frame to the sink: layer by layer, within a layer the forward
// cell before the backward one, whose step 0 is the last timestep. It begins the sink and, when it is done, closes it, or
// aborts it on an error or when ctx is cancelled. A sequence of its own length needs no padding. The saturation count of a node
// is the number of its values that were clamped, at either step of a matmul with a bias; of an input, when it was quantized.
func (e *Exact) Run(ctx context.Context, sequences []dump.Sequence, sink dump.Sink) error {
	if err := sink.Begin(e.Header()); err != nil {
		return abort(sink, fmt.Errorf("begin the exact reference's trace: %w", err))
	}
	var runs []*cellRun
	for _, c := range e.cells {
		runs = append(runs, newCellRun(c, e.compat == xmodel.VAI20))
	}
	for i := range sequences {
		if err := e.sequence(ctx, i, &sequences[i], runs, sink); err != nil {
			return abort(sink, fmt.Errorf("run the exact reference on sequence %d: %w", i, err))
		}
	}
	return sink.Close()
}

func (e *Exact) sequence(ctx context.Context, number int, s *dump.Sequence, runs []*cellRun, sink dump.Sink) error {
	x, err := e.stimulus(s)
	if err != nil {
		return err
	}
	if len(s.Initial) != 0 && len(s.Initial) != len(e.cells) {
		return fmt.Errorf("it has %d initial states for %d cells", len(s.Initial), len(e.cells))
	}
	inPlace := e.compat == xmodel.VAI20
	for _, l := range e.layers {
		var outputs []*stream
		for _, index := range l.cells() {
			if index == l.backward && l.forward >= 0 && inPlace {
				x = x.through(e.cells[l.forward], true)
			}
			run := runs[index]
			if err := run.start(s.Initial, index); err != nil {
				return err
			}
			h, err := run.all(ctx, x, dump.Frame{Cell: index, Sequence: number}, sink)
			if err != nil {
				return err
			}
			outputs = append(outputs, h)
		}
		x = join(outputs)
	}
	return nil
}

// cellRun is one cell on its way through one sequence after another.
type cellRun struct {
	cell        *cell
	wraps       bool
	frame       [][]int16 // what each node holds
	saturations []int32
	blocks      [2]*aheadBlock
	enter, h, c quantizer  // of input_0, input_1 and input_2
	next        [2][]int16 // h and c as the step before yielded them
}

func newCellRun(c *cell, wraps bool) *cellRun {
	r := &cellRun{cell: c, wraps: wraps, saturations: make([]int32, len(c.nodes)), enter: newQuantizer(c.x.format, wraps)}
	for _, n := range c.nodes {
		r.frame = append(r.frame, make([]int16, n.width))
	}
	for i := range r.blocks {
		r.blocks[i] = newAheadBlock(c)
	}
	return r
}

// start puts the initial state into the frame.
func (r *cellRun) start(initial []dump.State, index int) error {
	c := r.cell
	clear(r.saturations)
	var state dump.State
	if len(initial) > 0 {
		state = initial[index]
	}
	for _, given := range []struct {
		name   string
		node   *node
		values []int16
		q      *quantizer
	}{{"h", c.h, state.H, &r.h}, {"c", c.c, state.C, &r.c}} {
		if given.node == nil {
			if given.values != nil {
				return fmt.Errorf("an initial %s is given for graph %s, which has none", given.name, c.graph)
			}
			continue
		}
		n := given.node
		*given.q = newQuantizer(n.format, r.wraps)
		if given.values == nil {
			clear(r.frame[n.at])
			continue
		}
		if len(given.values) != n.width {
			return fmt.Errorf("the initial %s of graph %s has %d elements, %d wanted", given.name, c.graph, len(given.values), n.width)
		}
		for i, v := range given.values {
			if int64(v) < given.q.low || int64(v) > given.q.high {
				return fmt.Errorf("element %d of the initial %s of graph %s is %d, outside its %d bits", i, given.name, c.graph, v, n.format.Bits)
			}
		}
		copy(r.frame[n.at], given.values)
	}
	return nil
}

// all walks the stream, a backward cell from its end, and returns h in the order of time.
func (r *cellRun) all(ctx context.Context, x *stream, frame dump.Frame, sink dump.Sink) (*stream, error) {
	c := r.cell
	out := c.nextH
	h := &stream{steps: x.steps, width: out.width, integers: make([]int16, x.steps*out.width)}
	h.fill(out.format.Position)
	ahead := r.runAhead(ctx, x)
	defer ahead.stop()
	for step := range x.steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if step > 0 {
			r.feedBack()
		}
		// After what the step before left is fed back, as it may be a node of a block that is over.
		values, saturations, err := ahead.step(ctx, step)
		if err != nil {
			return nil, err
		}
		for _, n := range c.ahead {
			r.frame[n.at], r.saturations[n.at] = values[n.at], saturations[n.at]
		}
		for _, n := range c.rest {
			r.saturations[n.at] = n.rule.compute(n, r.frame, r.frame[n.at])
		}
		copy(h.integers[r.time(step, x.steps)*out.width:], r.frame[out.at])
		frame.Step, frame.Fixed, frame.Saturations = step, r.frame, r.saturations
		if err := sink.Write(&frame); err != nil {
			return nil, fmt.Errorf("write step %d of graph %s: %w", step, c.graph, err)
		}
	}
	return h, nil
}

// time is the timestep of a step: a backward cell walks from the end.
func (r *cellRun) time(step, steps int) int {
	if r.cell.backward {
		return steps - 1 - step
	}
	return step
}

// feedBack makes what the step before yielded the h and c of this one, each on its input's own grid. Both are set aside
// first: a cell may return one of its inputs.
func (r *cellRun) feedBack() {
	c := r.cell
	states := [2]struct {
		input, from *node
		q           *quantizer
	}{{c.h, c.nextH, &r.h}, {c.c, c.nextC, &r.c}}
	for i, s := range states {
		if s.input != nil {
			r.next[i] = append(r.next[i][:0], r.frame[s.from.at]...)
		}
	}
	for i, s := range states {
		if s.input != nil {
			r.saturations[s.input.at] = s.q.all(r.next[i], s.from.format.Position, r.frame[s.input.at])
		}
	}
}

func abort(sink dump.Sink, err error) error {
	_ = sink.Abort() // the first error is the one to report
	return err
}
