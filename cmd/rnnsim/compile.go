package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"rnnsim/compile"
	"rnnsim/xmodel"
)

// targetFlags choose the accelerator that a model is compiled for.
func targetFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "target", Usage: "the `CARD`: u25 or u50lv"},
		&cli.IntFlag{Name: "batch", Usage: "`N` sequences at once: 1 on the u25, 3 or 4 on the u50lv (default: the first)"},
	}
}

func compileOptions(c *cli.Context) (compile.Options, error) {
	if err := wantFlags(c, "target"); err != nil {
		return compile.Options{}, err
	}
	target, err := compile.ParseTarget(c.String("target"))
	if err != nil {
		return compile.Options{}, usageError{err.Error()}
	}
	return compile.Options{Target: target, Batch: c.Int("batch")}, nil
}

func compileCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "compile",
		Category:  categoryMake,
		Usage:     "make a compiled model for the accelerator from a quantized one",
		ArgsUsage: "DIR|FILE.xmodel...",
		Description: "Weights must have 16 bits: no instruction cuts the inputs of a product. Streams of one layer follow what is proven on the\n" +
			"vendor's compiled files; several layers, and backward cells, follow its sources only (docs/compiling.md).\n\n" +
			"Examples:\n" +
			"  rnnsim compile --target u25 -o compiled.xmodel quantized\n" +
			"  rnnsim compile --target u50lv --batch 4 -o compiled.xmodel quantized",
		Flags:  append(targetFlags(), outputFlag("write the compiled model to `FILE`"), forceFlag()),
		Action: func(c *cli.Context) error { return compileModel(c, s) },
	}
}

func compileModel(c *cli.Context, s streams) error {
	paths, err := someArguments(c, "a quantized model")
	if err != nil {
		return err
	}
	options, err := compileOptions(c)
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
	quantized, err := readQuantized(paths...)
	if err != nil {
		return err
	}
	compiled, err := compile.Compile(quantized, options)
	if err != nil {
		return err
	}
	if err := xmodel.WriteCompiled(output, compiled); err != nil {
		return err
	}
	const word = 16 // bytes an instruction
	init, loop := 0, 0
	for _, cell := range compiled.Cells {
		init, loop = init+len(cell.Init)/word, loop+len(cell.Loop)/word
	}
	_, err = fmt.Fprintf(s.out, "compiled %s for %s, batch %d: %s, %s to start, %s a step, %d bytes of weights\nwrote %s\n",
		quantized.Source, compiled.Target, compiled.Batch, count(len(compiled.Cells), "cell"), count(init, "word"), count(loop, "word"), len(compiled.Weights), output)
	return err
}
