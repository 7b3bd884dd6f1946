package main

import "github.com/urfave/cli/v2"

func commands(s streams) []*cli.Command {
	return []*cli.Command{
		completionCommand(s),
	}
}
