package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"rnnsim/compile"
	"rnnsim/quant"
	"rnnsim/sim/machine"
	"rnnsim/verify"
	"rnnsim/xmodel"
)

// compiledFlags ask for more than a summary of a compiled model.
func compiledFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "disassemble", Usage: "of a compiled model: list its instructions"},
		&cli.StringFlag{Name: "segment", Usage: "list only this `SEGMENT`: init, loop or end"},
		&cli.BoolFlag{Name: "lift", Usage: "of a compiled model: recover the cell graphs, with a proof, and write them to --output"},
		&cli.StringFlag{Name: "against", Usage: "of a compiled model: show that its weights are those of this float `MODEL`", TakesFile: true},
		outputFlag("write the lifted quantized model to the folder `DIR`"), forceFlag(),
	}
}

// inspectCompiled does what the flags for compiled models ask for. done says that they asked for something.
func inspectCompiled(c *cli.Context, s streams, paths []string) (done bool, err error) {
	asked := ""
	for _, name := range []string{"disassemble", "lift", "against"} {
		if c.IsSet(name) {
			if asked != "" {
				return false, usagef("--%s and --%s do not go together", asked, name)
			}
			asked = name
		}
	}
	if asked == "" {
		return false, nil
	}
	path, err := oneArgument(c, "one compiled model with --"+asked)
	if err != nil {
		return false, err
	}
	compiled, err := compiledModel(paths)
	if err != nil {
		return false, err
	}
	if compiled == nil {
		return false, fmt.Errorf("inspect %s: it is no compiled model, which --%s is for", path, asked)
	}
	switch asked {
	case "disassemble":
		return true, machine.WriteListing(s.out, compiled, liftedView(compiled), c.String("segment"))
	case "lift":
		return true, liftCompiled(c, s, compiled)
	}
	return true, compareWeights(c, s, compiled)
}

// liftCompiled recovers the quantized model from the instructions.
func liftCompiled(c *cli.Context, s streams, compiled *xmodel.Compiled) error {
	if c.IsSet("output") {
		if err := refuseExisting(c, c.String("output")); err != nil {
			return err
		}
	}
	lifted, err := compile.Lift(compiled)
	if err != nil {
		return fmt.Errorf("lift %s: %w", compiled.Source, err)
	}
	if err := writeProof(s.out, compiled, lifted); err != nil {
		return err
	}
	if !c.IsSet("output") {
		return nil
	}
	param, output := lifted.Info()
	info := &quant.Info{Param: infoSection(param), Output: infoSection(output)}
	if err := quant.WriteResult(c.Context, c.String("output"), &quant.Result{Info: info, Model: lifted.Model}, c.Bool("force")); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "wrote %s\n", c.String("output"))
	return err
}

func infoSection(entries []compile.InfoEntry) quant.Section {
	var section quant.Section
	for _, e := range entries {
		section = append(section, quant.Entry{Name: e.Graph + "::" + e.Label, Format: e.Format})
	}
	return section
}

func writeProof(w io.Writer, compiled *xmodel.Compiled, lifted *compile.Lifted) error {
	fmt.Fprintf(w, "%s: the instructions compute %s\n", compiled.Source, count(len(lifted.Cells), "cell graph"))
	for _, cell := range lifted.Cells {
		p := cell.Proof
		fmt.Fprintf(w, "\n%s: %s, %s in, %s\n", cell.Spec.Name, cell.Spec.Kind, count(cell.Spec.Input, "feature"), count(cell.Spec.Hidden, "unit"))
		fmt.Fprintf(w, "proved for every input and every number of steps: %s of 16 values on %s equal the graph's expressions\n",
			count(p.Blocks, "block"), count(p.Lanes, "lane"))
		fmt.Fprintf(w, "%s followed; %s of padding stay zero\n", count(p.Words, "word"), count(p.PaddedValues, "value"))
		for _, r := range p.Scratch {
			fmt.Fprintf(w, "the program overwrites bytes %d to %d of the weight blob\n", r.From, r.To-1)
		}
	}
	return nil
}

// compareWeights shows that a compiled model holds the weights of a float model, value for value, or where it does not.
func compareWeights(c *cli.Context, s streams, compiled *xmodel.Compiled) error {
	network, err := lookAtFloat(c, c.String("against"))
	if err != nil {
		return err
	}
	report, err := verify.CompareWeights(compiled, network)
	if err != nil {
		return err
	}
	if err := writeWeightReport(s.out, compiled.Source, c.String("against"), report); err != nil {
		return err
	}
	switch {
	case report.Values == 0:
		return errNothingCompared
	case report.Different > 0:
		return errDiffers
	}
	return nil
}

func writeWeightReport(w io.Writer, compiled, float string, report *compile.WeightReport) error {
	fmt.Fprintf(w, "the weights of %s\nagainst %s, quantized at the positions of the instructions\n\n", compiled, float)
	if report.First != nil && report.First.Stray {
		_, err := fmt.Fprintf(w, "FAIL: %s\n", report.First)
		return err
	}
	table := newTable(w)
	fmt.Fprintln(table, "  parameter\tformat\tvalues\tdifferent\tclamped\tlargest error")
	for _, p := range report.Parameters {
		fmt.Fprintf(table, "  %s\t[%d,%d]\t%d\t%d\t%d\t%.3g\n", p.Label, p.Bits, p.Position, p.Values, p.Different, p.Clamped, p.MaxError)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if report.First != nil {
		fmt.Fprintf(w, "\nfirst difference: %s\n", report.First)
		_, err := fmt.Fprintf(w, "FAIL: %d of %d values differ\n", report.Different, report.Values)
		return err
	}
	_, err := fmt.Fprintf(w, "\nPASS: %d values, all that model's\n", report.Values)
	return err
}
