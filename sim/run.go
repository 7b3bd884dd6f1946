package sim

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"rnnsim/dump"
)

// Result is what a run yields.
type Result struct {
	// Output is the last layer's h of each sequence, in the order of time: [steps, directions × hidden], each direction on
	// the grid of its h_next (Plan.Output).
	Output [][]int16
	// Final is the state of each cell of each sequence after its last step, on the grids of input_1 and input_2.
	Final [][]dump.State
}

// blocksAhead is how many blocks of a sequence may wait until the sequences before it are written.
const blocksAhead = 4

// Run runs the sequences, each from its own initial state and over its own number of steps. The sink, which may be nil, is
// begun, gets every frame of the selected nodes, and is closed; it is aborted where the run fails or is cancelled. Frames come
// sequence by sequence, within a sequence cell by cell, within a cell step by step in the order of execution; memory is
// bounded whatever their number. The input is checked before the sink is begun: a NaN or an infinity is an error that names
// the sequence, the step and the feature.
func (p *Plan) Run(ctx context.Context, sequences []dump.Sequence, sink dump.Sink) (*Result, error) {
	if err := p.checkSequences(sequences); err != nil {
		return nil, errors.Join(fmt.Errorf("run: %w", err), abort(sink))
	}
	r := &run{plan: p, sequences: sequences, result: &Result{
		Output: make([][]int16, len(sequences)), Final: make([][]dump.State, len(sequences)),
	}}
	if err := r.into(ctx, sink); err != nil {
		return nil, errors.Join(fmt.Errorf("run: %w", err), abort(sink))
	}
	if sink != nil {
		if err := sink.Close(); err != nil {
			return nil, fmt.Errorf("run: close the trace: %w", err)
		}
	}
	return r.result, nil
}

func abort(sink dump.Sink) error {
	if sink == nil {
		return nil
	}
	if err := sink.Abort(); err != nil {
		return fmt.Errorf("drop the trace: %w", err)
	}
	return nil
}

// run is one call of Run.
type run struct {
	plan      *Plan
	sequences []dump.Sequence
	result    *Result
	next      atomic.Int64
	// lanes carry the blocks of a sequence from its worker to the sink. Workers take sequences in order, so that the one the
	// sink waits for is always in somebody's hands.
	lanes []chan *block
	pool  sync.Pool
}

func (r *run) into(ctx context.Context, sink dump.Sink) error {
	if sink != nil {
		if err := sink.Begin(r.plan.Header()); err != nil {
			return fmt.Errorf("begin the trace: %w", err)
		}
		r.pool.New = func() any { return new(block) }
		r.lanes = make([]chan *block, len(r.sequences))
		for i := range r.lanes {
			r.lanes[i] = make(chan *block, blocksAhead)
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var workers sync.WaitGroup
	for range min(r.plan.options.Threads, len(r.sequences)) {
		workers.Go(func() {
			if err := r.work(ctx); err != nil {
				cancel(err)
			}
		})
	}
	if sink != nil {
		if err := r.drain(ctx, sink); err != nil {
			cancel(err)
		}
	}
	workers.Wait()
	return context.Cause(ctx)
}

// work takes the next sequence until there is none.
func (r *run) work(ctx context.Context) error {
	var rec *recorder
	if r.lanes != nil {
		rec = &recorder{empty: func() *block { return r.pool.Get().(*block) }}
		rec.full = func(b *block) error {
			select {
			case r.lanes[b.sequence] <- b:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
	w := r.plan.newWorker(rec)
	for {
		i := int(r.next.Add(1) - 1)
		if i >= len(r.sequences) {
			return nil
		}
		if rec != nil {
			rec.sequence = i
		}
		w.reset(r.sequences[i].Initial)
		output, err := w.advance(ctx, r.sequences[i], 0)
		if err != nil {
			return err
		}
		r.result.Output[i], r.result.Final[i] = output, w.states()
		if r.lanes != nil {
			close(r.lanes[i])
		}
	}
}

// drain writes the blocks in the order of the sequences.
func (r *run) drain(ctx context.Context, sink dump.Sink) error {
	for i := range r.lanes {
		for open := true; open; {
			var b *block
			select {
			case b, open = <-r.lanes[i]:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			if !open {
				break
			}
			if err := b.write(r.plan.programs[b.cell].spans, sink.Write); err != nil {
				return fmt.Errorf("write the trace: %w", err)
			}
			r.pool.Put(b)
		}
	}
	return nil
}
