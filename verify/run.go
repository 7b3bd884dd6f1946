package verify

import (
	"context"
	"errors"
	"fmt"
	"io"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/sim"
)

// Run verifies a model: the simulator against the exact reference, every node of every frame; each recorded run; and the
// simulator against the float model. Differences are findings, not errors; an error is something that could not be read, run,
// or understood.
func Run(ctx context.Context, job Job) (*Report, error) {
	r, err := newRunner(job)
	if err != nil {
		return nil, fmt.Errorf("verify %s: %w", job.Model.Source, err)
	}
	if err := r.all(ctx); err != nil {
		return nil, fmt.Errorf("verify %s: %w", job.Model.Source, err)
	}
	r.report.conclude()
	return r.report, nil
}

// runner is one verification under way. Its checks run at the same time.
type runner struct {
	job    Job
	plan   *sim.Plan
	exact  *golden.Exact
	report *Report
	steps  int64 // frames of a run over the whole stimulus
	// plain gives the simulator's run over the stimulus without a trace, which is made once, by whoever asks first.
	plain func(context.Context) (*sim.Result, error)
	// traced is what the simulator gave with a trace of the whole stimulus, once that has been read to its end.
	traced   *sim.Result
	float    []*golden.FloatResult // of the float model, a sequence each, once it has been compared with
	progress *progress
	// forFloat is how many sequences, from the first, the float model is compared on.
	forFloat int
}

func newRunner(job Job) (*runner, error) {
	plan, err := sim.Compile(job.Model, sim.Options{Compat: job.Compat, Threads: job.Threads})
	if err != nil {
		return nil, err
	}
	exact, err := golden.NewExact(job.Model, job.Compat)
	if err != nil {
		return nil, err
	}
	r := &runner{job: job, plan: plan, exact: exact, progress: newProgress(job.Progress)}
	r.plain = onceFor(func(ctx context.Context) (*sim.Result, error) { return r.plan.Run(ctx, r.job.Input.Sequences, nil) })
	features, grid := plan.Input()
	input := &r.job.Input
	stimulus := Stimulus{Source: input.Source, Features: features}
	if input.Sequences == nil {
		input.Sequences = DefaultStimulus(features, grid, input.Seed)
		stimulus.Source, stimulus.Seeded, stimulus.Seed = defaultSource, true, input.Seed
		if job.Float != nil && job.Float.Embedding != nil && job.Float.Embedding.Features == features {
			embedded, err := embeddedStimulus(job.Float.Embedding, grid, input.Seed)
			if err != nil {
				return nil, err
			}
			input.Sequences = append(embedded, input.Sequences...)
			stimulus.Source, r.forFloat = embeddedSource, len(embedded)
		}
	}
	if r.forFloat == 0 {
		r.forFloat = len(input.Sequences)
	}
	stimulus.Sequences = len(input.Sequences)
	r.steps = r.framesOf(input.Sequences)
	stimulus.Steps = int(r.steps) / len(job.Model.Cells)
	header := plan.Header()
	described, err := describeModel(job.Model, func(cell int) int { return len(header.Cells[cell].Nodes) })
	if err != nil {
		return nil, err
	}
	r.report = &Report{
		Schema: ReportSchema, Version: job.Version, Model: described, Compat: CompatName(job.Compat), Stimulus: stimulus, Checks: []Check{},
	}
	return r, nil
}

// framesOf is how many frames a run over the sequences has.
func (r *runner) framesOf(sequences []dump.Sequence) int64 {
	features, _ := r.plan.Input()
	steps := 0
	for _, sequence := range sequences {
		steps += stepsOf(sequence, features)
	}
	return int64(steps) * int64(len(r.job.Model.Cells))
}

func (r *runner) all(ctx context.Context) error {
	var checks []checker
	run := len(r.job.Input.Sequences) > 0
	traced, tracedForFloat := r.readers(run && r.job.Float != nil)
	if run {
		checks = append(checks, func(ctx context.Context) (*Check, error) { return r.againstExact(ctx, traced) })
	}
	for i := range r.job.Recordings {
		recording := &r.job.Recordings[i]
		check := r.recorded
		if recording.Replayed {
			check = r.replayed
		}
		checks = append(checks, func(ctx context.Context) (*Check, error) { return check(ctx, recording) })
	}
	if tracedForFloat != nil {
		checks = append(checks, func(ctx context.Context) (*Check, error) { return r.againstFloat(ctx, tracedForFloat) })
	}
	found, err := together(ctx, checks)
	r.report.Checks = append(r.report.Checks, found...)
	if err != nil {
		return err
	}
	return r.cover(ctx)
}

// readers gives what reads the simulator's trace for the exact reference, and for the float model, if there is one: of one run, where
// both want the same sequences.
func (r *runner) readers(float bool) (exact, forFloat *broadcastReader) {
	switch {
	case !float:
		return newBroadcast(r.traceAll, 1).readers[0], nil
	case r.forFloat == len(r.job.Input.Sequences):
		both := newBroadcast(r.traceAll, 2).readers
		return both[0], both[1]
	}
	return newBroadcast(r.traceAll, 1).readers[0], newBroadcast(r.simulate(r.forFloat), 1).readers[0]
}

// traceAll runs the simulator over the whole stimulus.
func (r *runner) traceAll(ctx context.Context, sink dump.Sink) (err error) {
	r.traced, err = r.plan.Run(ctx, r.job.Input.Sequences, sink)
	return err
}

// simulate gives the simulator's run over the first sequences of the stimulus.
func (r *runner) simulate(count int) Producer {
	return func(ctx context.Context, sink dump.Sink) error {
		_, err := r.plan.Run(ctx, r.job.Input.Sequences[:count], sink)
		return err
	}
}

func (r *runner) options(check string, total int64) Options {
	return Options{Errors: r.job.Errors, Heat: r.job.Heat, Detail: r.job.Detail, Reads: r.reads, Progress: r.progress.of(check, total)}
}

func (r *runner) reads(graph, node string) []string {
	for i, cell := range r.job.Model.Cells {
		if cell.Graph.Name == graph {
			return r.exact.Reads(i, node)
		}
	}
	return nil
}

// checkOf is the check that a comparison makes.
func checkOf(name, title, against string, comparison *Comparison) *Check {
	return &Check{Name: name, Title: title, Against: against, Verdict: comparison.Verdict(), Comparison: comparison}
}

func (r *runner) againstExact(ctx context.Context, traced *broadcastReader) (*Check, error) {
	sequences := r.job.Input.Sequences
	reference := func(ctx context.Context, sink dump.Sink) error { return r.exact.Run(ctx, sequences, sink) }
	untraced := beside(func() (*sim.Result, error) { return r.plain(ctx) })
	comparison, err := compareAndClose(ctx, traced.started(ctx), produced(ctx, reference), r.options(NameExact, r.steps))
	plain, untracedErr := untraced()
	if err != nil {
		return nil, err
	}
	if untracedErr != nil {
		return nil, untracedErr
	}
	check := checkOf(NameExact, "simulator against the exact reference", "", comparison)
	check.comparePlain(plain.Output, r.traced.Output)
	return check, r.pursue(ctx, check, pursuit{got: opens(ctx, r.simulate(len(sequences))), want: opens(ctx, reference), stimulus: sequences})
}

// comparePlain holds what the simulator gives when nobody asks for a trace, which it computes another way, against what it
// gave with one.
func (c *Check) comparePlain(plain, traced [][]int16) {
	for sequence, want := range traced {
		for i, w := range want {
			c.Compared++
			if got := plain[sequence][i]; got != w {
				if c.Wrong == 0 {
					c.Findings = append(c.Findings, fmt.Sprintf("without a trace the output differs first in sequence %d, value %d: got %d, with one %d", sequence, i, got, w))
				}
				c.Wrong++
			}
		}
	}
	if c.Wrong > 0 {
		c.Verdict = Fail
		return
	}
	c.Findings = append(c.Findings, fmt.Sprintf("the run without a trace gives the same %s", plural(c.Compared, "output value")))
}

// recorded holds the simulator's run over the stimulus against a recorded one.
func (r *runner) recorded(ctx context.Context, recording *Recording) (check *Check, err error) {
	source, err := recording.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	count := recording.Sequences
	if count == 0 {
		count = len(r.job.Input.Sequences)
	}
	if count > len(r.job.Input.Sequences) {
		return nil, fmt.Errorf("%s has %d sequences, the stimulus %d: this recording is of another stimulus", recording.Path, count, len(r.job.Input.Sequences))
	}
	got, want, title := r.simulate(count), playback(source), "simulator against a recorded run"
	cause := pursuit{got: opens(ctx, got), want: recording.Open, accused: recording.Open, stimulus: r.job.Input.Sequences[:count]}
	if recording.Name == NameDevice { // which is what is judged here
		got, want, title = want, got, "device against the simulator"
		cause.got, cause.want = cause.want, cause.got
	}
	comparison, err := Lockstep(ctx, got, want, r.options(recording.Name, r.framesOf(r.job.Input.Sequences[:count])))
	if err != nil {
		return nil, err
	}
	comparison.Notes = append(comparison.Notes, recording.Notes...)
	check = checkOf(recording.Name, title, recording.Path, comparison)
	return check, r.pursue(ctx, check, cause)
}

// playback gives the frames of a source to a sink.
func playback(source dump.Source) Producer {
	return func(ctx context.Context, sink dump.Sink) error {
		if err := sink.Begin(source.Header()); err != nil {
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
			if err := sink.Write(&frame); err != nil {
				return err
			}
		}
	}
}

// stepsOf is the number of steps of a sequence.
func stepsOf(s dump.Sequence, features int) int { return (len(s.Float) + len(s.Fixed)) / features }
