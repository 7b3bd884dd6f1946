package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"rnnsim/dump"
	"rnnsim/sim"
	"rnnsim/vectors"
)

func runCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "run",
		Category:  categoryMake,
		Usage:     "simulate a quantized model bit for bit and write its trace",
		ArgsUsage: "DIR|FILE.xmodel...|COMPILED.xmodel",
		Description: "DIR is a folder that quantize made, or the vendor's tool (quantize_result). Files are the cells of one network.\n" +
			"A COMPILED model is executed instruction by instruction, a sequence on each lane.\n" +
			"The trace has every node of every step of every sequence; steps are counted in execution order.\n\n" +
			"Examples:\n" +
			"  rnnsim run --input x.npy -o trace quantized\n" +
			"  rnnsim run --input x.npy --nodes h_next --nodes c_next --zstd -o trace quantized\n" +
			"  rnnsim run --input x.npy --format deploy_check -o dump quantized\n" +
			"  rnnsim run --input x.npy --h-out h.npy quantized\n" +
			"  rnnsim run --input x.npy --words words.jsonl compiled.xmodel",
		Flags: append(embeddingFlags(),
			&cli.StringFlag{Name: "input", Usage: "run the sequences of this `FILE`: .npy [sequences, steps, features], float, or int16 on the first cell's grid", TakesFile: true},
			&cli.StringFlag{Name: "lengths", Usage: "a .npy `FILE` with the length of each sequence", TakesFile: true},
			&cli.StringFlag{Name: "h0", Usage: "initial h, a .npy `FILE` [cells, sequences, hidden]", TakesFile: true},
			&cli.StringFlag{Name: "c0", Usage: "initial c, likewise", TakesFile: true},
			&cli.StringFlag{Name: "format", Value: "arrow", Usage: "write the trace as arrow, deploy_check or npz"},
			&cli.StringSliceFlag{Name: "nodes", Usage: "record only the nodes that match `GLOB` (may be repeated)"},
			&cli.BoolFlag{Name: "zstd", Usage: "compress an arrow trace"},
			&cli.IntFlag{Name: "sequence", Usage: "the sequence `N` that a deploy_check folder shows; it holds one"},
			&cli.StringFlag{Name: "style", Value: "pytorch", Usage: "layout of a deploy_check folder: pytorch or tensorflow"},
			&cli.StringFlag{Name: "h-out", Usage: "write the last layer's h to this .npy `FILE`, int16 [sequences, steps, directions * hidden]", TakesFile: true},
			&cli.StringFlag{Name: "words", Usage: "of a compiled model: write what every instruction wrote to this `FILE`, a JSON object a line", TakesFile: true},
			compatFlag(), threadsFlag(),
			outputFlag("write the trace to `OUT`"), forceFlag(),
		),
		Action: func(c *cli.Context) error { return runModel(c, s) },
	}
}

func runModel(c *cli.Context, s streams) error {
	paths, err := someArguments(c, "a quantized model")
	if err != nil {
		return err
	}
	if err := wantFlags(c, "input"); err != nil {
		return err
	}
	if !c.IsSet("output") && !c.IsSet("h-out") && !c.IsSet("words") {
		return usagef("run wants --output, --h-out or both, or its work is lost")
	}
	compat, err := compatOf(c)
	if err != nil {
		return err
	}
	if err := checkRunOutputs(c); err != nil {
		return err
	}
	compiled, err := compiledModel(paths)
	if err != nil {
		return err
	}
	if compiled != nil {
		return runCompiled(c, s, compiled)
	}
	if c.IsSet("words") {
		return usagef("--words goes with a compiled model, which has instructions")
	}
	quantized, err := readQuantized(paths...)
	if err != nil {
		return err
	}
	bar := newProgress(c.Context, s.err, "frames")
	options := sim.Options{Compat: compat, Threads: c.Int("threads"), Nodes: c.StringSlice("nodes"), NoOutput: !c.IsSet("h-out")}
	if !c.IsSet("output") { // a trace's frames are counted as they are written
		options.Progress = bar.update
	}
	plan, err := sim.Compile(quantized, options)
	if err != nil {
		return err
	}
	stimulus, err := readStimulus(c, quantized, nil)
	if err != nil {
		return err
	}
	sink, err := traceSink(c, "sim", quantized.Digest(), len(quantized.Cells), stimulus, bar)
	if err != nil {
		return err
	}
	held := holdTrace(sink)
	result, err := plan.Run(c.Context, stimulus.Sequences, held.orNil())
	bar.stop()
	if err != nil {
		return err
	}
	width := 0
	for _, part := range plan.Output() {
		width += part.Width
	}
	if err := publish(c, held, nil, result.Output, width, stimulus); err != nil {
		return err
	}
	return reportRun(c, s, stimulus, len(quantized.Cells))
}

func reportRun(c *cli.Context, s streams, stimulus *vectors.Sequences, cells int) error {
	var wrote []string
	for _, flag := range []string{"output", "h-out", "words"} {
		if c.IsSet(flag) {
			wrote = append(wrote, c.String(flag))
		}
	}
	_, err := fmt.Fprintf(s.out, "ran %s, %s, %s\nwrote %s\n",
		count(len(stimulus.Sequences), "sequence"), count(stimulus.TotalSteps(), "step"), count(cells, "cell"), strings.Join(wrote, ", "))
	return err
}

// traceSink is where the frames go; it is nil when only h is wanted. origin says what computed them.
func traceSink(c *cli.Context, origin, modelDigest string, cells int, stimulus *vectors.Sequences, bar *progress) (dump.Sink, error) {
	if !c.IsSet("output") {
		return nil, nil
	}
	sink, err := sinkOf(c, c.String("format"), c.String("output"))
	if err != nil {
		return nil, err
	}
	described := &provenanceSink{Sink: sink, meta: map[string]string{
		"rnnsim.version":         version(),
		"rnnsim.model_digest":    modelDigest,
		"rnnsim.stimulus_digest": stimulus.Digest(),
		"rnnsim.origin":          origin,
	}}
	return &countingSink{Sink: described, total: stimulus.TotalSteps() * cells, progress: bar}, nil
}
