package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"rnnsim/vectors"
	"rnnsim/verify"
)

func evalCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "eval",
		Category:  categoryJudge,
		Usage:     "compare the answers of a whole network, float and quantized",
		ArgsUsage: "MODEL",
		Description: "MODEL is the float network: embedding, recurrent layers, dense head. The quantized recurrent layers run between the same embedding\n" +
			"and head. Printed are the accuracy of both, how often they agree, what they disagree on, and the SQNR of the head's values.\n\n" +
			"Examples:\n" +
			"  rnnsim eval --quantized quantized --input x_test.npy --labels y_test.npy model.pth\n" +
			"  rnnsim eval --quantized quantized --input tokens.npy model.pth",
		Flags: append(floatFlags(),
			&cli.StringFlag{Name: "quantized", Usage: "the quantized model in this `DIR`", TakesFile: true},
			&cli.StringFlag{Name: "input", Usage: "a .npy `FILE`: token ids [sequences, steps], or floats [sequences, steps, features]", TakesFile: true},
			&cli.StringFlag{Name: "lengths", Usage: "a .npy `FILE` with the length of each sequence", TakesFile: true},
			&cli.StringFlag{Name: "labels", Usage: "a .npy `FILE` with the class of each sequence", TakesFile: true},
			&cli.BoolFlag{Name: "json", Usage: "print the result as JSON"},
			compatFlag(), threadsFlag(),
		),
		Action: func(c *cli.Context) error { return eval(c, s) },
	}
}

func eval(c *cli.Context, s streams) error {
	path, err := oneArgument(c, "one float model")
	if err != nil {
		return err
	}
	if err := wantFlags(c, "quantized", "input"); err != nil {
		return err
	}
	job := verify.EvalJob{Threads: c.Int("threads")}
	if job.Compat, err = compatOf(c); err != nil {
		return err
	}
	if job.Float, err = readFloat(c, path); err != nil {
		return err
	}
	if job.Model, err = readQuantized(c.String("quantized")); err != nil {
		return err
	}
	if err := readAnswersInput(c, &job); err != nil {
		return err
	}
	bar := newProgress(c.Context, s.err, "sequences")
	job.Progress = func(done, total int64) { bar.update(int(done), int(total)) }
	result, err := verify.Eval(c.Context, job)
	bar.stop()
	if err != nil {
		return err
	}
	if c.Bool("json") {
		encoder := json.NewEncoder(s.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(result)
	}
	return writeEvaluation(s.out, result)
}

func readAnswersInput(c *cli.Context, job *verify.EvalJob) error {
	input := c.String("input")
	sequences, err := vectors.ReadFor(job.Float, input, c.String("lengths"))
	if err != nil {
		return err
	}
	if job.Sequences, err = sequences.Floats(); err != nil {
		return fmt.Errorf("evaluate on %s: %w", input, err)
	}
	if c.IsSet("labels") {
		job.Labels, err = vectors.ReadLabels(c.String("labels"), len(job.Sequences))
	}
	return err
}

func writeEvaluation(w io.Writer, e *verify.Evaluation) error {
	table := newTable(w)
	fmt.Fprintf(table, "sequences\t%d\n", e.Sequences)
	if e.FloatAccuracy != nil {
		fmt.Fprintf(table, "accuracy\t%.2f %% float\t%.2f %% quantized\n", 100**e.FloatAccuracy, 100**e.QuantizedAccuracy)
	}
	fmt.Fprintf(table, "same class\t%.2f %%\n", 100*e.Agreement)
	if e.SQNR != nil {
		fmt.Fprintf(table, "head\t%.1f dB SQNR\t%.3g largest error\n", *e.SQNR, e.LargestErr)
	} else {
		fmt.Fprintln(table, "head\tall values equal")
	}
	if err := table.Flush(); err != nil || len(e.Confusion) == 0 {
		return err
	}
	fmt.Fprintln(w, "\nwhere they disagree")
	table = newTable(w)
	fmt.Fprintln(table, "  float\tquantized\tsequences\tfloat right\tquantized right")
	for _, d := range e.Confusion {
		fmt.Fprintf(table, "  %d\t%d\t%d\t%d\t%d\n", d.Float, d.Quantized, d.Count, d.FloatRight, d.QuantizedRight)
	}
	return table.Flush()
}
