package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v2"

	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/sim"
	"rnnsim/verify"
)

func exportRTLCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "export-rtl",
		Category:  categoryMake,
		Usage:     "write what an RTL test bench loads: weights, tables, stimuli, expected values",
		ArgsUsage: "DIR|FILE.xmodel...",
		Description: "The folder has $readmemh files, a manifest (JSON) and a SystemVerilog package of sizes, fix positions and shifts; rtl/README.md\n" +
			"shows a bench that loads it. Without --input a seeded stimulus is used.\n\n" +
			"Example:\n" +
			"  rnnsim export-rtl --input x.npy -o bench quantized",
		Flags: append(embeddingFlags(),
			&cli.StringFlag{Name: "input", Usage: "the sequences of this `FILE`: .npy [sequences, steps, features]", TakesFile: true},
			&cli.StringFlag{Name: "lengths", Usage: "a .npy `FILE` with the length of each sequence", TakesFile: true},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "seed of the stimulus that is used without --input"},
			&cli.IntFlag{Name: "lanes", Usage: "pack the weights for `N` multipliers"},
			&cli.IntFlag{Name: "fraction", Value: export.DefaultFraction, Usage: "the stream of x is `N` bits finer than the first cell's grid"},
			compatFlag(), threadsFlag(),
			outputFlag("write the folder `OUT`"),
		),
		Action: func(c *cli.Context) error { return exportRTL(c, s) },
	}
}

func exportRTL(c *cli.Context, s streams) error {
	paths, err := someArguments(c, "a quantized model")
	if err != nil {
		return err
	}
	if err := wantFlags(c, "output"); err != nil {
		return err
	}
	output := c.String("output")
	if err := refuseExisting(c, output); err != nil {
		return err
	}
	compat, err := compatOf(c)
	if err != nil {
		return err
	}
	quantized, err := readQuantized(paths...)
	if err != nil {
		return err
	}
	plan, err := sim.Compile(quantized, sim.Options{Compat: compat, Threads: c.Int("threads"), NoOutput: true})
	if err != nil {
		return err
	}
	var sequences []dump.Sequence
	if c.IsSet("input") {
		stimulus, err := readStimulus(c, quantized, nil)
		if err != nil {
			return err
		}
		sequences = stimulus.Sequences
	} else {
		features, grid := plan.Input()
		sequences = verify.DefaultStimulus(features, grid, c.Uint64("seed"))
	}
	err = verify.Stream(c.Context, func(ctx context.Context, sink dump.Sink) error {
		_, err := plan.Run(ctx, sequences, sink)
		return err
	}, func(source dump.Source) error {
		return export.WriteRTL(output, quantized, source, export.Options{Stimuli: sequences, Fraction: c.Int("fraction"), Lanes: c.Int("lanes")})
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "wrote %s: %s of %s\n", output, count(len(sequences), "sequence"), count(len(quantized.Cells), "cell"))
	return err
}
