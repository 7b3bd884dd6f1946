package main

import (
	"github.com/urfave/cli/v2"

	"rnnsim/dump"
	"rnnsim/export"
	"rnnsim/fault"
	"rnnsim/xmodel"
)

// traceFlags are what helps to read the forms of traces that do not say all of themselves.
func traceFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "like", Usage: "read a folder of hex files without a manifest by that of the exported `DIR`", TakesFile: true},
		&cli.StringFlag{Name: "signals", Usage: "read a VCD by this `FILE`, which says what signals are what nodes", TakesFile: true},
	}
}

// modelOfTrace reads the model that --model names, with the cells and nodes that its traces have.
func modelOfTrace(c *cli.Context, compat xmodel.Compat) (*xmodel.Model, dump.Header, error) {
	quantized, err := readQuantized(c.String("model"))
	if err != nil {
		return nil, dump.Header{}, err
	}
	base, err := fault.New(quantized, compat)
	if err != nil {
		return nil, dump.Header{}, err
	}
	return quantized, base.Header(), nil
}

const tracesText = "A trace is an Arrow trace, a deploy_check folder, an .npz file, a folder of hex files, a VCD, or a device's answers in the text\n" +
	"protocol, in a file or, as -, on standard input."

// openTrace opens a trace of any form, by its content. like describes the cells for the forms that do not; it may be nil.
func openTrace(c *cli.Context, s streams, path string, like *dump.Header) (dump.Source, error) {
	if path == "-" {
		source, err := export.OpenProtocol(s.in, export.ProtocolOptions{})
		if err != nil {
			return nil, err
		}
		return source, nil
	}
	return export.OpenTrace(path, export.TraceOptions{Like: like, LikeDir: c.String("like"), Signals: c.String("signals")})
}
