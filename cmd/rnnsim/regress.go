package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"rnnsim/suite"
)

const regressDescription = `SUITE is a suite.yaml, or a folder with one: it says which cases there are and what is expected of each (docs/suites.md). Each case
runs in a process of its own, so that one which crashes, hangs or eats memory fails alone. Each result is a file in the results
folder, named by the digest of what determines it: what is there is not run again, and a run that was cancelled or killed is resumed
by the same command.

Examples:
  rnnsim regress vectors
  rnnsim regress --tag lstm --fail-fast --junit junit.xml suite.yaml
  rnnsim regress --shard 2/8 --results results-2 suite.yaml
  rnnsim regress merge -o results results-1 results-2
  rnnsim regress diff results.old results
  rnnsim regress submit --engine slurm --shards 16 suite.yaml`

func regressCommand(s streams) *cli.Command {
	command := &cli.Command{
		Name:        "regress",
		Category:    categoryJudge,
		Usage:       "run a suite of verifications, resume it, split it over machines",
		ArgsUsage:   "SUITE",
		Description: regressDescription,
		Flags: slices.Concat(summaryFlags(), choiceFlags(), []cli.Flag{
			&cli.StringFlag{Name: "results", Value: "regress-results", Usage: "keep the results in this `DIR`", TakesFile: true},
			&cli.BoolFlag{Name: "list", Usage: "list the cases, and run none"},
			&cli.Uint64Flag{Name: "shuffle", Usage: "run in a random order from this `SEED`; the summary does not depend on it"},
			&cli.BoolFlag{Name: "fail-fast", Usage: "start no case after one that is not as expected"},
			&cli.BoolFlag{Name: "no-cache", Usage: "run cases whose results are known too"},
			&cli.BoolFlag{Name: "rerun-failed", Usage: "run the cases anew that were not as expected"},
			&cli.IntFlag{Name: "jobs", Aliases: []string{"j"}, Usage: "run `N` cases at once (default: one a processor)"},
			&cli.StringFlag{Name: "shard", Usage: "run part `I/N` of the suite, or auto (auto/N): as Slurm, Kubernetes or CI say"},
			&cli.StringFlag{Name: "balance", Usage: "balance the shards by the times.json in this `DIR`, the same for all shards", TakesFile: true},
			&cli.BoolFlag{Name: "run-one", Hidden: true, Usage: "be the process of one case, told on standard input"},
		}),
		Action: func(c *cli.Context) error {
			if c.Bool("run-one") {
				return suite.ServeTask(c.Context, s.in, s.out, version())
			}
			return regress(c, s)
		},
		Subcommands: []*cli.Command{regressMergeCommand(s), regressDiffCommand(s), regressSubmitCommand(s)},
	}
	for _, sub := range command.Subcommands {
		sub.OnUsageError = onUsageError
	}
	return command
}

// choiceFlags choose among the cases of a suite.
func choiceFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "filter", Usage: "only cases with `TEXT` in their names, or whose names match it where it has *, ? or ["},
		&cli.StringSliceFlag{Name: "case", Usage: "only the case of this `NAME` (may be repeated)"},
		&cli.StringSliceFlag{Name: "tag", Usage: "only cases with this `TAG`; several must all be there"},
	}
}

// choiceWords gives what choiceFlags were given, as words of a command line.
func choiceWords(c *cli.Context) []string {
	var words []string
	if c.String("filter") != "" {
		words = append(words, "--filter="+c.String("filter"))
	}
	for _, name := range []string{"case", "tag"} {
		for _, value := range c.StringSlice(name) {
			words = append(words, "--"+name+"="+value)
		}
	}
	return words
}

// summaryFlags say where a summary goes, and by which day it is judged.
func summaryFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "json", Usage: "print the summary as JSON"},
		&cli.StringFlag{Name: "junit", Usage: "write the summary to this `FILE` as JUnit XML", TakesFile: true},
		&cli.StringFlag{Name: "markdown", Usage: "write the summary to this `FILE` as GitHub-flavoured Markdown", TakesFile: true},
		&cli.StringFlag{Name: "html", Usage: "write the summary to this `DIR` as HTML, index.html, with a page for each case", TakesFile: true},
		&cli.StringFlag{Name: "parquet", Usage: "write the statistics of every node of every case to this `FILE`", TakesFile: true},
		&cli.StringFlag{Name: "today", Usage: "judge known failures as on this `DAY`, YYYY-MM-DD (default: today, UTC)"},
	}
}

func regress(c *cli.Context, s streams) error {
	path, err := oneArgument(c, "a suite")
	if err != nil {
		return err
	}
	options, err := regressOptions(c)
	if err != nil {
		return err
	}
	_, loaded, cases, err := chosenCases(c, path)
	if err != nil {
		return err
	}
	if c.Bool("list") {
		return listCases(s.out, cases)
	}
	summary, err := runSuite(c, s, loaded, cases, options)
	if err != nil {
		return err
	}
	return showSummary(c, s, summary, options.Results)
}

// chosenCases reads a suite, or that of a folder, and gives the path of its file and the cases that the flags choose.
func chosenCases(c *cli.Context, path string) (string, *suite.Suite, []suite.Case, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "suite.yaml")
	}
	loaded, err := suite.Load(path)
	if err != nil {
		return "", nil, nil, err
	}
	cases, err := suite.Choose(loaded.Cases, c.String("filter"), c.StringSlice("tag"), c.StringSlice("case"))
	if err != nil {
		return "", nil, nil, usageError{err.Error()}
	}
	if len(cases) == 0 {
		return "", nil, nil, fmt.Errorf("%s: none of the %d cases fits --filter, --tag and --case; --list without them lists all", path, len(loaded.Cases))
	}
	return path, loaded, cases, nil
}

func regressOptions(c *cli.Context) (*suite.Options, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program, to start it for each case: %w", err)
	}
	today, err := todayOf(c)
	if err != nil {
		return nil, err
	}
	o := &suite.Options{
		Results: c.String("results"), Version: version(), Worker: []string{program, "regress", "--run-one"}, Jobs: c.Int("jobs"), Today: today,
		NoCache: c.Bool("no-cache"), RerunFailed: c.Bool("rerun-failed"), FailFast: c.Bool("fail-fast"),
	}
	if o.Build, err = buildIdentity(program); err != nil {
		return nil, err
	}
	if c.IsSet("shuffle") {
		seed := c.Uint64("shuffle")
		o.Shuffle = &seed
	}
	if c.IsSet("shard") {
		if o.Shard, err = suite.ParseShard(c.String("shard"), os.Getenv); err != nil {
			return nil, usageError{err.Error()}
		}
	}
	if c.IsSet("balance") {
		o.Times, err = suite.ReadTimes(c.String("balance"))
	}
	return o, err
}

func todayOf(c *cli.Context) (string, error) {
	if !c.IsSet("today") {
		return time.Now().UTC().Format(time.DateOnly), nil
	}
	day := c.String("today")
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return "", usagef("--today %q is no day like 2026-01-31", day)
	}
	return day, nil
}

func listCases(w io.Writer, cases []suite.Case) error {
	var b strings.Builder
	for i := range cases {
		b.WriteString(cases[i].Name)
		for _, tag := range cases[i].Tags {
			b.WriteString(" #" + tag)
		}
		if e := &cases[i].Expectation; e.Outcome != suite.Passed {
			fmt.Fprintf(&b, " (known: %s, until %s)", e.Outcome, e.Until)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%d cases\n", len(cases))
	_, err := io.WriteString(w, b.String())
	return err
}

func runSuite(c *cli.Context, s streams, loaded *suite.Suite, cases []suite.Case, o *suite.Options) (*suite.Summary, error) {
	progress := newRegressProgress(c.Context, s.err)
	o.Progress = progress.update
	summary, err := suite.Run(c.Context, loaded, cases, *o)
	progress.stop()
	last := progress.last
	if c.Context.Err() != nil && err != nil {
		fmt.Fprintf(s.err, "rnnsim: %d of %d cases are done and kept in %s; the same command resumes\n", last.Done, last.Total, o.Results)
		return nil, context.Canceled
	}
	if err == nil && last.Cached > 0 {
		fmt.Fprintf(s.err, "rnnsim: %d of %d results were known from an earlier run\n", last.Cached, last.Total)
	}
	return summary, err
}
