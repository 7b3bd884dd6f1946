package main

import (
	"encoding/json"
	"math"
	"time"

	"github.com/urfave/cli/v2"

	"rnnsim/bench"
	"rnnsim/xmodel"
)

func benchCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:     "bench",
		Category: categoryLook,
		Usage:    "measure how fast this machine runs models of given shapes",
		Description: "Weights and inputs are random, and the same on every machine; so is the checksum of the output. The best run counts,\n" +
			"and is held against the machine's own limit, measured in turn with it. Without --shape, shapes S1 to S7 of the\n" +
			"project's benchmark are measured, with 8 and with 16 bits.\n\n" +
			"Examples:\n" +
			"  rnnsim bench\n" +
			"  rnnsim bench --shape 32,100,500,1 --weight-bits 8 --threads 1\n" +
			"  rnnsim bench --shape 700,1024+1024,100,1 --seconds 5 --json      (two layers)",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "shape", Usage: "`I,H,T,B`: inputs, units, timesteps, sequences; or S1 to S7"},
			&cli.IntFlag{Name: "weight-bits", Usage: "weights of `8|16` bits (default: both)"},
			threadsFlag(),
			&cli.Float64Flag{Name: "seconds", Value: 1, Usage: "run each for `S` seconds, besides measuring the limit"},
			&cli.BoolFlag{Name: "gru", Usage: "measure GRUs (default: LSTMs)"},
			&cli.StringFlag{Name: "values", Value: string(bench.Usual), Usage: "`KIND` of weights and inputs: usual, zero, saturating or extreme"},
			&cli.BoolFlag{Name: "json", Usage: "print the results as JSON"},
		},
		Action: func(c *cli.Context) error { return runBench(c, s) },
	}
}

func runBench(c *cli.Context, s streams) error {
	configs, err := benchConfigs(c)
	if err != nil {
		return err
	}
	seconds := c.Float64("seconds")
	if !(seconds >= 0 && seconds <= math.MaxInt32) {
		return usagef("--seconds is %v; it must be a number of seconds", seconds)
	}
	var results []bench.Result
	for _, config := range configs {
		result, err := bench.Measure(c.Context, config, time.Duration(seconds*float64(time.Second)))
		if err != nil {
			return err
		}
		results = append(results, *result)
	}
	if !c.Bool("json") {
		return bench.WriteText(s.out, results)
	}
	encoder := json.NewEncoder(s.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(results)
}

// benchConfigs lists what the flags ask for.
func benchConfigs(c *cli.Context) ([]bench.Config, error) {
	if c.NArg() > 0 {
		return nil, usagef("bench takes no arguments, and got %q; a shape is given with --shape", c.Args().First())
	}
	config := bench.Config{Kind: xmodel.LSTM, Threads: c.Int("threads")}
	if c.Bool("gru") {
		config.Kind = xmodel.GRU
	}
	if config.Threads < 0 {
		return nil, usagef("--threads is %d; it must be positive", config.Threads)
	}
	var err error
	if config.Values, err = bench.ParseValues(c.String("values")); err != nil {
		return nil, usagef("--values: %v", err)
	}
	widths := []int{8, 16}
	if c.IsSet("weight-bits") {
		widths = []int{c.Int("weight-bits")}
		if widths[0] != 8 && widths[0] != 16 {
			return nil, usagef("--weight-bits is %d; there are 8 and 16", widths[0])
		}
	}
	shapes := bench.Standard()
	if c.IsSet("shape") {
		shape, err := bench.ParseShape(c.String("shape"))
		if err != nil {
			return nil, usagef("--shape: %v", err)
		}
		shapes = []bench.Named{{Shape: shape}}
	}
	var configs []bench.Config
	for _, shape := range shapes {
		for _, bits := range widths {
			config.Shape, config.WeightBits = shape.Shape, bits
			configs = append(configs, config)
		}
	}
	return configs, nil
}
