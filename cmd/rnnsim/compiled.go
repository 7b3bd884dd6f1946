package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"rnnsim/compile"
	"rnnsim/dump"
	"rnnsim/model"
	"rnnsim/sim/machine"
	"rnnsim/vectors"
	"rnnsim/verify"
	"rnnsim/xmodel"
)

// compiledModel reads the one compiled model that a command was given, or gives nil where the arguments are something else.
func compiledModel(paths []string) (*xmodel.Compiled, error) {
	if len(paths) != 1 {
		return nil, nil
	}
	if info, err := os.Stat(paths[0]); err != nil || info.IsDir() {
		return nil, nil
	}
	graph, err := xmodel.ReadFile(paths[0])
	if err != nil || graph.FileKind() != xmodel.CompiledRNN {
		return nil, nil // the reader of quantized models says what is wrong
	}
	return xmodel.ReadCompiled(paths[0])
}

// runCompiled executes a compiled model.
func runCompiled(c *cli.Context, s streams, compiled *xmodel.Compiled) error {
	for _, name := range []string{"compat", "h0", "c0"} {
		if c.IsSet(name) {
			return usagef("--%s does not go with a compiled model, whose instructions say what is computed", name)
		}
	}
	var record func(*machine.WordResult) error
	options := machine.Options{View: liftedView(compiled)}
	if c.IsSet("words") {
		options.Results = func(r *machine.WordResult) error { return record(r) }
	}
	executed, err := machine.New(compiled, options)
	if err != nil {
		return err
	}
	stimulus, err := readCompiledInput(c, executed, nil)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(compiled.Weights)
	bar := newProgress(c.Context, s.err, "frames")
	sink, err := traceSink(c, "machine", hex.EncodeToString(digest[:]), len(compiled.Cells), stimulus, bar)
	if err != nil {
		return err
	}
	if sink != nil {
		if sink, err = dump.FilterNodes(sink, c.StringSlice("nodes")...); err != nil {
			return err
		}
	}
	held := holdTrace(sink)
	var result *machine.Result
	words, err := prepareOptional(c.String("words"), func(w io.Writer) (err error) {
		record = executed.ResultsAsJSON(w)
		result, err = executed.Run(c.Context, stimulus.Sequences, held.orNil())
		return err
	})
	bar.stop()
	if err != nil {
		return fmt.Errorf("%s: %w", compiled.Source, err)
	}
	width, _ := executed.Output()
	if err := publish(c, held, words, result.Output, width, stimulus); err != nil {
		return err
	}
	return reportRun(c, s, stimulus, len(compiled.Cells))
}

// liftedView gives the cells the names and the nodes that they have when they are lifted, so that traces of both levels compare. A
// stream that cannot be lifted runs all the same, under the machine's own names.
func liftedView(compiled *xmodel.Compiled) *xmodel.View {
	lifted, err := compile.Lift(compiled)
	if err != nil {
		return nil
	}
	return lifted.View
}

func readCompiledInput(c *cli.Context, executed *machine.Machine, float *model.Network) (*vectors.Sequences, error) {
	stimulus, err := readInput(c, float)
	if err != nil {
		return nil, err
	}
	features, _ := executed.Input()
	return stimulus, stimulus.WantFeatures(features)
}

// verifyCompiled verifies a compiled model on its three levels.
func verifyCompiled(c *cli.Context, s streams, compiled *xmodel.Compiled, progress func(string, int64, int64)) (*verify.Report, error) {
	for _, name := range []string{"compat", "h0", "c0", "deploy-check", "sequence"} {
		if c.IsSet(name) {
			return nil, usagef("--%s does not go with a compiled model", name)
		}
	}
	job := verify.CompiledJob{Compiled: compiled, Seed: c.Uint64("seed"), Job: verify.Job{
		MinSQNR: minSQNR(c), Threads: c.Int("threads"), Errors: errorsOf(c), Version: version(), Progress: progress,
		Heat: columnsOf(s) > 0, Detail: wantsDetail(c), Input: verify.Input{Seed: c.Uint64("seed")},
	}}
	if c.IsSet("float") {
		var err error
		if job.Float, err = readFloat(c, c.String("float")); err != nil {
			return nil, err
		}
	}
	if c.IsSet("input") {
		executed, err := machine.New(compiled, machine.Options{})
		if err != nil {
			return nil, err
		}
		stimulus, err := readCompiledInput(c, executed, job.Float)
		if err != nil {
			return nil, err
		}
		if _, grid := executed.Input(); stimulus.Embedded {
			verify.RoundTo(grid, stimulus.Sequences)
		}
		job.Input = verify.Input{Source: c.String("input"), Sequences: stimulus.Sequences}
	}
	return verify.RunCompiled(c.Context, job)
}
