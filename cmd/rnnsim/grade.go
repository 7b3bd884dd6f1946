package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"rnnsim/golden"
	"rnnsim/grade"
	"rnnsim/xmodel"
)

func gradeCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "grade",
		Category:  categoryJudge,
		Usage:     "say which faults of a design stimuli would not notice",
		ArgsUsage: "DIR|FILE.xmodel... STIMULI.npy...",
		Description: "The datapath is altered by one fault at a time (rounding, saturation, shifts, widths, table indices, signs, late states, gate order, biases,\n" +
			"accumulators, carries, byte order, bits of weights, …) and run on the stimuli. A fault is noticed where any node differs, or, for a\n" +
			"bench that sees no more, where h of the last layer does. For what is missed an input is sought that shows it, or a proof that none can.\n\n" +
			"Examples:\n" +
			"  rnnsim grade -o more.npy quantized x.npy\n" +
			"  rnnsim grade quantized x.npy more.npy",
		Flags: append(embeddingFlags(),
			&cli.StringFlag{Name: "lengths", Usage: "a .npy `FILE` with the length of each sequence", TakesFile: true},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "seed of the search for inputs"},
			&cli.IntFlag{Name: "steps", Value: 32, Usage: "search sequences of `N` steps"},
			&cli.BoolFlag{Name: "score-only", Usage: "neither search nor prove"},
			&cli.IntFlag{Name: "list", Value: 10, Usage: "list up to `N` faults of each outcome; 0 lists all"},
			&cli.BoolFlag{Name: "json", Usage: "print the grade as JSON, with every fault"},
			threadsFlag(),
			outputFlag("write the sequences that show what the stimuli miss to this .npy `FILE`"), forceFlag(),
		),
		Action: func(c *cli.Context) error { return gradeStimuli(c, s) },
	}
}

func gradeStimuli(c *cli.Context, s streams) error {
	if c.Int("steps") < 1 || c.Int("list") < 0 {
		return usagef("--steps must be 1 or more, and --list 0 or more")
	}
	output := c.String("output")
	if err := refuseExisting(c, output); err != nil {
		return err
	}
	quantized, sequences, err := modelAndStimuli(c)
	if err != nil {
		return err
	}
	bar := newProgress(c.Context, s.err, "runs")
	report, err := grade.Run(c.Context, quantized, sequences, grade.Options{
		Seed: c.Uint64("seed"), Steps: c.Int("steps"), NoSearch: c.Bool("score-only"), Threads: c.Int("threads"), Progress: bar.update,
	})
	bar.stop()
	if err != nil {
		return err
	}
	if output != "" && len(report.Inputs) > 0 {
		exact, err := golden.NewExact(quantized, xmodel.Sane)
		if err != nil {
			return err
		}
		features, grid := exact.Input()
		if err := writeStimuli(output, features, grid, report.Inputs); err != nil {
			return err
		}
	}
	if c.Bool("json") {
		return report.WriteJSON(s.out)
	}
	if err := report.WriteText(s.out, c.Int("list")); err != nil || output == "" {
		return err
	}
	if len(report.Inputs) == 0 {
		_, err = fmt.Fprintf(s.out, "no input is missing: %s was not written\n", output)
		return err
	}
	_, err = fmt.Fprintf(s.out, "wrote %s: %s of %s\n", output, count(len(report.Inputs), "sequence"), count(c.Int("steps"), "step"))
	return err
}
