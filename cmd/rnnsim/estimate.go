package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"rnnsim/internal/atomicfile"
	"rnnsim/sim/machine"
	"rnnsim/xmodel"
)

func estimateCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "estimate",
		Category:  categoryLook,
		Usage:     "estimate the cycles that the accelerator takes, without running data",
		ArgsUsage: "COMPILED.xmodel",
		Description: "The figures are those of a timing model, not measurements, and say so.\n\n" +
			"Examples:\n" +
			"  rnnsim estimate --frames 500 compiled.xmodel\n" +
			"  rnnsim estimate --profile out.json compiled.xmodel      (opens in Perfetto)",
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "frames", Value: 100, Usage: "`T` steps of each sequence"},
			&cli.StringFlag{Name: "costs", Usage: "read the costs of the units from this YAML `FILE`", TakesFile: true},
			&cli.BoolFlag{Name: "show-costs", Usage: "print the costs as a file to begin an own one with"},
			&cli.StringFlag{Name: "profile", Usage: "write a timeline in the Chrome trace format to this `FILE`", TakesFile: true},
			&cli.IntFlag{Name: "profile-frames", Value: 4, Usage: "`N` steps in the timeline"},
			&cli.BoolFlag{Name: "json", Usage: "print the estimate as JSON"},
			forceFlag(),
		},
		Action: func(c *cli.Context) error { return estimate(c, s) },
	}
}

func estimate(c *cli.Context, s streams) error {
	if c.Bool("show-costs") {
		_, err := fmt.Fprint(s.out, machine.DefaultCostsText())
		return err
	}
	path, err := oneArgument(c, "one compiled model")
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
	compiled, err := xmodel.ReadCompiled(path)
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
		return fmt.Errorf("estimate %s: %w", path, err)
	}
	if c.Bool("json") {
		encoder := json.NewEncoder(s.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(result)
	}
	return result.WriteText(s.out)
}
