package suite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"rnnsim/internal/atomicfile"
)

// Merge puts the results of all shards of a suite into the new folder out, as one machine would have left them. It refuses a shard
// that is missing, of another suite, program or selection, or without one of its results, and shards that contradict one another.
func Merge(ctx context.Context, dirs []string, out, today string) (*Summary, error) {
	merged, found, err := gather(ctx, dirs)
	if err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	summary := summarize(merged, found, today)
	times := map[string]float64{}
	for _, dir := range dirs {
		// The times are for the next run's balance alone: a folder without them is as good.
		if t, err := ReadTimes(dir); err == nil {
			maps.Copy(times, t)
		}
	}
	err = atomicfile.WriteFolder(out, func(dir string) error {
		s, err := openStore(dir)
		if err != nil {
			return err
		}
		defer s.close()
		for _, key := range slices.Sorted(maps.Keys(found)) {
			if err := errors.Join(ctx.Err(), s.write(found[key], "")); err != nil {
				return err
			}
		}
		if err := writeJSON(filepath.Join(dir, planFile), merged); err != nil {
			return err
		}
		if len(times) > 0 {
			if err := writeJSON(filepath.Join(dir, timesFile), times); err != nil {
				return err
			}
		}
		return summary.WriteFile(filepath.Join(dir, SummaryFile))
	})
	if err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	return summary, nil
}

// gather reads the shards and gives the plan of the whole suite and the results by key.
func gather(ctx context.Context, dirs []string) (*plan, map[string]*Result, error) {
	var first *plan
	var firstText, firstDir string
	shards := map[int]string{}
	found := map[string]*Result{}
	for _, dir := range dirs {
		p, err := readPlan(dir)
		if err != nil {
			return nil, nil, err
		}
		text, err := p.whole()
		if err != nil {
			return nil, nil, err
		}
		if first == nil {
			first, firstText, firstDir = p, text, dir
		}
		if text != firstText {
			return nil, nil, fmt.Errorf("%s and %s are no shards of one run: suite, selection, number of shards, contents of the files or rnnsim differ", firstDir, dir)
		}
		if err := collect(ctx, p, dir, found); err != nil {
			return nil, nil, err
		}
		shards[p.Shard.Index] = dir
	}
	if first == nil {
		return nil, nil, fmt.Errorf("no shard is named")
	}
	for i := 1; i <= first.Shard.Count; i++ {
		if shards[i] == "" {
			return nil, nil, fmt.Errorf("shard %d of %d is missing", i, first.Shard.Count)
		}
	}
	merged := *first
	merged.Shard = Shard{Index: 1, Count: 1}
	merged.Cases = slices.Clone(first.Cases)
	for i := range merged.Cases {
		merged.Cases[i].Shard = 1
	}
	return &merged, found, nil
}

// whole is what the plans of all shards of a run have in common, as text.
func (p *plan) whole() (string, error) {
	common := *p
	common.Shard.Index = 0
	text, err := json.Marshal(common)
	if err != nil {
		return "", fmt.Errorf("compare the plans: %w", err)
	}
	return string(text), nil
}

// collect reads a shard's results.
func collect(ctx context.Context, p *plan, dir string, found map[string]*Result) error {
	for i := range p.Cases {
		c := &p.Cases[i]
		if !p.mine(c) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		result, err := readResult(dir, c.Key)
		switch {
		case err != nil:
			return err
		case result == nil || result.Case != c.Name:
			return fmt.Errorf("%s has no whole result of %s: run shard %d/%d again, which resumes it", dir, c.Name, p.Shard.Index, p.Shard.Count)
		}
		before := found[c.Key]
		if before == nil {
			found[c.Key] = result
			continue
		}
		if same, err := sameResult(before, result); err != nil || !same {
			return fmt.Errorf("%s contradicts another folder of shard %d about %s: %s there, %s here", dir, p.Shard.Index, c.Name, before.Outcome, result.Outcome)
		}
	}
	return nil
}

func sameResult(a, b *Result) (bool, error) {
	textA, err := a.Marshal()
	if err != nil {
		return false, err
	}
	textB, err := b.Marshal()
	return string(textA) == string(textB), err
}
