package sim

import (
	"context"
	"fmt"

	"rnnsim/dump"
)

// Stream runs one sequence that arrives in pieces. The states are kept from piece to piece, so that any way to cut a sequence
// gives the same integers as the whole. It is not safe for concurrent use.
type Stream struct {
	plan   *Plan
	worker *worker
	lane   *lane
	steps  int
	broken error // what left the cells at different steps
}

// NewStream begins a sequence in the given initial state, one a cell; nil is all zero. The probe, where it is not nil, gets
// the frames of the selected nodes, piece by piece, within a piece cell by cell; steps are counted from the start of the
// stream, and the frame's slices are valid until the probe returns.
//
// A model with a backward cell is refused: such a cell begins at the end of the sequence, which a stream has not seen yet.
func (p *Plan) NewStream(initial []dump.State, probe func(*dump.Frame) error) (*Stream, error) {
	for _, prog := range p.programs {
		if prog.cell.backward {
			return nil, fmt.Errorf("stream: graph %q runs backward: it begins at the last timestep, which a stream does not know; run whole sequences",
				prog.cell.graph)
		}
	}
	if err := p.checkInitial(initial); err != nil {
		return nil, fmt.Errorf("stream: %w", err)
	}
	var rec *recorder
	if probe != nil {
		b := new(block)
		rec = &recorder{empty: func() *block { return b }}
		rec.full = func(b *block) error { return b.write(p.programs[b.cell].spans, probe) }
	}
	return &Stream{plan: p, worker: p.newWorker(rec, p.options.Threads), lane: p.newLane(0, initial)}, nil
}

// Push runs the steps of the next piece, which may be empty, and gives their output, [steps, hidden]. A piece with bad values
// is refused as a whole and changes nothing. After a cancellation or an error of the probe the stream cannot go on.
func (s *Stream) Push(ctx context.Context, piece dump.Sequence) ([]int16, error) {
	if s.broken != nil {
		return nil, fmt.Errorf("stream: it stopped at step %d: %w", s.steps, s.broken)
	}
	if piece.Initial != nil {
		return nil, fmt.Errorf("stream: step %d: an initial state belongs to the start of the stream", s.steps)
	}
	steps, err := s.plan.checkRows(piece, s.steps)
	if err != nil {
		return nil, fmt.Errorf("stream: %w", err)
	}
	features, _ := s.plan.Input()
	s.lane.load(piece, features, s.steps)
	if err := s.worker.advance(ctx, []*lane{s.lane}); err != nil {
		s.broken = err
		return nil, fmt.Errorf("stream: %w", err)
	}
	s.steps += steps
	return s.lane.output, nil
}

// State is the state of each cell after the steps so far, on the grids of input_1 and input_2.
func (s *Stream) State() []dump.State { return s.lane.final() }
