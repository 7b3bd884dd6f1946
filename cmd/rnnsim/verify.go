package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"rnnsim/verify"
)

const verifyDescription = `CASE is a folder with a case.json, like those under vectors/: the whole chain is verified, from the float model through
calibration to every recorded value. DIR is a folder that quantize made, or the vendor's tool; FILEs are the cells of one network.

The simulator is compared with the exact reference, always: every node of every step. deploy_check data is judged where
it lies beside the model (deploy_check_data_int) or is named: each frame is replayed from its own recorded inputs and each node
from its recorded operands. A difference there is "explained" where the float32 arithmetic of the recording can have made it,
by a bound computed for that very sum, and "wrong" otherwise; only wrong fails. Without --input a seeded stimulus is used.

A COMPILED model is verified on three levels: the machine that executes its instructions, the cell graphs lifted from them (with a
proof), and the exact reference; its dependency tokens are checked, and --against MODEL compares with the float model.

With - beside a model, a device's answers on standard input, in the text protocol of docs/protocol.md, are compared with the
simulator's run over the stimuli that they carry.

Examples:
  rnnsim verify vectors/digits-lstm16
  rnnsim verify --input x.npy quantized
  rnnsim gen quantized | ./device | rnnsim verify - quantized
  rnnsim verify --deploy-check dump/deploy_check_data_int --float model.pth --min-sqnr 40 quantize_result`

func verifyCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:        "verify",
		Category:    categoryJudge,
		Usage:       "prove or refute that a quantized model is computed right",
		ArgsUsage:   "[-] FILE.xmodel...|DIR|CASE|COMPILED.xmodel",
		Description: verifyDescription,
		Flags: append(verifyFlags(),
			&cli.BoolFlag{Name: "json", Usage: "print the report as JSON"},
			resultFlag(),
		),
		Action: func(c *cli.Context) error { return verifyModel(c, s) },
	}
}

// verifyFlags say what is verified, and how.
func verifyFlags() []cli.Flag {
	return append(floatFlags(),
		&cli.StringFlag{Name: "input", Usage: "run the sequences of this `FILE`: .npy [sequences, steps, features], or token ids for the --float model's embedding", TakesFile: true},
		&cli.StringFlag{Name: "lengths", Usage: "a .npy `FILE` with the length of each sequence", TakesFile: true},
		embeddingFlag(),
		&cli.StringFlag{Name: "h0", Usage: "initial h, a .npy `FILE` [cells, sequences, hidden]", TakesFile: true},
		&cli.StringFlag{Name: "c0", Usage: "initial c, likewise", TakesFile: true},
		&cli.StringFlag{Name: "deploy-check", Usage: "judge the recorded run in this `DIR`", TakesFile: true},
		&cli.IntFlag{Name: "sequence", Value: verify.Unknown, Usage: "the deploy_check run was recorded from sequence `N` of the input"},
		&cli.StringFlag{Name: "float", Aliases: []string{"against"}, Usage: "compare with this float `MODEL`, by SQNR and error", TakesFile: true},
		&cli.Float64Flag{Name: "min-sqnr", Usage: "fail where a cell's h has less than this many `dB` against the float model"},
		&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "seed of the stimulus that is used without --input"},
		&cli.IntFlag{Name: "errors", Value: verify.DefaultErrors, Usage: "show up to `N` divergences a check after the first"},
		compatFlag(), threadsFlag(),
	)
}

func verifyModel(c *cli.Context, s streams) error {
	if err := wantParent(c.String("result")); err != nil {
		return err
	}
	report, err := makeReport(c, s)
	if err != nil {
		return err
	}
	return showReport(c, s, report)
}

// makeReport verifies what the arguments name.
func makeReport(c *cli.Context, s streams) (*verify.Report, error) {
	paths, err := someArguments(c, "a quantized model or a case")
	if err != nil {
		return nil, err
	}
	if c.IsSet("min-sqnr") && !c.IsSet("float") && !isCase(paths) {
		return nil, usagef("--min-sqnr wants --float, the model to compare with")
	}
	bar := newProgress(c.Context, s.err, "frames")
	defer bar.stop()
	return verifyPaths(c, s, paths, func(_ string, done, total int64) { bar.update(int(done), int(total)) })
}

// wantsDetail says that the findings are for a page.
func wantsDetail(c *cli.Context) bool { return c.IsSet("result") || c.Command.Name == reportName }

func verifyPaths(c *cli.Context, s streams, paths []string, progress func(string, int64, int64)) (*verify.Report, error) {
	if device, ok := isDevice(paths); ok {
		return verifyDevice(c, s, device, progress)
	}
	if isCase(paths) {
		return verifyCase(c, s, paths, progress)
	}
	compiled, err := compiledModel(paths)
	if err != nil {
		return nil, err
	}
	if compiled != nil {
		return verifyCompiled(c, s, compiled, progress)
	}
	job, err := readJob(c, s, paths)
	if err != nil {
		return nil, err
	}
	job.Progress = progress
	return verify.Run(c.Context, *job)
}

func isCase(paths []string) bool { return len(paths) == 1 && verify.IsCase(paths[0]) }

func verifyCase(c *cli.Context, s streams, paths []string, progress func(string, int64, int64)) (*verify.Report, error) {
	for _, name := range []string{"input", "lengths", "embedding", "h0", "c0", "deploy-check", "float", "sequence"} {
		if c.IsSet(name) {
			return nil, usagef("--%s does not go with a case, which says itself what it is verified with", name)
		}
	}
	opened, err := verify.OpenCase(paths[0])
	if err != nil {
		return nil, err
	}
	options := verify.CaseOptions{Errors: errorsOf(c), Heat: columnsOf(s) > 0, Detail: wantsDetail(c), Threads: c.Int("threads"), Version: version(), Progress: progress, MinSQNR: minSQNR(c)}
	if c.IsSet("compat") {
		compat, err := compatOf(c)
		if err != nil {
			return nil, err
		}
		options.Compat = &compat
	}
	return verify.RunCase(c.Context, opened, options)
}

// errorsOf turns the flag, where 0 shows none, into the library's count, where 0 is the default.
func errorsOf(c *cli.Context) int {
	if n := c.Int("errors"); n > 0 {
		return n
	}
	return -1
}

func minSQNR(c *cli.Context) *float64 {
	if !c.IsSet("min-sqnr") {
		return nil
	}
	bound := c.Float64("min-sqnr")
	return &bound
}

func readJob(c *cli.Context, s streams, paths []string) (*verify.Job, error) {
	compat, err := compatOf(c)
	if err != nil {
		return nil, err
	}
	quantized, err := readQuantized(paths...)
	if err != nil {
		return nil, err
	}
	job := &verify.Job{
		Model: quantized, Compat: compat, MinSQNR: minSQNR(c), Threads: c.Int("threads"), Errors: errorsOf(c), Version: version(),
		Heat: columnsOf(s) > 0, Detail: wantsDetail(c), Input: verify.Input{Seed: c.Uint64("seed")},
	}
	if c.IsSet("float") {
		if job.Float, err = readFloat(c, c.String("float")); err != nil {
			return nil, err
		}
	}
	if c.IsSet("input") {
		stimulus, err := readStimulus(c, quantized, job.Float)
		if err != nil {
			return nil, err
		}
		job.Input = verify.Input{Source: c.String("input"), Sequences: stimulus.Sequences}
	}
	for _, path := range deployChecks(c, paths) {
		recording, err := verify.DeployCheck(path, quantized, false, c.Int("sequence"))
		if err != nil {
			return nil, err
		}
		job.Recordings = append(job.Recordings, recording)
	}
	return job, nil
}

// deployChecks are the recorded runs to judge: the one that is named, or the one that lies beside the model.
func deployChecks(c *cli.Context, paths []string) []string {
	if c.IsSet("deploy-check") {
		return []string{c.String("deploy-check")}
	}
	for _, path := range paths {
		if beside := verify.DeployCheckBeside(path); len(beside) > 0 {
			return beside[:1]
		}
	}
	return nil
}

func showReport(c *cli.Context, s streams, report *verify.Report) error {
	err := keepResult(c, report)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		err = report.WriteJSON(s.out)
	} else {
		err = report.WriteText(s.out, verify.TextOptions{Columns: columnsOf(s)})
	}
	if err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	return verdictError(report.Verdict)
}
