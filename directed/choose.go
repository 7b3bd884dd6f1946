package directed

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"rnnsim/coverage"
	"rnnsim/dump"
	"rnnsim/internal/pool"
	"rnnsim/xmodel"
)

func realOf(lsb float64, position int) float32 { return float32(math.Ldexp(lsb, -position)) }

// each runs the climbs, several at a time.
func (s *search) each(ctx context.Context, climbs []*climb) error {
	// A probe is used by one goroutine at a time, and takes a while to make.
	var probes sync.Pool
	return pool.Each(ctx, climbs, s.options.Threads, func(ctx context.Context, c *climb) (err error) {
		if c.target.Unreachable {
			return nil
		}
		probe, _ := probes.Get().(*coverage.Probe)
		if probe == nil {
			if probe, err = coverage.NewProbe(s.model); err != nil {
				return err
			}
		}
		defer probes.Put(probe)
		return c.run(ctx, probe)
	}, func(done int) { s.options.Progress(done, len(climbs)) })
}

// choose keeps a sequence for each target that was hit, unless one that is kept already hits it too, by the coverage of each.
func (s *search) choose(ctx context.Context, m *xmodel.Model, climbs []*climb) (*Result, error) {
	result := &Result{}
	var kept []map[[3]string]int // by bin, the step of the first hit
	for _, c := range climbs {
		found := Found{Target: c.target, Tries: c.tries, Nearest: c.nearest}
		key := [3]string{c.target.Graph, c.target.Node, c.target.Bin}
		if c.tries > 0 && c.nearest == 0 {
			holds := func(hits map[[3]string]int) bool { _, ok := hits[key]; return ok }
			at := slices.IndexFunc(kept, holds)
			if at < 0 {
				hits, err := s.hits(ctx, m, c.best)
				if err != nil {
					return nil, err
				}
				if !holds(hits) && c.enters {
					found.Nearest = 1
					result.Targets = append(result.Targets, found)
					continue
				}
				if !holds(hits) {
					return nil, fmt.Errorf("the sequence found for %s does not hit it by the coverage", c.target)
				}
				at = len(kept)
				kept, result.Sequences = append(kept, hits), append(result.Sequences, c.best)
			}
			found.Hit, found.Sequence, found.Step = true, at, kept[at][key]
		}
		result.Targets = append(result.Targets, found)
	}
	return result, nil
}

// hits measures the coverage of one sequence.
func (s *search) hits(ctx context.Context, m *xmodel.Model, sequence dump.Sequence) (map[[3]string]int, error) {
	report, err := coverage.Measure(ctx, m, []dump.Sequence{sequence})
	if err != nil {
		return nil, err
	}
	hits := map[[3]string]int{}
	for _, n := range report.Nodes {
		for _, b := range n.Bins {
			if b.Hit {
				hits[[3]string{n.Graph, n.Name, b.Name}] = b.Step
			}
		}
	}
	return hits, nil
}
