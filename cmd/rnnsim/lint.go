package main

import (
	"encoding/json"
	"fmt"

	"github.com/urfave/cli/v2"

	"rnnsim/compile"
)

func lintCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "lint",
		Category:  categoryLook,
		Usage:     "say what compiling a quantized model for a target pads, wastes, and fails at",
		ArgsUsage: "DIR|FILE.xmodel...",
		Description: "It exits 1 where the model cannot be compiled for the target.\n\n" +
			"Example:\n" +
			"  rnnsim lint --target u50lv quantized",
		Flags:  append(targetFlags(), &cli.BoolFlag{Name: "json", Usage: "print the findings as JSON"}),
		Action: func(c *cli.Context) error { return lint(c, s) },
	}
}

func lint(c *cli.Context, s streams) error {
	paths, err := someArguments(c, "a quantized model")
	if err != nil {
		return err
	}
	options, err := compileOptions(c)
	if err != nil {
		return err
	}
	quantized, err := readQuantized(paths...)
	if err != nil {
		return err
	}
	findings, err := compile.Lint(quantized, options)
	if err != nil {
		return usageError{err.Error()}
	}
	failing := false
	for _, f := range findings {
		failing = failing || f.Severity == compile.Error
	}
	if c.Bool("json") {
		encoder := json.NewEncoder(s.out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(findings)
	} else {
		for _, f := range findings {
			fmt.Fprintln(s.out, f)
		}
	}
	if err != nil {
		return err
	}
	if failing {
		return errDiffers
	}
	return nil
}
