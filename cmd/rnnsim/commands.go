package main

import "github.com/urfave/cli/v2"

func commands(s streams) []*cli.Command {
	return []*cli.Command{
		verifyCommand(s),
		compareCommand(s),
		diagnoseCommand(s),
		explainCommand(s),
		reportCommand(s),
		regressCommand(s),
		coverageCommand(s),
		gradeCommand(s),
		evalCommand(s),
		quantizeCommand(s),
		genCommand(s),
		runCommand(s),
		compileCommand(s),
		dumpCommand(s),
		exportRTLCommand(s),
		inspectCommand(s),
		lintCommand(s),
		estimateCommand(s),
		benchCommand(s),
		selftestCommand(s),
		completionCommand(s),
	}
}
