package main

import (
	"github.com/urfave/cli/v2"

	"rnnsim/verify"
)

func explainCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "explain",
		Category:  categoryLook,
		Usage:     "show the whole sum behind one value of a trace",
		ArgsUsage: "ADDRESS",
		Description: "ADDRESS is as compare and verify print it. Shown are the operands as the trace recorded them, their products, the accumulator, the bias, the shift\n" +
			"with its remainder, saturation, the table's index; and, where the value does not follow from them, which term can be off.\n" + tracesText + "\n\n" +
			"Examples:\n" +
			"  rnnsim explain --model quantized --got rtl-trace 'layer[0].fwd.seq[3].step[7].h_next[13]'\n" +
			"  rnnsim explain --model quantized --got rtl-trace --want trace 'layer[0].fwd.seq[0].step[0].y_f[2]'",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "model", Usage: "the quantized model in this `DIR`", TakesFile: true},
			&cli.StringFlag{Name: "got", Usage: "the `TRACE` with the value", TakesFile: true},
			&cli.StringFlag{Name: "want", Usage: "another `TRACE` to hold it against", TakesFile: true},
			&cli.BoolFlag{Name: "json", Usage: "print the explanation as JSON"},
			compatFlag(),
		}, traceFlags()...),
		Action: func(c *cli.Context) error { return explain(c, s) },
	}
}

func explain(c *cli.Context, s streams) error {
	text, err := oneArgument(c, "the address of a value, like 'layer[0].fwd.seq[3].step[7].h_next[13]'")
	if err != nil {
		return err
	}
	if err := wantFlags(c, "model", "got"); err != nil {
		return err
	}
	address, err := verify.ParseAddress(text)
	if err != nil {
		return usageError{err.Error()}
	}
	options := verify.ExplainOptions{}
	if options.Compat, err = compatOf(c); err != nil {
		return err
	}
	quantized, header, err := modelOfTrace(c, options.Compat)
	if err != nil {
		return err
	}
	if options.Got, err = openTrace(c, s, c.String("got"), &header); err != nil {
		return err
	}
	defer options.Got.Close()
	if c.IsSet("want") {
		if options.Want, err = openTrace(c, s, c.String("want"), &header); err != nil {
			return err
		}
		defer options.Want.Close()
	}
	result, err := verify.Explain(c.Context, quantized, address, options)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return result.WriteJSON(s.out)
	}
	return result.WriteText(s.out)
}
