package verify

import (
	"context"
	"errors"
	"fmt"

	"rnnsim/dump"
	"rnnsim/xmodel"
)

// NameTraces is the check that holds a trace against another; the name is stable.
const NameTraces = "traces"

// TracesJob is a comparison of two traces that gives a Report.
type TracesJob struct {
	// GotName and WantName say what the traces are.
	GotName, WantName string
	// Got and Want open them. They are opened once, and a few times more with Options.Detail.
	Got, Want func() (dump.Source, error)
	Options   Options
	// Model is what GOT should compute, or nil; with it, if Options.Detail is set, a divergence is explained and diagnosed, and what of the
	// datapath the stimulus exercises is measured. Compat is its semantics, Stimulus what GOT was given, or nil.
	Model    *xmodel.Model
	Compat   xmodel.Compat
	Stimulus []dump.Sequence
	Threads  int
	Version  string
}

// RunTraces holds one trace against another, as Compare does, and gives a report with this one check.
func RunTraces(ctx context.Context, job TracesJob) (*Report, error) {
	report, err := runTraces(ctx, &job)
	if err != nil {
		return nil, fmt.Errorf("compare %s with %s: %w", job.GotName, job.WantName, err)
	}
	return report, nil
}

func runTraces(ctx context.Context, job *TracesJob) (report *Report, err error) {
	want, err := job.Want()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, want.Close()) }()
	got, err := job.Got()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, got.Close()) }()
	comparison, err := Compare(ctx, got, want, job.Options)
	if err != nil {
		return nil, err
	}
	report = &Report{
		Schema: ReportSchema, Version: job.Version, Model: job.describe(want.Header()), Compat: CompatName(job.Compat),
		Stimulus: Stimulus{Sequences: comparison.Counts.Sequences, Steps: int(comparison.Counts.Steps) / max(1, comparison.Counts.Cells)},
		Checks: []Check{{
			Name: NameTraces, Title: "one trace against another", Got: job.GotName, Against: job.WantName, Verdict: comparison.Verdict(), Comparison: comparison,
		}},
	}
	if job.Options.Detail {
		p := pursuit{
			model: job.Model, compat: job.Compat, threads: job.Threads, got: job.Got, want: job.Want, names: job.Options.Map, stimulus: job.Stimulus,
		}
		if err := p.follow(ctx, &report.Checks[0]); err != nil {
			return nil, err
		}
		if err := job.cover(ctx, report); err != nil {
			return nil, err
		}
	}
	report.conclude()
	return report, nil
}

// describe says what is known of the model: its cells, by the model itself or by the trace.
func (job *TracesJob) describe(header dump.Header) Model {
	described := Model{Cells: []Cell{}}
	if job.Model != nil {
		nodes := func(cell int) int {
			if cell < len(header.Cells) {
				return len(header.Cells[cell].Nodes)
			}
			return 0
		}
		if m, err := describeModel(job.Model, nodes); err == nil {
			return m
		}
	}
	for _, c := range header.Cells {
		cell := Cell{Graph: c.Graph, Layer: c.Layer, Direction: string(xmodel.Forward), Nodes: len(c.Nodes)}
		if c.Backward {
			cell.Direction = string(xmodel.Backward)
		}
		for _, n := range c.Nodes {
			switch n.Name {
			case "input_0":
				cell.Input = n.Width
			case "h_next":
				cell.Hidden = n.Width
			}
		}
		described.Cells = append(described.Cells, cell)
	}
	return described
}
