package main

import (
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/verify"
)

func diagnoseCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "diagnose",
		Category:  categoryJudge,
		Usage:     "name the fault that a device has, from its trace",
		ArgsUsage: "GOT",
		Description: tracesText + "\n\n" +
			"Every node is computed from what the trace recorded for the nodes that it reads; then each fault of a catalogue is put into the datapath,\n" +
			"alone and in pairs, and those are kept under which all values agree. With --input, what becomes of x on entry is judged too, and\n" +
			"the states before each sequence.\n\n" +
			"Examples:\n" +
			"  rnnsim diagnose --model quantized rtl-trace\n" +
			"  rnnsim diagnose --model quantized --input x.npy --json rtl-trace",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "model", Usage: "the quantized model in this `DIR`", TakesFile: true},
			&cli.StringFlag{Name: "input", Usage: "the device was given the sequences of this `FILE`: .npy [sequences, steps, features]", TakesFile: true},
			&cli.StringFlag{Name: "lengths", Usage: "a .npy `FILE` with the length of each sequence", TakesFile: true},
			&cli.StringFlag{Name: "h0", Usage: "initial h, a .npy `FILE` [cells, sequences, hidden]", TakesFile: true},
			&cli.StringFlag{Name: "c0", Usage: "initial c, likewise", TakesFile: true},
			&cli.BoolFlag{Name: "json", Usage: "print the diagnosis as JSON"},
			compatFlag(), threadsFlag(),
		}, append(embeddingFlags(), traceFlags()...)...),
		Action: func(c *cli.Context) error { return diagnose(c, s) },
	}
}

func diagnose(c *cli.Context, s streams) error {
	path, err := oneArgument(c, "one trace")
	if err != nil {
		return err
	}
	if err := wantFlags(c, "model"); err != nil {
		return err
	}
	options := verify.DiagnoseOptions{Threads: c.Int("threads")}
	if options.Compat, err = compatOf(c); err != nil {
		return err
	}
	quantized, header, err := modelOfTrace(c, options.Compat)
	if err != nil {
		return err
	}
	if c.IsSet("input") {
		stimulus, err := readStimulus(c, quantized, nil)
		if err != nil {
			return err
		}
		options.Stimulus = stimulus.Sequences
	}
	open := func() (dump.Source, error) { return openTrace(c, s, path, &header) }
	if path == "-" {
		kept, err := keepInput(s.in)
		if err != nil {
			return err
		}
		defer os.Remove(kept)
		open = func() (dump.Source, error) { return export.OpenAnswers(kept, export.ProtocolOptions{}) }
	}
	bar := newProgress(c.Context, s.err, "faults")
	options.Progress = bar.update
	result, err := verify.Diagnose(c.Context, open, quantized, options)
	bar.stop()
	if err != nil {
		return err
	}
	if c.Bool("json") {
		err = result.WriteJSON(s.out)
	} else {
		err = result.WriteText(s.out)
	}
	if err != nil {
		return err
	}
	return verdictError(result.Verdict())
}

// keepInput puts standard input into a file: a diagnosis reads it several times.
func keepInput(in io.Reader) (path string, err error) {
	file, err := os.CreateTemp("", "rnnsim-answers-")
	if err != nil {
		return "", fmt.Errorf("keep the device's answers: %w", err)
	}
	_, err = io.Copy(file, in)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		os.Remove(file.Name())
		return "", fmt.Errorf("keep the device's answers: %w", err)
	}
	return file.Name(), nil
}
