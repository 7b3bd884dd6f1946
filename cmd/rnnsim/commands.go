package main

import "github.com/urfave/cli/v2"

func commands(s streams) []*cli.Command {
	return []*cli.Command{
		verifyCommand(s),
		evalCommand(s),
		quantizeCommand(s),
		runCommand(s),
		compileCommand(s),
		dumpCommand(s),
		inspectCommand(s),
		estimateCommand(s),
		completionCommand(s),
	}
}
