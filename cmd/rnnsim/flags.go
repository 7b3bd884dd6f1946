package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"rnnsim/model"
	"rnnsim/xmodel"
)

func outputFlag(usage string) cli.Flag {
	return &cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: usage, TakesFile: true}
}

func forceFlag() cli.Flag {
	return &cli.BoolFlag{Name: "force", Usage: "replace an output that exists"}
}

func compatFlag() cli.Flag {
	return &cli.StringFlag{Name: "compat", Usage: "semantics of `TOOL`: vai2.0 reproduces the faults of Vitis AI 2.0, sane has none (the default; a case has its recording tool's)"}
}

func threadsFlag() cli.Flag {
	return &cli.IntFlag{Name: "threads", Usage: "run on `N` processors (default: all; results do not depend on it)"}
}

// floatFlags say how a float model is read.
func floatFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "rnn", Usage: "take the RNN of this `NAME`, where the model has several"},
		&cli.BoolFlag{Name: "replace-hard-sigmoid", Usage: "take gates that were trained with hard_sigmoid for gates with the sigmoid, which the accelerator has"},
	}
}

// readFloat reads a float model as the flags say. What of the file is read in another sense than it has is told on standard error.
func readFloat(c *cli.Context, path string) (*model.Network, error) {
	network, err := model.Read(path, floatOptions(c))
	if err != nil {
		return nil, notWanted(path, "a float model", err)
	}
	tellNotes(c, path, network.Notes...)
	return network, nil
}

// lookAtFloat reads a float model whose outputs are not at stake: gates with hard_sigmoid are no obstacle, but told.
func lookAtFloat(c *cli.Context, path string) (*model.Network, error) {
	network, err := readFloat(c, path)
	if err == nil {
		return network, nil
	}
	options := floatOptions(c)
	options.ReplaceHardSigmoid = true
	if network, relaxed := model.Read(path, options); relaxed == nil {
		tellNotes(c, path, append(network.Notes, "it can be quantized only so, with --replace-hard-sigmoid")...)
		return network, nil
	}
	return nil, err
}

func floatOptions(c *cli.Context) model.ReadOptions {
	return model.ReadOptions{RNN: c.String("rnn"), ReplaceHardSigmoid: c.Bool("replace-hard-sigmoid")}
}

func tellNotes(c *cli.Context, path string, notes ...string) {
	for _, note := range notes {
		fmt.Fprintf(c.App.ErrWriter, "rnnsim: note: %s: %s\n", path, note)
	}
}

// compatOf reads the --compat flag.
func compatOf(c *cli.Context) (xmodel.Compat, error) {
	switch name := c.String("compat"); name {
	case "", "sane":
		return xmodel.Sane, nil
	case "vai2.0":
		return xmodel.VAI20, nil
	default:
		return xmodel.Sane, usagef("there is no compatibility mode %q; there is sane and vai2.0", name)
	}
}

// oneArgument wants exactly one argument and says what it should be.
func oneArgument(c *cli.Context, what string) (string, error) {
	switch c.NArg() {
	case 0:
		return "", usagef("%s wants %s (rnnsim %s --help)", c.Command.Name, what, c.Command.Name)
	case 1:
		return c.Args().First(), nil
	}
	return "", usagef("%s wants %s, and got %d arguments: %s", c.Command.Name, what, c.NArg(), strings.Join(c.Args().Slice(), " "))
}

// someArguments wants at least one argument.
func someArguments(c *cli.Context, what string) ([]string, error) {
	if c.NArg() == 0 {
		return nil, usagef("%s wants %s (rnnsim %s --help)", c.Command.Name, what, c.Command.Name)
	}
	return c.Args().Slice(), nil
}

// wantFlags refuses a command line that lacks one of the named flags.
func wantFlags(c *cli.Context, names ...string) error {
	for _, name := range names {
		if !c.IsSet(name) {
			return usagef("%s wants --%s (rnnsim %s --help)", c.Command.Name, name, c.Command.Name)
		}
	}
	return nil
}
