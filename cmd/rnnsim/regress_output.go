package main

import (
	"errors"
	"io"

	"github.com/urfave/cli/v2"

	"rnnsim/internal/atomicfile"
	"rnnsim/report"
	"rnnsim/suite"
)

// showSummary writes the summary to where the flags say and prints it; results is the folder that it is of. The error is that of its
// exit code.
func showSummary(c *cli.Context, s streams, summary *suite.Summary, results string) error {
	for flag, write := range map[string]func(io.Writer) error{
		"junit": summary.WriteJUnit, "markdown": summary.WriteMarkdown,
		"parquet": func(w io.Writer) error { return summary.WriteNodes(c.Context, w, results) },
	} {
		if path := c.String(flag); path != "" {
			if err := atomicfile.Write(path, write); err != nil {
				return err
			}
		}
	}
	if dir := c.String("html"); dir != "" {
		if err := summary.WritePages(c.Context, dir, results, report.Write); err != nil {
			return err
		}
	}
	if c.Bool("json") {
		if err := writeJSON(s, summary); err != nil {
			return err
		}
	} else if err := summary.WriteText(s.out); err != nil {
		return err
	}
	return errorOf(summary.ExitCode())
}

// errorOf gives the error that ends a command with the exit code of findings that are printed already.
func errorOf(code int) error {
	switch code {
	case exitSame:
		return nil
	case exitDiffers:
		return errDiffers
	case exitFailed:
		return errNothingCompared
	}
	return errors.New("the findings have an unknown verdict")
}

func regressMergeCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "merge",
		Usage:     "put the results of all shards together, to the bytes that one machine would have given",
		ArgsUsage: "DIR...",
		Flags:     append(summaryFlags(), outputFlag("make this results `DIR`")),
		Action: func(c *cli.Context) error {
			dirs, err := someArguments(c, "the results folders of all shards")
			if err != nil {
				return err
			}
			if err := wantFlags(c, "output"); err != nil {
				return err
			}
			today, err := todayOf(c)
			if err != nil {
				return err
			}
			summary, err := suite.Merge(c.Context, dirs, c.String("output"), today)
			if err != nil {
				return err
			}
			return showSummary(c, s, summary, c.String("output"))
		},
	}
}

func regressDiffCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "diff",
		Usage:     "say what broke, what was mended, and what got worse between two results",
		ArgsUsage: "OLD NEW",
		Flags: []cli.Flag{
			&cli.Float64Flag{Name: "tolerance", Value: 0.01, Usage: "take an SQNR for the same within this many `dB`"},
			&cli.BoolFlag{Name: "json", Usage: "print the difference as JSON"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() != 2 {
				return usagef("diff wants two results folders or summaries, OLD and NEW, and got %d arguments", c.NArg())
			}
			if c.Float64("tolerance") < 0 {
				return usagef("--tolerance %g is negative", c.Float64("tolerance"))
			}
			before, err := suite.ReadSummary(c.Args().Get(0))
			if err != nil {
				return err
			}
			after, err := suite.ReadSummary(c.Args().Get(1))
			if err != nil {
				return err
			}
			difference := suite.Diff(before, after, c.Float64("tolerance"))
			if c.Bool("json") {
				err = writeJSON(s, difference)
			} else {
				err = difference.WriteText(s.out)
			}
			if err != nil {
				return err
			}
			return errorOf(difference.ExitCode())
		},
	}
}
