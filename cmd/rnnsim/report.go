package main

import (
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"rnnsim/internal/atomicfile"
	"rnnsim/report"
	"rnnsim/verify"
)

// reportName is the command that shows findings as a page.
const reportName = "report"

func reportCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      reportName,
		Category:  categoryLook,
		Usage:     "show a result, or a verification, as one HTML page",
		ArgsUsage: "RESULT | CASE|DIR|FILE.xmodel...|COMPILED.xmodel",
		Description: "RESULT is what verify --result or compare --result wrote, or the output of verify --json, which has no pictures. A case or a model\n" +
			"is verified first, as verify does it, with the same flags and the same exit code; the page of a RESULT is no verdict, and written with exit\n" +
			"code 0. The page needs nothing but itself: verdict, first divergence with its operands, heat maps, error over time, use of ranges and\n" +
			"tables, coverage, cause.\n\n" +
			"Examples:\n" +
			"  rnnsim report -o report.html vectors/digits-lstm16\n" +
			"  rnnsim report -o report.html --input x.npy --float model.pth quantized\n" +
			"  rnnsim compare --model quantized --result result.json rtl-trace trace; rnnsim report -o report.html result.json",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write the page to this `FILE`", TakesFile: true},
		}, verifyFlags()...),
		Action: func(c *cli.Context) error { return writePage(c, s) },
	}
}

func writePage(c *cli.Context, s streams) error {
	paths, err := someArguments(c, "a result that --result wrote, a case, or a model")
	if err != nil {
		return err
	}
	if err := wantFlags(c, "out"); err != nil {
		return err
	}
	if err := wantParent(c.String("out")); err != nil {
		return err
	}
	kept := len(paths) == 1 && isResult(paths[0])
	var result *verify.Report
	if kept {
		result, err = keptReport(c, paths[0])
	} else {
		result, err = makeReport(c, s)
	}
	if err != nil {
		return err
	}
	if err := atomicfile.Write(c.String("out"), func(w io.Writer) error { return report.Write(w, result) }); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "wrote %s\n", c.String("out"))
	if kept {
		return nil
	}
	fmt.Fprintln(s.out, result.Summary())
	return verdictError(result.Verdict)
}

// isResult says whether a path is no model and no case: what is wrong with it is then told of a result.
func isResult(path string) bool {
	info, err := os.Stat(path)
	if path == standardInput || err == nil && info.IsDir() {
		return false
	}
	if err != nil || !info.Mode().IsRegular() {
		return true
	}
	kind, err := sniff(path)
	return err != nil || kind != kindXmodel
}

// keptReport reads a result, with which nothing is run that a flag could say something of.
func keptReport(c *cli.Context, path string) (*verify.Report, error) {
	for _, flag := range verifyFlags() {
		if name := flag.Names()[0]; c.IsSet(name) {
			return nil, usagef("--%s does not go with a result, whose verification is done; it goes with a case or a model", name)
		}
	}
	result, err := verify.ReadReport(path)
	if err != nil {
		return nil, notWanted(path, "a result, a case or a quantized model", err)
	}
	return result, nil
}

// resultFlag is for the commands whose findings can be rendered as a page.
func resultFlag() cli.Flag {
	return &cli.StringFlag{Name: "result", Usage: "keep the findings with all details in this `FILE`, for rnnsim report", TakesFile: true}
}

// keepResult writes the file that --result names.
func keepResult(c *cli.Context, result *verify.Report) error {
	if !c.IsSet("result") {
		return nil
	}
	return atomicfile.Write(c.String("result"), result.WriteResult)
}
