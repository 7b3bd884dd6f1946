package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"rnnsim/selftest/differential"
)

const selftestDescription = `Single bits are flipped at random in traces, weights, tables, inputs, dumps and results, made from two small cases in this binary or
from CASE, and read or compared as every other command does: each flip is refused by a reader, found at exactly its place, or proved
not to matter. One that is not is a miss, told with the command that repeats it, and the exit code is 1.

With --differential: random networks of 1 to 80 units go through every kernel that this processor has, traced and not, in pieces and
whole, on more threads than processors and on fewer, and through the exact reference. The first difference ends the run: it is shrunk
to the smallest network that shows it and saved as a case for rnnsim verify.

Examples:
  rnnsim selftest
  rnnsim selftest --flips 100000 --seed 7 vectors/digits-bilstm16
  rnnsim selftest --differential --seconds 60
  rnnsim selftest --differential --cells 1000000 --seed 7
  rnnsim selftest --differential --seed 7 --first 4711 --cells 1      (one network again)`

func selftestCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:        "selftest",
		Category:    categoryJudge,
		Usage:       "check the checker: no flipped bit is missed, and all kernels agree",
		ArgsUsage:   "[CASE]",
		Description: selftestDescription,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "differential", Usage: "hold all kernels against the exact reference on random networks"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "draw from this `SEED`"},
			&cli.Uint64Flag{Name: "flips", Value: 10000, Usage: "flip `N` bits"},
			&cli.Float64Flag{Name: "seconds", Usage: "--differential: stop after `S` seconds (default: 60, where --cells is not given)"},
			&cli.Uint64Flag{Name: "cells", Usage: "--differential: stop after `N` cells"},
			&cli.Uint64Flag{Name: "first", Usage: "begin with flip, or network, `N` of the seed"},
			&cli.IntFlag{Name: "jobs", Aliases: []string{"j"}, Usage: "work on `N` flips or networks at once (default: one a processor)"},
			&cli.StringFlag{Name: "save", Value: "differential-case", Usage: "--differential: save a difference as the case `DIR`", TakesFile: true},
			&cli.BoolFlag{Name: "json", Usage: "print the report as JSON"},
		},
		Action: func(c *cli.Context) error {
			if !c.Bool("differential") {
				return selftestFlips(c, s)
			}
			if c.NArg() > 0 {
				return usagef("selftest --differential takes no arguments, and got %q", c.Args().First())
			}
			return selftestDifferential(c, s)
		},
	}
}

func selftestDifferential(c *cli.Context, s streams) error {
	seconds := c.Float64("seconds")
	if !c.IsSet("seconds") && !c.IsSet("cells") {
		seconds = 60
	}
	if !(seconds >= 0 && seconds <= math.MaxInt32) {
		return usagef("--seconds is %v; it must be a number of seconds", seconds)
	}
	if c.Int("jobs") < 0 {
		return usagef("--jobs is %d; it must be positive", c.Int("jobs"))
	}
	if seconds == 0 && c.Uint64("cells") == 0 {
		return usagef("neither --seconds nor --cells is more than 0: nothing would be run")
	}
	unit := "cells"
	if c.Uint64("cells") == 0 {
		unit = "seconds"
	}
	bar, start := newProgress(c.Context, s.err, unit), time.Now()
	report, err := differential.Run(c.Context, differential.Options{
		Seed: c.Uint64("seed"), First: c.Uint64("first"), Cells: c.Uint64("cells"), Duration: time.Duration(seconds * float64(time.Second)),
		Jobs: c.Int("jobs"), Processors: []int{2, 1, 4, 3, 8}, Save: c.String("save"), Version: version(),
		Progress: func(cells uint64) {
			if bound := c.Uint64("cells"); bound > 0 {
				bar.update(int(cells), int(bound))
			} else {
				bar.update(int(time.Since(start).Seconds()), int(seconds))
			}
		},
	})
	bar.stop()
	if report == nil {
		return err
	}
	return showSelftest(c, s, report, writeDifferential, err, report.Found != nil)
}

// showSelftest prints the report of a selftest that ended with err. Where that is a cancellation, what was run before it was run.
func showSelftest[R any](c *cli.Context, s streams, report R, write func(io.Writer, R) error, err error, differs bool) error {
	if err != nil && c.Context.Err() == nil {
		return err
	}
	var shown error
	if c.Bool("json") {
		shown = writeJSON(s, report)
	} else {
		shown = write(s.out, report)
	}
	switch {
	case err != nil:
		return err
	case shown != nil:
		return fmt.Errorf("print the report: %w", shown)
	case differs:
		return errDiffers
	}
	return nil
}

func writeDifferential(w io.Writer, r *differential.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s cells in %s networks of seed %d, from number %d on, in %.0f s\n",
		grouped(int64(r.Cells)), grouped(int64(r.Networks)), r.Seed, r.First, r.Seconds)
	fmt.Fprintf(&b, "%s values of every node and step by the exact reference, each held against:\n", grouped(r.Values))
	for _, name := range slices.Sorted(maps.Keys(r.Kernels)) {
		fmt.Fprintf(&b, "  %-40s %12s cells\n", name, grouped(r.Kernels[name]))
	}
	if r.Found == nil {
		b.WriteString("no difference\n")
	} else {
		fmt.Fprintf(&b, "DIFFERENT: network %d\n  %s\n  of %s\nshrunk in %s tries\n  %s\n  of %s\n",
			r.Found.Number, r.Found.First, r.Found.Drawn, grouped(int64(r.Found.Tries)), r.Found.Message, r.Found.Shrunk)
		if r.Found.Saved != "" {
			fmt.Fprintf(&b, "saved as %s; to see it:\n  %s\n", r.Found.Saved, r.Found.Command)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
