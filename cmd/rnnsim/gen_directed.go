package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"rnnsim/coverage"
	"rnnsim/directed"
	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/xmodel"
)

// directedStimuli seeks sequences for bins, and tells what came of it: on standard output, or beside stimuli that go there.
func directedStimuli(c *cli.Context, s streams, quantized *xmodel.Model, compat xmodel.Compat) ([]dump.Sequence, export.ProtocolHeader, error) {
	none := export.ProtocolHeader{}
	switch {
	case c.IsSet("pattern") || c.IsSet("sequences"):
		return nil, none, usagef("--pattern and --sequences do not go with --bin and --missing-from: as many sequences are made as it takes")
	case compat != xmodel.Sane:
		return nil, none, usagef("--compat does not go with --bin and --missing-from: bins are of what is specified")
	case c.Int("steps") < 1 || c.Int("tries") < 1:
		return nil, none, usagef("--steps and --tries must be 1 or more")
	}
	header, err := protocolHeader(quantized, compat)
	if err != nil {
		return nil, none, err
	}
	targets, err := wantedBins(c, quantized)
	if err != nil {
		return nil, none, err
	}
	bar := newProgress(c.Context, s.err, "bins")
	result, err := directed.Search(c.Context, quantized, targets, directed.Options{
		Seed: c.Uint64("seed"), Steps: c.Int("steps"), Tries: c.Int("tries"), Threads: c.Int("threads"), Integers: c.String("format") == "text", Progress: bar.update,
	})
	bar.stop()
	if err != nil {
		return nil, none, err
	}
	var out io.Writer = s.out
	if c.String("output") == "" {
		out = s.err
	}
	if err := result.WriteText(out); err != nil {
		return nil, none, err
	}
	if len(result.Sequences) == 0 {
		_, err = fmt.Fprintln(out, "nothing was reached: no stimuli were written")
	}
	return result.Sequences, header, err
}

// wantedBins lists the bins that --bin names and --missing-from leaves.
func wantedBins(c *cli.Context, quantized *xmodel.Model) ([]coverage.Target, error) {
	probe, err := coverage.NewProbe(quantized)
	if err != nil {
		return nil, err
	}
	targets := probe.Targets()
	if patterns := c.StringSlice("bin"); len(patterns) > 0 {
		for _, pattern := range patterns {
			if !slices.ContainsFunc(targets, func(t coverage.Target) bool { return t.Matches(pattern) }) {
				return nil, usagef("no bin fits %q; one is %q (rnnsim coverage lists them)", pattern, targets[0])
			}
		}
		targets = slices.DeleteFunc(targets, func(t coverage.Target) bool {
			return !slices.ContainsFunc(patterns, t.Matches)
		})
	}
	if files := c.StringSlice("missing-from"); len(files) > 0 {
		sequences, err := readStimuli(quantized, nil, files, "")
		if err != nil {
			return nil, err
		}
		report, err := coverage.Measure(c.Context, quantized, sequences)
		if err != nil {
			return nil, err
		}
		targets = slices.DeleteFunc(targets, report.Hits)
	}
	return targets, nil
}
