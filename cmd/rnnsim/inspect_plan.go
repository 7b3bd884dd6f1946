package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"rnnsim/sim"
)

func planFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "plan", Usage: "of a quantized model: how the simulator runs each cell on this machine, with the proof that its sums are exact"},
		compatFlag(),
	}
}

// inspectPlan explains how the cells of a quantized model are run.
func inspectPlan(c *cli.Context, w io.Writer, paths []string) error {
	quantized, err := readQuantized(paths...)
	if err != nil {
		return err
	}
	compat, err := compatOf(c)
	if err != nil {
		return err
	}
	plan, err := sim.Compile(quantized, sim.Options{Compat: compat})
	if err != nil {
		return err
	}
	for i, kernel := range plan.Kernels() {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, quantized.Cells[i].Graph.Name)
		if err := kernel.WriteText(w); err != nil {
			return err
		}
	}
	return nil
}
