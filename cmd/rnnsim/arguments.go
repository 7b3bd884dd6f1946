package main

import (
	"strings"

	"github.com/urfave/cli/v2"
)

// checkArguments refuses what the command line library would pass over in silence: a flag behind the first argument, which
// it takes for one more argument, and a help topic that does not exist, for which it has an exit code of its own.
func checkArguments(app *cli.App, args []string) error {
	if len(args) < 2 {
		return nil
	}
	if args[len(args)-1] == "--generate-bash-completion" {
		return nil
	}
	command := findCommand(app.Commands, args[1])
	if args[1] == "help" || args[1] == "h" {
		if len(args) > 2 && findCommand(app.Commands, args[2]) == nil {
			return unknownCommand(app, args[2])
		}
		return nil
	}
	if command == nil {
		return nil // the app's own action names it
	}
	return checkFlagsComeFirst(command, args[:2], args[2:])
}

func findCommand(commands []*cli.Command, name string) *cli.Command {
	for _, c := range commands {
		if c.HasName(name) {
			return c
		}
	}
	return nil
}

func checkFlagsComeFirst(command *cli.Command, before, rest []string) error {
	for i := 0; i < len(rest); i++ {
		arg := rest[i]
		if arg == "--" {
			return nil
		}
		if !isFlag(arg) {
			if sub := findCommand(command.Subcommands, arg); sub != nil {
				return checkFlagsComeFirst(sub, append(before, arg), rest[i+1:])
			}
			return refuseFlagsBehind(command, before, rest, i)
		}
		if takesValue(command, arg) {
			i++
		}
	}
	return nil
}

// refuseFlagsBehind looks at what follows the first argument, at rest[first], and shows the line with the flags in front.
func refuseFlagsBehind(command *cli.Command, before, rest []string, first int) error {
	var flags, arguments []string
	offender := ""
	for i := first; i < len(rest); i++ {
		if rest[i] == "--" {
			arguments = append(arguments, rest[i:]...)
			break
		}
		if !isFlag(rest[i]) {
			arguments = append(arguments, rest[i])
			continue
		}
		if offender == "" {
			offender = rest[i]
		}
		flags = append(flags, rest[i])
		if takesValue(command, rest[i]) && i+1 < len(rest) {
			i++
			flags = append(flags, rest[i])
		}
	}
	if offender == "" {
		return nil
	}
	line := append([]string{"rnnsim"}, before[1:]...)
	line = append(line, rest[:first]...)
	line = append(line, flags...)
	line = append(line, arguments...)
	return usagef("flag %s stands behind the argument %q; flags come first:\n  %s", offender, rest[first], strings.Join(line, " "))
}

// isFlag tells flags from arguments; a lone "-" is standard input.
func isFlag(arg string) bool { return len(arg) > 1 && arg[0] == '-' }

func takesValue(command *cli.Command, arg string) bool {
	if strings.Contains(arg, "=") {
		return false
	}
	name := strings.TrimLeft(arg, "-")
	for _, flag := range command.Flags {
		for _, known := range flag.Names() {
			if known == name {
				_, isBool := flag.(*cli.BoolFlag)
				return !isBool
			}
		}
	}
	return false
}
