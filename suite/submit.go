package suite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Submission is a suite as jobs of a batch system: an array with a task a shard, and a job that merges them.
type Submission struct {
	// Dir is the folder of it all: the scripts, a results folder a shard, and the merged results.
	Dir string
	// Program is rnnsim, where all machines find it; Suite is the suite.yaml, absolute, likewise.
	Program, Suite string
	Shards         int
	// Choice are the words of the command line that choose cases, the same for all shards.
	Choice []string
	// Today judges known failures on all machines alike.
	Today string
	// Options are passed on to the batch system.
	Options []string
}

// The names in the folder of a submission.
const (
	arrayScript = "array.sh"
	mergeScript = "merge.sh"
	jobsFile    = "jobs.json"
	balanceFile = "balance.json"
	// MergedFolder holds the results of all shards, as one machine would have left them; OldMergedFolder those of the submission before.
	MergedFolder    = "merged"
	OldMergedFolder = "merged.old"
)

// Jobs are the jobs of a submission, as the batch system calls them.
type Jobs struct {
	Engine string `json:"engine"`
	Array  string `json:"array"`
	Merge  string `json:"merge"`
	Shards int    `json:"shards"`
	Cases  int    `json:"cases"`
}

// Batch is a batch system.
type Batch interface {
	// Submit starts the array script with a task a shard, and the merge script after the last of them, however they end.
	Submit(ctx context.Context, s *Submission) (Jobs, error)
	// Active says whether a job waits or runs.
	Active(ctx context.Context, job string) (bool, error)
}

// Submit writes the scripts and starts the jobs. Where jobs of an earlier submission into the folder wait or run still, it gives
// those. Merged results of an earlier submission are kept as merged.old, and its times balance the shards.
func (s *Submission) Submit(ctx context.Context, batch Batch, cases int) (jobs Jobs, attached bool, err error) {
	if err := os.MkdirAll(filepath.Join(s.Dir, logsFolder), 0o755); err != nil {
		return Jobs{}, false, fmt.Errorf("make the folder of the jobs: %w", err)
	}
	before, err := readJobs(s.Dir)
	if err != nil {
		return Jobs{}, false, err
	}
	if before != nil {
		active, err := batch.Active(ctx, before.Merge)
		if err != nil {
			return Jobs{}, false, err
		}
		if active {
			return *before, true, nil
		}
	}
	if err := s.keepMerged(); err != nil {
		return Jobs{}, false, err
	}
	if err := s.writeScripts(); err != nil {
		return Jobs{}, false, err
	}
	if jobs, err = batch.Submit(ctx, s); err != nil {
		return Jobs{}, false, err
	}
	jobs.Shards, jobs.Cases = s.Shards, cases
	return jobs, false, writeJSON(filepath.Join(s.Dir, jobsFile), jobs)
}

func readJobs(dir string) (*Jobs, error) {
	text, err := os.ReadFile(filepath.Join(dir, jobsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var jobs Jobs
	if err == nil {
		err = strictJSON(text, &jobs)
	}
	if err != nil {
		return nil, fmt.Errorf("read the jobs of an earlier submission: %s: %w", filepath.Join(dir, jobsFile), err)
	}
	return &jobs, nil
}

// keepMerged puts the merged results of the submission before aside.
func (s *Submission) keepMerged() error {
	merged, old := filepath.Join(s.Dir, MergedFolder), filepath.Join(s.Dir, OldMergedFolder)
	if _, err := os.Stat(merged); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	times, err := ReadTimes(merged)
	if err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(s.Dir, balanceFile), times); err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(old), os.Rename(merged, old)); err != nil {
		return fmt.Errorf("put the merged results of the submission before aside: %w", err)
	}
	return nil
}

func (s *Submission) shardDir(i string) string { return filepath.Join(s.Dir, "shard-") + i }

// writeScripts writes what the jobs run. A task that is started again, after a requeue or by hand, resumes.
func (s *Submission) writeScripts() error {
	words := append([]string{s.Program, "regress", "--today", s.Today}, s.Choice...)
	balance := filepath.Join(s.Dir, balanceFile)
	if _, err := os.Stat(balance); err == nil {
		words = append(words, "--balance", balance)
	}
	array := fmt.Sprintf(`#!/bin/bash
# One shard of a suite a task. A task that is started again resumes.
set -u
export GOMAXPROCS="${SLURM_CPUS_PER_TASK:-1}"
%s --shard "$SLURM_ARRAY_TASK_ID/%d" --results %s"$SLURM_ARRAY_TASK_ID" %s
code=$?
# Cases that are not as expected are the finding of the merge, not the failure of this task.
((code == 1)) && code=0
exit $code
`, quotedWords(words), s.Shards, quoted(s.shardDir("")), quoted(s.Suite))
	merged := filepath.Join(s.Dir, MergedFolder)
	var shards []string
	for i := 1; i <= s.Shards; i++ {
		shards = append(shards, s.shardDir(fmt.Sprint(i)))
	}
	merge := fmt.Sprintf(`#!/bin/bash
# Puts the shards together. Started again after it was done, it has nothing to do.
set -u
[[ -f %[1]s ]] && exit 0
%[2]s
code=$?
# Where something is merged, its summary says what is to be said.
[[ -f %[1]s ]] && exit 0
exit $code
`, quoted(filepath.Join(merged, SummaryFile)),
		quotedWords(append([]string{s.Program, "regress", "merge", "--today", s.Today, "--output", merged}, shards...)))
	for name, text := range map[string]string{arrayScript: array, mergeScript: merge} {
		if err := writeBytes(filepath.Join(s.Dir, name), []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

func quotedWords(words []string) string {
	var all []string
	for _, word := range words {
		name, value, isFlag := strings.Cut(word, "=")
		switch {
		case strings.HasPrefix(word, "-") && isFlag:
			all = append(all, name+"="+inQuotes(value))
		case strings.HasPrefix(word, "-"):
			all = append(all, word)
		default:
			all = append(all, quoted(word))
		}
	}
	return strings.Join(all, " ")
}

// Done counts the cases whose results are there, over all shards.
func (s *Submission) Done() int {
	done := 0
	for i := 1; i <= s.Shards; i++ {
		// A shard that has not begun has no folder.
		entries, _ := os.ReadDir(filepath.Join(s.shardDir(fmt.Sprint(i)), casesFolder))
		for _, entry := range entries {
			if strings.HasSuffix(entry.Name(), ".json") {
				done++
			}
		}
	}
	return done
}

// Merged gives the merged summary, or nil where there is none yet.
func (s *Submission) Merged() (*Summary, error) {
	summary, err := ReadSummary(filepath.Join(s.Dir, MergedFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return summary, err
}
