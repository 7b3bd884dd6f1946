package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"rnnsim/coverage"
)

func coverageCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "coverage",
		Category:  categoryJudge,
		Usage:     "say what of a quantized model's datapath stimuli exercise",
		ArgsUsage: "DIR|FILE.xmodel... STIMULI.npy...",
		Description: "The bins of each node: floor with and without a remainder, of either sign; saturation at either end, and the ends themselves; the four\n" +
			"pairs of signs of a product; what a bias turns or carries; the segments of a table, and left and right of it. A bin that\n" +
			"was not hit is proved unreachable for any input, by interval analysis from the weights, or it is missed.\n\n" +
			"Example:\n" +
			"  rnnsim gen --format npy -o x.npy quantized && rnnsim coverage quantized x.npy",
		Flags: append(embeddingFlags(),
			&cli.StringFlag{Name: "lengths", Usage: "a .npy `FILE` with the length of each sequence", TakesFile: true},
			&cli.BoolFlag{Name: "json", Usage: "print the report as JSON"},
		),
		Action: func(c *cli.Context) error { return measureCoverage(c, s) },
	}
}

func measureCoverage(c *cli.Context, s streams) error {
	quantized, sequences, err := modelAndStimuli(c)
	if err != nil {
		return err
	}
	report, err := coverage.Measure(c.Context, quantized, sequences)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		err = report.WriteJSON(s.out)
	} else {
		err = report.WriteText(s.out)
	}
	if err != nil {
		return fmt.Errorf("print the coverage: %w", err)
	}
	return nil
}
