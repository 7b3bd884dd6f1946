package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
)

// The categories that --help lists the commands under.
const (
	categoryJudge = "Judge"
	categoryMake  = "Make"
	categoryLook  = "Look"
	categoryShell = "Shell"
)

// streams are the command's standard streams: findings go to out, progress and errors to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run is the whole program but for the process's own streams and signals. It gives the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, err io.Writer) int {
	out = printable{out}
	app := newApp(streams{in, out, err})
	if problem := checkArguments(app, args); problem != nil {
		return exitCode(problem, err)
	}
	return exitCode(app.RunContext(ctx, args), err)
}

func newApp(s streams) *cli.App {
	app := &cli.App{
		Name:      "rnnsim",
		Usage:     "quantized LSTMs and GRUs, bit for bit: quantize, simulate, verify",
		UsageText: "rnnsim COMMAND [flags] ARGUMENTS\n\nFlags come before arguments. `rnnsim COMMAND --help` shows a command's flags and examples.",
		Description: "The main job:\n" +
			"  rnnsim verify vectors/digits-lstm16      a case: the whole chain, from the float model to the recorded values\n" +
			"  rnnsim verify quantize_result/           a quantized model: simulator against exact reference and recorded dumps\n" +
			"\nExit codes: 0 compared and the same (or done), 1 differs, 2 bad usage, 4 an input could not be read,\nan output not written, or nothing was compared, 130 cancelled.",
		Version:              version(),
		Suggest:              true,
		EnableBashCompletion: true,
		Writer:               s.out,
		ErrWriter:            s.err,
		// Exit codes are decided in one place, by run.
		ExitErrHandler: func(*cli.Context, error) {},
		OnUsageError:   onUsageError,
		Action: func(c *cli.Context) error {
			if name := c.Args().First(); name != "" {
				return unknownCommand(c.App, name)
			}
			return cli.ShowAppHelp(c)
		},
		Commands: commands(s),
	}
	for _, command := range app.Commands {
		command.OnUsageError = onUsageError
		command.BashComplete = completeCommand(command, func() []string { return os.Args })
	}
	return app
}

func onUsageError(_ *cli.Context, err error, _ bool) error { return usageError{err.Error()} }

func unknownCommand(app *cli.App, name string) error {
	message := fmt.Sprintf("there is no command %q", name)
	if hint := strings.TrimSpace(cli.SuggestCommand(app.Commands, name)); hint != "" {
		message += ". " + hint
	}
	return usagef("%s (rnnsim --help lists the commands)", message)
}
