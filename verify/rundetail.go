package verify

import (
	"context"
	"fmt"

	"rnnsim/coverage"
	"rnnsim/dump"
	"rnnsim/xmodel"
)

// opens gives a producer's frames whenever they are asked for, by running it anew.
func opens(ctx context.Context, produce Producer) opener {
	return func() (dump.Source, error) { return produced(ctx, produce), nil }
}

// pursue looks for the cause of a check that fails, where details are wanted.
func (r *runner) pursue(ctx context.Context, check *Check, p pursuit) error {
	if !r.job.Detail {
		return nil
	}
	p.model, p.compat, p.threads = r.job.Model, r.job.Compat, r.job.Threads
	p.progress = r.progress.beside("diagnosis")
	return p.follow(ctx, check)
}

// cover measures what of the datapath the stimulus exercises, where details are wanted.
func (r *runner) cover(ctx context.Context) error {
	if !r.job.Detail || len(r.job.Input.Sequences) == 0 {
		return nil
	}
	measured, err := coverage.Measure(ctx, r.job.Model, r.job.Input.Sequences)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		r.report.Notes = append(r.report.Notes, fmt.Sprintf("no coverage: %v", err))
		return nil
	}
	r.report.cover(measured, r.job.Compat)
	return nil
}

// cover adds a coverage to the report.
func (r *Report) cover(measured *coverage.Report, compat xmodel.Compat) {
	if compat != xmodel.Sane {
		r.Notes = append(r.Notes, "coverage is that of the datapath without the faults of the original")
	}
	r.Coverage = measured
}
