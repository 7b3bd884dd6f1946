package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"rnnsim/dump"
)

func dumpCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "dump",
		Category:  categoryMake,
		Usage:     "write a trace in another format",
		ArgsUsage: "TRACE",
		Description: "TRACE is an Arrow trace (a folder, or one cell's file), or a deploy_check folder.\n\n" +
			"Examples:\n" +
			"  rnnsim dump --to deploy_check -o deploy_check_data_int trace\n" +
			"  rnnsim dump --to npz -o trace.npz trace",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "to", Usage: "write arrow, deploy_check or npz"},
			&cli.IntFlag{Name: "sequence", Usage: "the sequence `N` that a deploy_check folder shows; it holds one"},
			&cli.StringFlag{Name: "style", Value: "pytorch", Usage: "layout of a deploy_check folder: pytorch or tensorflow"},
			&cli.BoolFlag{Name: "zstd", Usage: "compress an arrow trace"},
			compatFlag(),
			outputFlag("write to `OUT`"), forceFlag(),
		},
		Action: func(c *cli.Context) error { return convertTrace(c, s) },
	}
}

func convertTrace(c *cli.Context, s streams) error {
	path, err := oneArgument(c, "one trace")
	if err != nil {
		return err
	}
	if err := wantFlags(c, "to", "output"); err != nil {
		return err
	}
	sink, err := sinkOf(c, c.String("to"), c.String("output"))
	if err != nil {
		return err
	}
	if err := refuseExisting(c, c.String("output")); err != nil {
		return err
	}
	source, err := dump.Open(path, dump.OpenOptions{})
	if err != nil {
		return err
	}
	defer source.Close()
	total := 0
	if arrow, ok := source.(*dump.ArrowSource); ok {
		if total, err = arrow.Frames(); err != nil {
			return err
		}
	}
	bar := newProgress(c.Context, s.err, "frames")
	frames, err := dump.Copy(c.Context, &countingSink{Sink: sink, total: total, progress: bar}, source)
	bar.stop()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "wrote %s of %s to %s\n", count(frames, "frame"), count(len(source.Header().Cells), "cell"), c.String("output"))
	return err
}
