package machine

import (
	"context"
	"errors"
	"fmt"

	"rnnsim/dump"
	"rnnsim/sim/isa"
)

// Result is what a run leaves behind.
type Result struct {
	// Output is h of the last cell for each sequence, in the order of time: [steps, units]. See Machine.Output.
	Output [][]int16
	// Frames is how often the body of a cell was executed, idle lanes not counted apart.
	Frames int
}

// Run executes the model on the sequences, a lane each; more sequences than lanes run in rounds. Sequences of one round that end
// before the longest of them go on with steps of zeros, of which nothing is told. The sink, which may be nil, gets the frames;
// Run closes or aborts it. On an error nothing is returned.
//
// Every round has a memory of its own, with the weight blob as it is in the file: programs write into it. All begins random that
// a program does not set.
func (m *Machine) Run(ctx context.Context, sequences []dump.Sequence, sink dump.Sink) (*Result, error) {
	result, err := m.run(ctx, sequences, sink)
	if err != nil {
		if sink != nil {
			err = errors.Join(err, sink.Abort())
		}
		return nil, fmt.Errorf("run: %w", err)
	}
	if sink != nil {
		if err := sink.Close(); err != nil {
			return nil, fmt.Errorf("run: close the trace: %w", err)
		}
	}
	return result, nil
}

func (m *Machine) run(ctx context.Context, sequences []dump.Sequence, sink dump.Sink) (*Result, error) {
	if len(sequences) == 0 {
		return nil, errors.New("there are no sequences to run")
	}
	steps := make([]int, len(sequences))
	for i, s := range sequences {
		var err error
		if steps[i], err = m.steps(s); err != nil {
			return nil, fmt.Errorf("sequence %d: %w", i, err)
		}
	}
	if sink != nil {
		if err := sink.Begin(m.Header()); err != nil {
			return nil, fmt.Errorf("begin the trace: %w", err)
		}
	}
	e, result := m.engine(), &Result{Output: make([][]int16, len(sequences))}
	for first, last := 0, 0; first < len(sequences); first = last {
		last = m.roundFrom(first, steps)
		r := &round{engine: e, first: first, sequences: sequences[first:last], steps: steps[first:last], sink: sink, result: result}
		if err := r.run(ctx); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// roundFrom gives the end of the round that begins with the given sequence. Where a cell runs against time, all of a round are of
// one length: it would begin in the zeros behind a shorter one.
func (m *Machine) roundFrom(first int, steps []int) (last int) {
	last = min(first+m.Lanes(), len(steps))
	for i := range m.program.cells {
		for n := first; n < last && m.program.cells[i].reversed; n++ {
			if steps[n] != steps[first] {
				last = n
			}
		}
	}
	return last
}

// round is one use of the machine: as many sequences as there are lanes, or fewer.
type round struct {
	*engine
	first     int // number of the first sequence
	sequences []dump.Sequence
	steps     []int
	sink      dump.Sink
	result    *Result
	state     *state
	recorder  *recorder
	again     bool // the same was run before, for frames of other lanes
}

// longest is the number of steps that the machine is told.
func (r *round) longest() int {
	longest := 0
	for _, n := range r.steps {
		longest = max(longest, n)
	}
	return longest
}

func (r *round) run(ctx context.Context) error {
	for from := 0; ; {
		r.upload()
		to := from
		if r.sink != nil {
			to = r.record(from)
		}
		if err := r.execute(ctx); err != nil {
			return err
		}
		if err := r.flush(); err != nil {
			return err
		}
		r.again = true
		if from = to; r.sink == nil || from == len(r.sequences) {
			break
		}
	}
	r.result.Frames += r.longest() * len(r.cells)
	r.collect()
	return nil
}

// upload makes the round's memory and puts x into it. What lies between the last feature and the next step stays random.
func (r *round) upload() {
	r.state = &state{chip: r.chip, memory: newMemory(r.program.blob, r.options.Seed)}
	c := &r.program.cells[0]
	x := make([]int16, c.LoadX.Values())
	for lane, base := range r.program.core.LaneBases {
		for t := range r.longest() {
			clear(x)
			if lane < len(r.sequences) && t < r.steps[lane] {
				r.Machine.step(x, r.sequences[lane], t)
			}
			r.state.memory.writeValues(base+c.in+t*c.LoadX.Aligned, x)
		}
	}
}

// collect reads the results back, in the order of time.
func (r *round) collect() {
	c := r.program.last()
	columns, frame := r.view.Columns, make([]int16, c.SaveH.Values())
	for lane, steps := range r.steps {
		output := make([]int16, 0, steps*len(columns))
		for t := range steps {
			at := t
			if c.outReversed {
				at = r.longest() - 1 - t
			}
			r.state.memory.readValues(frame, r.program.core.LaneBases[lane]+c.out+at*c.SaveH.Aligned)
			for _, column := range columns {
				output = append(output, frame[column])
			}
		}
		r.result.Output[r.first+lane] = output
	}
}

// stepsBetweenLooks is how many steps are executed between two looks at the context; wordsBetweenLooks is the same for long segments.
const (
	stepsBetweenLooks = 64
	wordsBetweenLooks = 1024
)

// execute runs every cell: init, loop for each later step, and end after the last cell.
func (r *round) execute(ctx context.Context) error {
	longest := r.longest()
	for i := range r.cells {
		c := &r.program.cells[i]
		r.state.regs = r.program.resetRegisters(c, longest)
		for t := range longest {
			if t%stepsBetweenLooks == 0 && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			ops, segment := r.cells[i].loop, &c.loop
			if t == 0 {
				ops, segment = r.cells[i].init, &c.init
			}
			if err := r.body(ctx, ops, segment, i, t); err != nil {
				return err
			}
		}
		if c == r.program.last() {
			if err := r.body(ctx, r.end, &r.program.end, i, longest); err != nil {
				return err
			}
		}
	}
	return nil
}

// body executes one segment once.
func (r *round) body(ctx context.Context, ops []operation, segment *isa.Segment, cell, step int) error {
	if r.recorder == nil && r.options.Results == nil {
		for n, op := range ops {
			if n%wordsBetweenLooks == wordsBetweenLooks-1 && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if op != nil {
				op.execute(r.state)
			}
		}
		return nil
	}
	return r.observed(ctx, ops, segment, cell, step)
}
