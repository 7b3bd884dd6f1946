package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"rnnsim/compile"
	"rnnsim/internal/atomicfile"
	"rnnsim/sim/machine"
	"rnnsim/xmodel"
)

func estimateCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "estimate",
		Category:  categoryLook,
		Usage:     "estimate the cycles that the accelerator takes, without running data",
		ArgsUsage: "COMPILED.xmodel|DIR|FILE.xmodel...",
		Description: "The figures are those of a timing model, not measurements, and say so. A quantized model is compiled for the --target first, as\n" +
			"compile does it; nothing of that is written.\n\n" +
			"Examples:\n" +
			"  rnnsim estimate --frames 500 compiled.xmodel\n" +
			"  rnnsim estimate --target u50lv --batch 4 --frames 500 quantized\n" +
			"  rnnsim estimate --profile out.json compiled.xmodel      (opens in Perfetto)",
		Flags: append(targetFlags(),
			&cli.IntFlag{Name: "frames", Value: 100, Usage: "`T` steps of each sequence"},
			&cli.StringFlag{Name: "costs", Usage: "read the costs of the units from this YAML `FILE`", TakesFile: true},
			&cli.BoolFlag{Name: "show-costs", Usage: "print the costs as a file to begin an own one with"},
			&cli.StringFlag{Name: "profile", Usage: "write a timeline in the Chrome trace format to this `FILE`", TakesFile: true},
			&cli.IntFlag{Name: "profile-frames", Value: 4, Usage: "`N` steps in the timeline"},
			&cli.BoolFlag{Name: "json", Usage: "print the estimate as JSON"},
			forceFlag(),
		),
		Action: func(c *cli.Context) error { return estimate(c, s) },
	}
}

// compiledOrCompile reads a compiled model, or compiles a quantized one in memory.
func compiledOrCompile(c *cli.Context, paths []string) (*xmodel.Compiled, error) {
	compiled, err := compiledModel(paths)
	if err != nil {
		return nil, err
	}
	if compiled != nil {
		for _, name := range []string{"target", "batch"} {
			if c.IsSet(name) {
				return nil, usagef("--%s does not go with a compiled model, which is for %s with batch %d", name, compiled.Target, compiled.Batch)
			}
		}
		return compiled, nil
	}
	quantized, err := readQuantized(paths...)
	if err != nil {
		return nil, err
	}
	options, err := compileOptions(c)
	if err != nil {
		return nil, err
	}
	compiled, err = compile.Compile(quantized, options)
	if err != nil {
		return nil, err
	}
	compiled.Source = quantized.Source
	return compiled, nil
}

func estimate(c *cli.Context, s streams) error {
	if c.Bool("show-costs") {
		_, err := fmt.Fprint(s.out, machine.DefaultCostsText())
		return err
	}
	paths, err := someArguments(c, "a compiled or a quantized model")
	if err != nil {
		return err
	}
	if c.Int("frames") < 1 {
		return usagef("--frames is %d; a sequence has at least one step", c.Int("frames"))
	}
	costs := machine.DefaultCosts()
	if c.IsSet("costs") {
		if costs, err = machine.ReadCosts(c.String("costs")); err != nil {
			return err
		}
	}
	compiled, err := compiledOrCompile(c, paths)
	if err != nil {
		return err
	}
	if profile := c.String("profile"); profile != "" {
		if err := refuseExisting(c, profile); err != nil {
			return err
		}
		err := atomicfile.Write(profile, func(w io.Writer) error {
			return machine.WriteProfile(w, compiled, c.Int("profile-frames"), costs)
		})
		if err != nil {
			return err
		}
	}
	result, err := machine.NewEstimate(compiled, c.Int("frames"), costs)
	if err != nil {
		return fmt.Errorf("estimate %s: %w", strings.Join(paths, " "), err)
	}
	if c.Bool("json") {
		encoder := json.NewEncoder(s.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(result)
	}
	return result.WriteText(s.out)
}
