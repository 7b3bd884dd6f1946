package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/xmodel"
)

func dumpCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "dump",
		Category:  categoryMake,
		Usage:     "write a trace in another format",
		ArgsUsage: "TRACE",
		Description: tracesText + "\n\n" +
			"Examples:\n" +
			"  rnnsim dump --to deploy_check -o deploy_check_data_int trace\n" +
			"  rnnsim dump --to vcd --nodes 'c_*' --units 0:4 -o trace.vcd trace\n" +
			"  rnnsim dump --to hex --model quantized -o hex trace",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "to", Usage: "write arrow, deploy_check, npz, vcd (a waveform) or hex (a folder of $readmemh files, as export-rtl writes)"},
			&cli.StringSliceFlag{Name: "nodes", Usage: "show only the nodes that this `GLOB` fits (may be repeated); not with hex"},
			&cli.StringFlag{Name: "units", Usage: "show only the units from `A:B` of each node in a vcd, B not included; either may be left out"},
			&cli.StringFlag{Name: "model", Usage: "the trace is of the quantized model in this `DIR`, whose parameters hex holds too", TakesFile: true},
			&cli.IntFlag{Name: "sequence", Usage: "the sequence `N` that a deploy_check folder shows; it holds one"},
			&cli.StringFlag{Name: "style", Value: "pytorch", Usage: "layout of a deploy_check folder: pytorch or tensorflow"},
			&cli.BoolFlag{Name: "zstd", Usage: "compress an arrow trace"},
			compatFlag(),
			outputFlag("write to `OUT`"), forceFlag(),
		}, traceFlags()...),
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
	if err := refuseExisting(c, c.String("output")); err != nil {
		return err
	}
	if c.String("to") == "hex" {
		return writeHex(c, s, path)
	}
	sink, err := dumpSink(c)
	if err != nil {
		return err
	}
	source, _, err := openForDump(c, s, path)
	if err != nil {
		return errors.Join(err, sink.Abort())
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

// openForDump opens a trace; --model describes one that does not say what it holds.
func openForDump(c *cli.Context, s streams, path string) (dump.Source, *xmodel.Model, error) {
	if !c.IsSet("model") {
		source, err := openTrace(c, s, path, nil)
		return source, nil, err
	}
	compat, err := compatOf(c)
	if err != nil {
		return nil, nil, err
	}
	quantized, header, err := modelOfTrace(c, compat)
	if err != nil {
		return nil, nil, err
	}
	source, err := openTrace(c, s, path, &header)
	return source, quantized, err
}

// mostUnits is more units than a cell has.
const mostUnits = 1 << 12

// dumpSink gives the sink for what --to names, showing what --nodes and --units select.
func dumpSink(c *cli.Context) (dump.Sink, error) {
	nodes, output := c.StringSlice("nodes"), c.String("output")
	if c.String("to") != "vcd" {
		if c.IsSet("units") {
			return nil, usagef("--units goes with --to vcd")
		}
		sink, err := sinkOf(c, c.String("to"), output)
		if err != nil {
			return nil, err
		}
		filtered, err := dump.FilterNodes(sink, nodes...)
		if err != nil {
			return nil, errors.Join(usageError{err.Error()}, sink.Abort())
		}
		return filtered, nil
	}
	var options export.VCDOptions
	if len(nodes) > 0 {
		options.Nodes = nodes
	}
	if c.IsSet("units") {
		units, err := stepsOf(c.String("units"))
		if err != nil {
			return nil, usagef("--units %q is not of the form A:B, like 0:4", c.String("units"))
		}
		if units.Count == 0 || units.Count > mostUnits {
			units.Count = mostUnits
		}
		for i := range units.Count {
			options.Units = append(options.Units, units.First+i)
		}
	}
	return export.NewVCDSink(output, options), nil
}

// writeHex writes the folder of hex files of a model, with the values of a trace.
func writeHex(c *cli.Context, s streams, path string) error {
	if err := wantFlags(c, "model"); err != nil {
		return err
	}
	if c.IsSet("nodes") || c.IsSet("units") || c.Bool("force") {
		return usagef("--nodes, --units and --force do not go with --to hex")
	}
	source, quantized, err := openForDump(c, s, path)
	if err != nil {
		return err
	}
	defer source.Close()
	if err := export.WriteRTL(c.String("output"), quantized, source, export.Options{}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "wrote %s of %s to %s\n", count(len(quantized.Cells), "cell"), path, c.String("output"))
	return err
}
