package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"rnnsim/dump"
	"rnnsim/fault"
	"rnnsim/verify"
)

func compareCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "compare",
		Category:  categoryJudge,
		Usage:     "hold one trace against another, value by value",
		ArgsUsage: "GOT WANT",
		Description: tracesText + "\n\n" +
			"Frames are matched by cell, sequence and step, nodes by their names. Values must be equal, unless a tolerance is given. What only one\n" +
			"side has is listed; nodes and graphs that only one side has do not fail, frames do. The sides may have their sequences in different\n" +
			"orders: one is then read in the order of the other, an Arrow trace where it lies, others from a copy in the folder that TMPDIR names.\n\n" +
			"Examples:\n" +
			"  rnnsim compare rtl-trace trace\n" +
			"  rnnsim compare --nodes h_next --nodes 'y_*' --steps 0:10 got want\n" +
			"  rnnsim compare --sequence 3 deploy_check_data_int trace\n" +
			"  rnnsim compare --map names.txt --tolerance h_next=1 got want\n" +
			"  rnnsim compare --signals signals.txt got.vcd want\n" +
			"  rnnsim gen MODEL | ./device | rnnsim compare - want",
		Flags: append([]cli.Flag{
			&cli.StringSliceFlag{Name: "nodes", Usage: "compare only the nodes that match `GLOB` (may be repeated)"},
			&cli.StringFlag{Name: "steps", Usage: "compare the steps from `A:B`, B not included; either may be left out"},
			&cli.IntFlag{Name: "sequence", Usage: "compare only sequence `N`; a deploy_check folder, which holds one and does not say which, is taken for it"},
			&cli.StringFlag{Name: "map", Usage: "names of GOT's nodes: a `FILE` of lines THEIRS = OURS, or a JSON object", TakesFile: true},
			&cli.StringSliceFlag{Name: "tolerance", Usage: "take `NODE=LSB` for equal up to a distance; NODE may be a glob (may be repeated)"},
			&cli.IntFlag{Name: "errors", Value: verify.DefaultErrors, Usage: "show up to `N` divergences after the first"},
			&cli.BoolFlag{Name: "statistics", Usage: "show a line for every node, also for those that are equal"},
			&cli.StringFlag{Name: "model", Usage: "the quantized model in this `DIR`, to show what a diverging node reads; with --result, to explain, diagnose and measure coverage", TakesFile: true},
			&cli.StringFlag{Name: "input", Usage: "with --model and --result: the device was given the sequences of this `FILE`, .npy [sequences, steps, features]", TakesFile: true},
			&cli.StringFlag{Name: "lengths", Usage: "a .npy `FILE` with the length of each sequence of --input", TakesFile: true},
			embeddingFlag(),
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
			resultFlag(), compatFlag(), threadsFlag(),
		}, traceFlags()...),
		Action: func(c *cli.Context) error { return compare(c, s) },
	}
}

func compare(c *cli.Context, s streams) error {
	if c.NArg() != 2 {
		return usagef("compare wants two traces, GOT and WANT, and got %s (rnnsim compare --help)", count(c.NArg(), "argument"))
	}
	gotPath, wantPath := c.Args().Get(0), c.Args().Get(1)
	if gotPath == standardInput && wantPath == standardInput {
		return usagef("compare reads one of GOT and WANT from standard input, and the other from a file")
	}
	job, like, err := compareJob(c, s)
	if err != nil {
		return err
	}
	job.GotName, job.WantName = gotPath, wantPath
	sides := &comparedTraces{Context: c, streams: s, got: gotPath, want: wantPath, like: like, model: like != nil, options: &job.Options}
	defer sides.close()
	if job.Options.Detail && (gotPath == standardInput || wantPath == standardInput) {
		if sides.kept, err = keepInput(s.in); err != nil { // a divergence is looked at again
			return err
		}
		defer os.Remove(sides.kept)
	}
	job.Got, job.Want = sides.openGot, sides.openWant
	report, err := verify.RunTraces(c.Context, *job)
	if err != nil {
		return err
	}
	if found := report.Checks[0].Comparison; sides.oneSequence() && found.OnlyGot.Frames+found.OnlyWant.Frames > 0 {
		found.Notes = append(found.Notes, "a deploy_check folder holds one sequence, which was taken for sequence 0: --sequence N says which it is, and compares no other")
	}
	if err := keepResult(c, report); err != nil {
		return err
	}
	return showComparison(c, s, report.Checks[0].Comparison)
}

func showComparison(c *cli.Context, s streams, result *verify.Comparison) error {
	var err error
	if c.Bool("json") {
		err = writeJSON(s, struct {
			Verdict verify.Verdict `json:"verdict"`
			*verify.Comparison
		}{result.Verdict(), result})
	} else {
		err = result.WriteText(s.out, verify.TextOptions{Statistics: c.Bool("statistics"), Columns: columnsOf(s)})
	}
	if err != nil {
		return err
	}
	return verdictError(result.Verdict())
}

// compareJob reads the flags. like describes the cells for traces that do not, where a model is given.
func compareJob(c *cli.Context, s streams) (job *verify.TracesJob, like *dump.Header, err error) {
	if err := wantParent(c.String("result")); err != nil {
		return nil, nil, err
	}
	job = &verify.TracesJob{Version: version(), Threads: c.Int("threads")}
	options := &job.Options
	options.Nodes, options.Errors = c.StringSlice("nodes"), errorsOf(c)
	options.Heat, options.Detail = columnsOf(s) > 0 || c.Bool("json"), c.IsSet("result")
	if options.Steps, err = stepsOf(c.String("steps")); err != nil {
		return nil, nil, err
	}
	if c.IsSet("sequence") {
		number := c.Int("sequence")
		if number < 0 {
			return nil, nil, usagef("--sequence %d: sequences are counted from 0", number)
		}
		options.Sequence = &number
	}
	if options.Tolerance, err = tolerances(c.StringSlice("tolerance")); err != nil {
		return nil, nil, err
	}
	if c.IsSet("map") {
		if options.Map, err = verify.ReadNameMap(c.String("map")); err != nil {
			return nil, nil, err
		}
	}
	if c.IsSet("input") && !(c.IsSet("model") && c.IsSet("result")) {
		return nil, nil, usagef("--input goes with --model and --result: it says what the device was given, to diagnose it and to measure coverage")
	}
	if job.Compat, err = compatOf(c); err != nil || !c.IsSet("model") {
		return job, nil, err
	}
	if job.Model, err = readQuantized(c.String("model")); err != nil {
		return nil, nil, err
	}
	if c.IsSet("input") {
		stimulus, err := readStimulus(c, job.Model, nil)
		if err != nil {
			return nil, nil, err
		}
		job.Stimulus = stimulus.Sequences
	}
	base, err := fault.New(job.Model, job.Compat)
	if err != nil {
		return nil, nil, err
	}
	header := base.Header()
	options.Reads = func(graph, node string) []string {
		for i, cell := range header.Cells {
			if cell.Graph == graph {
				return base.Reads(i, node)
			}
		}
		return nil
	}
	return job, &header, nil
}

// stepsOf reads a range A:B.
func stepsOf(text string) (verify.Steps, error) {
	if text == "" {
		return verify.Steps{}, nil
	}
	wrong := usagef("--steps %q is no range A:B of steps, like 0:10, 5: or :3", text)
	first, end, found := strings.Cut(text, ":")
	if !found {
		return verify.Steps{}, wrong
	}
	var steps verify.Steps
	var err error
	if first != "" {
		if steps.First, err = strconv.Atoi(first); err != nil || steps.First < 0 {
			return steps, wrong
		}
	}
	if end != "" {
		last, err := strconv.Atoi(end)
		if err != nil || last <= steps.First {
			return steps, wrong
		}
		steps.Count = last - steps.First
	}
	return steps, nil
}

func tolerances(texts []string) (map[string]float64, error) {
	result := map[string]float64{}
	for _, text := range texts {
		node, number, found := strings.Cut(text, "=")
		lsb, err := strconv.ParseFloat(number, 64)
		if !found || err != nil || node == "" || !(lsb >= 0) {
			return nil, usagef("--tolerance %q is not NODE=LSB, like h_next=1", text)
		}
		result[node] = lsb
	}
	return result, nil
}

// columnsOf is the width of the terminal that standard output is, 0 where it is none.
func columnsOf(s streams) int {
	out := s.out
	if p, ok := out.(printable); ok {
		out = p.Unwrap()
	}
	file, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}

func writeJSON(s streams, value any) error {
	encoder := json.NewEncoder(s.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// verdictError turns a verdict, whose findings are printed, into the way the command ends.
func verdictError(v verify.Verdict) error {
	switch v {
	case verify.Pass:
		return nil
	case verify.Fail:
		return errDiffers
	case verify.Nothing:
		return errNothingCompared
	}
	return errors.New("the result has an unknown verdict")
}
