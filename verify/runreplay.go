package verify

import (
	"context"
	"fmt"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/xmodel"
)

// replayed judges a recorded run by its own inputs.
func (r *runner) replayed(ctx context.Context, recording *Recording) (*Check, error) {
	comparison, err := r.replay(ctx, recording, r.exact, r.job.Compat)
	if err != nil {
		return nil, err
	}
	if comparison.Verdict() == Fail && r.job.Compat == xmodel.Sane {
		if err := r.tryOriginal(ctx, recording, comparison); err != nil {
			return nil, err
		}
	}
	if recording.Sequence == Unknown {
		comparison.Notes = append(comparison.Notes, "of unknown stimulus: the first layer's input_0 and the first step's states are taken as given")
	}
	comparison.Notes = append(comparison.Notes, recording.Notes...)
	cause := pursuit{got: recording.Open}
	if recording.Sequence != Unknown {
		cause.offset = recording.Sequence
		cause.stimulus = r.job.Input.Sequences[recording.Sequence : recording.Sequence+1]
	}
	check := checkOf(recording.Name, "recorded run, each node from its recorded inputs", recording.Path, comparison)
	return check, r.pursue(ctx, check, cause)
}

func (r *runner) replay(ctx context.Context, recording *Recording, exact *golden.Exact, compat xmodel.Compat) (*Comparison, error) {
	options := ReplayOptions{Exact: recording.Exact, Compat: compat, Errors: r.job.Errors, Heat: r.job.Heat, Detail: r.job.Detail}
	if recording.Sequence != Unknown {
		if recording.Sequence < 0 || recording.Sequence >= len(r.job.Input.Sequences) {
			return nil, fmt.Errorf("%s is said to record sequence %d, the stimulus has %d", recording.Path, recording.Sequence, len(r.job.Input.Sequences))
		}
		sequence := r.job.Input.Sequences[recording.Sequence]
		options.Progress = r.progress.of(NameDeployCheck, r.framesOf([]dump.Sequence{sequence}))
		options.Initial, options.FirstSequence = sequence.Initial, recording.Sequence
		var err error
		if options.Stimulus, err = firstInputs(ctx, exact, sequence); err != nil {
			return nil, err
		}
	}
	comparison, err := Replay(ctx, recording.Open, exact, r.job.Model, options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", recording.Path, err)
	}
	if recording.Sequence != Unknown {
		if err := r.wantWhole(recording, comparison.Counts); err != nil {
			return nil, err
		}
	}
	return comparison, nil
}

// wantWhole refuses the recording of a known sequence that has not the steps of it. A frame that is missing between others is
// found when the folder is opened; here it is the last ones.
func (r *runner) wantWhole(recording *Recording, counts Counts) error {
	sequence := r.job.Input.Sequences[recording.Sequence]
	steps := r.framesOf([]dump.Sequence{sequence}) / int64(len(r.job.Model.Cells))
	want := (steps - int64(recording.Skipped)) * int64(counts.Cells)
	if counts.Sequences == 1 && counts.Steps != want {
		return fmt.Errorf("%s has %d frames, sequence %d of the stimulus makes %d: dump it again, or name the sequence that it was recorded from",
			recording.Path, counts.Steps, recording.Sequence, want)
	}
	return nil
}

// tryOriginal says, of a recording that fails, whether the faults of the original are what it fails by.
func (r *runner) tryOriginal(ctx context.Context, recording *Recording, failed *Comparison) error {
	exact, err := golden.NewExact(r.job.Model, xmodel.VAI20)
	if err != nil {
		return err
	}
	comparison, err := r.replay(ctx, recording, exact, xmodel.VAI20)
	if err != nil {
		return err
	}
	if comparison.Verdict() == Pass {
		failed.Notes = append(failed.Notes, "with the faults of the original (compat vai2.0) nothing here is wrong")
	}
	return nil
}

// firstInputs gives what the first layer's cells get as input_0 at each step of a sequence.
func firstInputs(ctx context.Context, exact *golden.Exact, sequence dump.Sequence) (func(cell, sequence, step int) []int16, error) {
	kept := &inputSink{steps: map[int][][]int16{}}
	if err := exact.Run(ctx, []dump.Sequence{sequence}, kept); err != nil {
		return nil, err
	}
	return func(cell, _, step int) []int16 {
		if steps := kept.steps[cell]; step < len(steps) {
			return steps[step]
		}
		return nil
	}, nil
}

// inputSink keeps input_0 of the first layer's cells.
type inputSink struct {
	header dump.Header
	steps  map[int][][]int16
}

func (s *inputSink) Begin(header dump.Header) error {
	s.header = header
	return nil
}

func (s *inputSink) Write(frame *dump.Frame) error {
	cell := s.header.Cells[frame.Cell]
	if cell.Layer != s.header.Cells[0].Layer {
		return nil
	}
	for i, node := range cell.Nodes {
		if node.Name == "input_0" {
			s.steps[frame.Cell] = append(s.steps[frame.Cell], append([]int16(nil), frame.Fixed[i]...))
		}
	}
	return nil
}

func (s *inputSink) Close() error { return nil }
func (s *inputSink) Abort() error { return nil }
