package suite

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// Wait waits for the merged results of jobs, asking every interval. progress is told how many cases have results. An error says that
// the jobs ended without merged results, and where their logs are.
func (s *Submission) Wait(ctx context.Context, batch Batch, jobs Jobs, interval time.Duration, progress func(done int)) (*Summary, error) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		// Asked first: what ends between the two questions has left its results.
		active, err := batch.Active(ctx, jobs.Merge)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		if summary, err := s.Merged(); summary != nil || err != nil {
			return summary, err
		}
		if !active {
			return nil, fmt.Errorf("the jobs %s and %s ended without merged results: their logs are in %s", jobs.Array, jobs.Merge, filepath.Join(s.Dir, logsFolder))
		}
		progress(s.Done())
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-ticker.C:
		}
	}
}
