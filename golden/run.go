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
	for i := range sequences {
		if err := e.sequence(ctx, i, &sequences[i], sink); err != nil {
			return abort(sink, fmt.Errorf("run the exact reference on sequence %d: %w", i, err))
		}
	}
	return sink.Close()
}

func (e *Exact) sequence(ctx context.Context, number int, s *dump.Sequence, sink dump.Sink) error {
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
			run := &cellRun{cell: e.cells[index], wraps: inPlace}
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

// cellRun is one cell on its way through one sequence.
type cellRun struct {
	cell        *cell
	wraps       bool
	frame       [][]int16 // what each node holds
	saturations []int32
	h, c        quantizer
	next        [2][]int16 // h and c as the step before yielded them
}

// start makes room for a frame and puts the initial state into it.
func (r *cellRun) start(initial []dump.State, index int) error {
	c := r.cell
	r.saturations = make([]int32, len(c.nodes))
	for _, n := range c.nodes {
		r.frame = append(r.frame, make([]int16, n.width))
	}
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
	enter := newQuantizer(c.x.format, r.wraps)
	for step := range x.steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		time := step
		if c.backward {
			time = x.steps - 1 - step
		}
		r.saturations[c.x.at] = x.enter(time, &enter, r.frame[c.x.at])
		if step > 0 {
			r.feedBack()
		}
		for i, n := range c.nodes {
			if n.rule != nil {
				r.saturations[i] = n.rule.compute(n, r.frame, r.frame[i])
			}
		}
		copy(h.integers[time*out.width:], r.frame[out.at])
		frame.Step, frame.Fixed, frame.Saturations = step, r.frame, r.saturations
		if err := sink.Write(&frame); err != nil {
			return nil, fmt.Errorf("write step %d of graph %s: %w", step, c.graph, err)
		}
	}
	return h, nil
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
