package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"rnnsim/suite"
)

const submitDescription = `The suite becomes an array of jobs, a shard each, and one more that merges their results when all have ended. Scripts, logs, the
shards' results and the merged ones are in the folder of --results, which all machines must see, like the suite and this program.
What stands behind -- is given to sbatch.

The command waits for the merged results and ends like regress. When it is interrupted the jobs go on; the same command then waits for
them again. Shards resume: after a requeue, and when the suite is submitted again. The times of the submission before balance the
shards, and its results are kept in merged.old, for regress diff.

Examples:
  rnnsim regress submit --engine slurm --shards 16 --results /scratch/regress suite.yaml
  rnnsim regress submit --engine slurm --shards 16 --detach suite.yaml -- --partition=short --cpus-per-task=4 --time=1:00:00`

// askInterval is how often the batch system is asked.
const askInterval = 2 * time.Second

func regressSubmitCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:        "submit",
		Usage:       "run a suite as jobs of a batch system",
		ArgsUsage:   "SUITE [-- SBATCH OPTIONS]",
		Description: submitDescription,
		Flags: slices.Concat(summaryFlags(), choiceFlags(), []cli.Flag{
			&cli.StringFlag{Name: "engine", Value: "slurm", Usage: "the batch `SYSTEM`: slurm"},
			&cli.IntFlag{Name: "shards", Usage: "cut the suite into `N` shards"},
			&cli.StringFlag{Name: "results", Value: "regress-jobs", Usage: "keep all of it in this `DIR`", TakesFile: true},
			&cli.BoolFlag{Name: "detach", Usage: "do not wait for the results"},
		}),
		Action: func(c *cli.Context) error { return submit(c, s) },
	}
}

func submit(c *cli.Context, s streams) error {
	if c.String("engine") != "slurm" {
		return usagef("there is no batch system %q here; there is slurm", c.String("engine"))
	}
	args := c.Args().Slice()
	if len(args) == 0 {
		return usagef("submit wants a suite")
	}
	if len(args) > 1 && args[1] != "--" {
		return usagef("submit wants one suite; what is for sbatch stands behind --: rnnsim regress submit SUITE -- OPTIONS")
	}
	if n := c.Int("shards"); n < 1 {
		return usagef("submit wants --shards, 1 or more")
	}
	path, loaded, cases, err := chosenCases(c, args[0])
	if err != nil {
		return err
	}
	submission, err := newSubmission(c, path, args[min(2, len(args)):])
	if err != nil {
		return err
	}
	batch := suite.Slurm{}
	jobs, attached, err := submission.Submit(c.Context, batch, len(cases))
	if err != nil {
		return err
	}
	verb := "submitted"
	if attached {
		verb = "still under way:"
		submission.Shards = jobs.Shards
	}
	fmt.Fprintf(s.err, "rnnsim: %s %d cases of %s in %d shards, jobs %s and %s (merge)\n", verb, jobs.Cases, loaded.Name, jobs.Shards, jobs.Array, jobs.Merge)
	if c.Bool("detach") {
		_, err := fmt.Fprintf(s.out, "%s %s\n", jobs.Array, jobs.Merge)
		return err
	}
	progress := newRegressProgress(c.Context, s.err)
	summary, err := submission.Wait(c.Context, batch, jobs, askInterval, func(done int) {
		progress.update(suite.Progress{Done: done, Total: jobs.Cases, LastStatus: suite.StatusPassed})
	})
	progress.stop()
	if c.Context.Err() != nil {
		fmt.Fprintf(s.err, "rnnsim: the jobs go on: the same command waits for them again, scancel %s %s ends them\n", jobs.Array, jobs.Merge)
		return context.Canceled
	}
	if err != nil {
		return err
	}
	return showSummary(c, s, summary, filepath.Join(submission.Dir, suite.MergedFolder))
}

func newSubmission(c *cli.Context, path string, options []string) (*suite.Submission, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program, to start it on other machines: %w", err)
	}
	today, err := todayOf(c)
	if err != nil {
		return nil, err
	}
	submission := &suite.Submission{Program: program, Shards: c.Int("shards"), Today: today, Options: options, Choice: choiceWords(c)}
	if submission.Dir, err = filepath.Abs(c.String("results")); err != nil {
		return nil, err
	}
	submission.Suite, err = filepath.Abs(path)
	return submission, err
}
