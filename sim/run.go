package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"rnnsim/dump"
)

// Result is what a run yields.
type Result struct {
	// Output is the last layer's h of each sequence, in the order of time: [steps, directions × hidden], each direction on
	// the grid of its h_next (Plan.Output); nil where Options.NoOutput is set.
	Output [][]int16
	// Final is the state of each cell of each sequence after its last step, on the grids of input_1 and input_2.
	Final [][]dump.State
}

// What may wait until the sequences before it are written: so many blocks of a sequence and, beyond one for each worker, so
// many sequences. Short sequences fill no pipe, and without the second bound a slow sink would find all of them in memory.
const (
	blocksAhead    = 4
	sequencesAhead = 8
)

// Run runs the sequences, each from its own initial state and over its own number of steps. The sink, which may be nil, is
// begun, gets every frame of the selected nodes, and is closed; it is aborted where the run fails or is cancelled. Frames come
// sequence by sequence, within a sequence cell by cell, within a cell step by step in the order of execution; memory is
// bounded whatever their number. The input is checked before the sink is begun: a NaN or an infinity is an error that names
// the sequence, the step and the feature.
func (p *Plan) Run(ctx context.Context, sequences []dump.Sequence, sink dump.Sink) (*Result, error) {
	if err := p.checkSequences(sequences); err != nil {
		return nil, errors.Join(fmt.Errorf("run: %w", err), abort(sink))
	}
	r := &run{plan: p, sequences: sequences, tally: p.newTally(sequences), result: &Result{
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
	groups    [][]int // sequences that run in step
	next      atomic.Int64
	// pipes carry the blocks of a sequence from its worker to the sink. Workers take sequences in order, so that the one the
	// sink waits for is always in somebody's hands.
	pipes []chan *block
	tally *tally
	ahead chan struct{} // holds one for each sequence that is begun and not written
}

func (r *run) into(ctx context.Context, sink dump.Sink) error {
	threads := r.plan.options.Threads
	r.groups = groupByLength(r.sequences, threads)
	if sink != nil {
		if err := sink.Begin(r.plan.Header()); err != nil {
			return fmt.Errorf("begin the trace: %w", err)
		}
		r.pipes, r.groups = make([]chan *block, len(r.sequences)), make([][]int, len(r.sequences))
		for i := range r.pipes {
			r.pipes[i], r.groups[i] = make(chan *block, blocksAhead), []int{i}
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var workers sync.WaitGroup
	count := min(threads, len(r.groups))
	if sink != nil {
		r.ahead = make(chan struct{}, count+sequencesAhead)
	}
	for range count {
		workers.Go(func() {
			if err := r.work(ctx, threads/count); err != nil {
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

// longestGroup is how many sequences run in step at most, and share each reading of the weights.
const longestGroup = 16

// groupByLength puts sequences of like length together, so that they end together.
func groupByLength(sequences []dump.Sequence, threads int) [][]int {
	order := make([]int, len(sequences))
	for i := range order {
		order[i] = i
	}
	length := func(i int) int { return len(sequences[i].Float) + len(sequences[i].Fixed) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(length(b), length(a)) })
	size := max(1, min(longestGroup, (len(order)+threads-1)/threads))
	return slices.Collect(slices.Chunk(order, size))
}

// work takes the next group of sequences until there is none.
func (r *run) work(ctx context.Context, threads int) error {
	var rec *recorder
	if r.pipes != nil {
		rec = &recorder{empty: r.plan.emptyBlock}
		rec.full = func(b *block) error {
			select {
			case r.pipes[b.sequence] <- b:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
	w := r.plan.newWorker(rec, threads)
	w.tally = r.tally
	features, _ := r.plan.Input()
	for {
		next, err := r.take(ctx)
		if err != nil || next >= len(r.groups) {
			return err
		}
		var lanes []*lane
		for _, i := range r.groups[next] {
			l := r.plan.newLane(i, r.sequences[i].Initial)
			l.load(r.sequences[i], features, 0)
			lanes = append(lanes, l)
		}
		if err := w.advance(ctx, lanes); err != nil {
			return err
		}
		for _, l := range lanes {
			r.result.Output[l.sequence], r.result.Final[l.sequence] = l.output, l.final()
			if r.pipes != nil {
				close(r.pipes[l.sequence])
			}
		}
	}
}

// take gives the next group, or a number that no group has. It waits before it chooses, so that the sequence that the sink waits
// for is always begun.
func (r *run) take(ctx context.Context) (int, error) {
	if r.ahead != nil {
		select {
		case r.ahead <- struct{}{}:
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
	next := int(r.next.Add(1) - 1)
	if r.ahead != nil && next >= len(r.groups) {
		<-r.ahead
	}
	return next, nil
}

// drain writes the blocks in the order of the sequences.
func (r *run) drain(ctx context.Context, sink dump.Sink) error {
	// A frame of a deploy_check folder is a hundred files: a cancelled run does not write the rest of a block.
	write := func(f *dump.Frame) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return sink.Write(f)
	}
	for i := range r.pipes {
		for open := true; open; {
			var b *block
			select {
			case b, open = <-r.pipes[i]:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			if !open {
				break
			}
			if err := b.write(r.plan.programs[b.cell].spans, write); err != nil {
				return fmt.Errorf("write the trace: %w", err)
			}
			r.plan.blocks.Put(b)
		}
		<-r.ahead
	}
	return nil
}
