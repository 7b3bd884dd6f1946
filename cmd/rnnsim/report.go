package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"rnnsim/internal/atomicfile"
	"rnnsim/report"
	"rnnsim/verify"
)

func reportCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "report",
		Category:  categoryLook,
		Usage:     "render a result as one HTML page",
		ArgsUsage: "RESULT",
		Description: "RESULT is what verify --result or compare --result wrote, or the output of verify --json, which has no pictures. The page needs nothing\n" +
			"but itself: verdict, first divergence with its operands, heat maps, error over time, use of ranges and tables, coverage, cause.\n" +
			"It is written whatever the verdict.\n\n" +
			"Examples:\n" +
			"  rnnsim verify --result result.json vectors/digits-lstm16; rnnsim report -o report.html result.json\n" +
			"  rnnsim compare --model quantized --result result.json rtl-trace trace; rnnsim report -o report.html result.json",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "write the page to this `FILE`", TakesFile: true},
		},
		Action: func(c *cli.Context) error { return renderReport(c, s) },
	}
}

func renderReport(c *cli.Context, s streams) error {
	path, err := oneArgument(c, "a result that --result wrote")
	if err != nil {
		return err
	}
	if err := wantFlags(c, "out"); err != nil {
		return err
	}
	if err := wantParent(c.String("out")); err != nil {
		return err
	}
	result, err := verify.ReadReport(path)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(c.String("out"), func(w io.Writer) error { return report.Write(w, result) }); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "wrote %s\n", c.String("out"))
	return nil
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
