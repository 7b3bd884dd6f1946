package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"rnnsim/quant"
	"rnnsim/vectors"
)

func quantizeCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "quantize",
		Category:  categoryMake,
		Usage:     "choose fix positions for a float model and write its quantized form",
		ArgsUsage: "MODEL",
		Description: "MODEL is a float model: .pth, .pt, .npz, .safetensors, .onnx, .h5 or .keras, told by content. The result is DIR/quant_info.json and\n" +
			"DIR/xmodel/<graph>_int.xmodel, one a cell. Calibrate on what the first recurrent layer reads, or on token ids where the model has\n" +
			"an embedding.\n\n" +
			"Examples:\n" +
			"  rnnsim quantize --calib tokens.npy -o quantized model.h5\n" +
			"  rnnsim quantize --calib x_calib.npy -o quantized model.pth\n" +
			"  rnnsim quantize --calib x_calib.npy --weight-bits 8 -o quantized8 model.npz",
		Flags: append(floatFlags(),
			&cli.StringFlag{Name: "calib", Usage: "calibrate on the sequences of this `FILE`: .npy, float [sequences, steps, features], or token ids [sequences, steps]", TakesFile: true},
			&cli.StringFlag{Name: "lengths", Usage: "a .npy `FILE` with the length of each sequence", TakesFile: true},
			&cli.IntFlag{Name: "weight-bits", Value: 16, Usage: "width of the weights, 16 or 8"},
			&cli.IntFlag{Name: "max-fix-position", Value: quant.DefaultMaxFixPosition, Usage: "largest fix position, 1 to 31"},
			compatFlag(),
			outputFlag("write the folder `DIR`"), forceFlag(),
		),
		Action: func(c *cli.Context) error { return quantize(c, s) },
	}
}

func quantize(c *cli.Context, s streams) error {
	path, err := oneArgument(c, "one float model")
	if err != nil {
		return err
	}
	if err := wantFlags(c, "calib", "output"); err != nil {
		return err
	}
	options := quant.Options{WeightBits: c.Int("weight-bits"), MaxFixPosition: c.Int("max-fix-position")}
	if options.WeightBits != 8 && options.WeightBits != 16 {
		return usagef("--weight-bits is %d; weights have 16 or 8", options.WeightBits)
	}
	if options.MaxFixPosition < 1 || options.MaxFixPosition > 31 {
		return usagef("--max-fix-position is %d; 1 to 31 is possible", options.MaxFixPosition)
	}
	if options.Compat, err = compatOf(c); err != nil {
		return err
	}
	if err := refuseExisting(c, c.String("output")); err != nil {
		return err
	}
	if err := wantParent(c.String("output")); err != nil {
		return err
	}
	network, err := readFloat(c, path)
	if err != nil {
		return err
	}
	calibration, err := vectors.ReadFor(network, c.String("calib"), c.String("lengths"))
	if err != nil {
		return fmt.Errorf("calibrate: %w", err)
	}
	floats, err := calibration.Floats()
	if err != nil {
		return fmt.Errorf("calibrate on %s: %w", c.String("calib"), err)
	}
	bar := newProgress(c.Context, s.err, "steps")
	options.Progress = bar.update
	result, err := quant.Calibrate(c.Context, network, floats, options)
	bar.stop()
	if err != nil {
		return fmt.Errorf("calibrate on %s: %w", c.String("calib"), err)
	}
	for _, warning := range result.Warnings {
		fmt.Fprintf(s.err, "rnnsim: warning: %s\n", warning)
	}
	if err := quant.WriteResult(c.Context, c.String("output"), result, c.Bool("force")); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "quantized %s: %s, %s, %d-bit weights, calibrated on %s\nwrote %s\n",
		path, strings.ToUpper(network.Kind.String()), count(len(result.Model.Cells), "cell"), options.WeightBits, count(len(floats), "sequence"), c.String("output"))
	return err
}
