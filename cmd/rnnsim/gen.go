package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/golden"
	"rnnsim/internal/atomicfile"
	"rnnsim/vectors"
	"rnnsim/xmodel"
)

func genCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "gen",
		Category:  categoryMake,
		Usage:     "generate stimuli for a quantized model",
		ArgsUsage: "DIR|FILE.xmodel...",
		Description: "The same seed gives the same stimuli. The patterns take turns, a sequence each:\n" + vectors.PatternText() +
			"\nWith --bin or --missing-from, sequences are sought that hit bins of the coverage (rnnsim coverage lists them): a search climbs on the\n" +
			"integer that the bin is about. What it reaches, does not reach, and what is proved unreachable is told.\n\n" +
			"Examples:\n" +
			"  rnnsim gen --format npy -o x.npy quantized\n" +
			"  rnnsim gen --format npy -o more.npy --missing-from x.npy quantized\n" +
			"  rnnsim gen --format npy -o c.npy --bin 'c_next/saturation*' quantized\n" +
			"  rnnsim gen --pattern random --pattern edges --seed 7 quantized | ./device | rnnsim verify - quantized",
		Flags: []cli.Flag{
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "seed of what is random"},
			&cli.IntFlag{Name: "sequences", Value: 32, Usage: "generate `N` sequences"},
			&cli.IntFlag{Name: "steps", Value: 32, Usage: "of `N` steps each"},
			&cli.StringSliceFlag{Name: "pattern", Usage: "use only the pattern of this `NAME` (may be repeated)"},
			&cli.StringFlag{Name: "format", Value: "text", Usage: "write text, the device protocol, or npy, int16 [sequences, steps, features] on the grid of the first cell's input_0"},
			&cli.StringSliceFlag{Name: "bin", Usage: "seek sequences for the bins that this `PATTERN` fits: NODE/BIN or GRAPH/NODE/BIN, * for anything (may be repeated)"},
			&cli.StringSliceFlag{Name: "missing-from", Usage: "seek sequences for the bins that the stimuli of this .npy `FILE` miss (may be repeated)", TakesFile: true},
			&cli.IntFlag{Name: "tries", Value: 600, Usage: "run up to `N` sequences for a bin"},
			threadsFlag(),
			compatFlag(),
			outputFlag("write the stimuli to this `FILE`; text goes to standard output without it"), forceFlag(),
		},
		Action: func(c *cli.Context) error { return generate(c, s) },
	}
}

func generate(c *cli.Context, s streams) error {
	paths, err := someArguments(c, "a quantized model")
	if err != nil {
		return err
	}
	format, output := c.String("format"), c.String("output")
	if format != "text" && format != "npy" {
		return usagef("there is no format %q; gen writes text and npy", format)
	}
	if format == "npy" && output == "" {
		return usagef("gen wants --output for npy")
	}
	compat, err := compatOf(c)
	if err != nil {
		return err
	}
	if err := refuseExisting(c, output); err != nil {
		return err
	}
	quantized, err := readQuantized(paths...)
	if err != nil {
		return err
	}
	var sequences []dump.Sequence
	var header export.ProtocolHeader
	if c.IsSet("bin") || c.IsSet("missing-from") {
		sequences, header, err = directedStimuli(c, s, quantized, compat)
	} else {
		sequences, header, err = stimuliFor(c, quantized, compat)
	}
	if err != nil || len(sequences) == 0 {
		return err
	}
	if output == "" {
		return writeProtocol(s.out, header, sequences)
	}
	if format == "text" {
		err = atomicfile.Write(output, func(w io.Writer) error { return writeProtocol(w, header, sequences) })
	} else {
		err = writeStimuli(output, header.Features, header.Grid, sequences)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "wrote %s: %s of %s of %s\n", output,
		count(len(sequences), "sequence"), count(c.Int("steps"), "step"), count(header.Features, "feature"))
	return err
}

// stimuliFor generates what the flags ask for, and describes it to a device.
func stimuliFor(c *cli.Context, quantized *xmodel.Model, compat xmodel.Compat) ([]dump.Sequence, export.ProtocolHeader, error) {
	header, err := protocolHeader(quantized, compat)
	if err != nil {
		return nil, header, err
	}
	generator := vectors.Generator{
		Features: header.Features, Grid: header.Grid, Seed: c.Uint64("seed"), Steps: c.Int("steps"), First: header.Trace.Cells[0],
	}
	sequences, err := generator.Generate(c.Int("sequences"), c.StringSlice("pattern")...)
	if err != nil {
		return nil, export.ProtocolHeader{}, usageError{err.Error()}
	}
	return sequences, header, nil
}

// protocolHeader describes a model to a device.
func protocolHeader(quantized *xmodel.Model, compat xmodel.Compat) (export.ProtocolHeader, error) {
	exact, err := golden.NewExact(quantized, compat)
	if err != nil {
		return export.ProtocolHeader{}, err
	}
	header := export.ProtocolHeader{Model: quantized.Digest(), Trace: exact.Header()}
	header.Features, header.Grid = exact.Input()
	return header, nil
}

func writeProtocol(w io.Writer, header export.ProtocolHeader, sequences []dump.Sequence) error {
	writer, err := export.NewProtocolWriter(w, header)
	if err != nil {
		return err
	}
	for _, sequence := range sequences {
		if err := writer.WriteSequence(sequence); err != nil {
			return err
		}
	}
	return writer.Close()
}
