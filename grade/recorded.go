package grade

import (
	"context"
	"fmt"

	"rnnsim/dump"
	"rnnsim/fault"
)

// recorded is what the sound datapath makes of one sequence.
type recorded struct {
	number   int
	sequence *dump.Sequence
	entries  []fault.Stream // a cell: what is offered to it as x, by timestep
	values   [][][][]int16  // a cell, a step, a node
}

// recorder runs the sound datapath.
type recorder struct {
	base   *fault.Base
	runner *fault.Runner
	header dump.Header
}

func newRecorder(base *fault.Base) *recorder {
	return &recorder{base: base, runner: base.With().Runner(), header: base.Header()}
}

func (r *recorder) record(ctx context.Context, number int, s *dump.Sequence) (*recorded, error) {
	if len(s.Initial) > 0 {
		return nil, fmt.Errorf("sequence %d has an initial state; what no input can show is proved for sequences from zero", number)
	}
	x, err := r.base.First(s)
	if err != nil {
		return nil, fmt.Errorf("sequence %d: %w", number, err)
	}
	result := &recorded{number: number, sequence: s, values: make([][][][]int16, len(r.header.Cells))}
	err = r.runner.Sequence(ctx, number, s, func(f *dump.Frame) error {
		result.values[f.Cell] = append(result.values[f.Cell], f.Clone().Fixed)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for at := 0; at < len(r.header.Cells); {
		var outputs []fault.Stream
		for layer := r.header.Cells[at].Layer; at < len(r.header.Cells) && r.header.Cells[at].Layer == layer; at++ {
			result.entries = append(result.entries, x)
			outputs = append(outputs, r.output(at, result.values[at]))
		}
		x = fault.Join(outputs)
	}
	return result, nil
}

// output gives h of a cell by timestep.
func (r *recorder) output(cell int, frames [][][]int16) fault.Stream {
	h := r.base.Output(cell)
	stream := make(fault.Stream, len(frames))
	for step, values := range frames {
		stream[fault.TimeOf(step, len(frames), r.header.Cells[cell].Backward)] = fault.Entry{Fixed: values[h], Position: r.header.Cells[cell].Nodes[h].Position}
	}
	return stream
}

// bytes is about how much memory a recorded sequence takes.
func (r *recorded) bytes() int {
	sum := 0
	for _, frames := range r.values {
		for _, values := range frames {
			for _, v := range values {
				sum += 24 + 2*len(v)
			}
		}
	}
	return sum
}
