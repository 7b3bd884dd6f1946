package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// The scripts ask the program itself what may come next, through the flag that the command line library answers.
const bashCompletion = `_rnnsim() {
  local current="${COMP_WORDS[COMP_CWORD]}" asked words
  asked="$current"
  [[ "$asked" == "--" ]] && asked="-"
  words=$("${COMP_WORDS[@]:0:COMP_CWORD}" "$asked" --generate-bash-completion 2>/dev/null)
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _rnnsim rnnsim
`

const zshCompletion = `#compdef rnnsim
_rnnsim() {
  local -a words_
  words_=("${(@f)$("${words[@]:0:#words[@]-1}" "${words[-1]}" --generate-bash-completion 2>/dev/null)}")
  if [[ -n "${words_[1]}" ]]; then _describe 'rnnsim' words_; else _files; fi
}
compdef _rnnsim rnnsim
`

func completionCommand(s streams) *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Category:  categoryShell,
		Usage:     "print a completion script for a shell",
		ArgsUsage: "bash|zsh|fish",
		Description: "Examples:\n" +
			"  source <(rnnsim completion bash)\n" +
			"  rnnsim completion fish > ~/.config/fish/completions/rnnsim.fish",
		Action: func(c *cli.Context) error {
			switch shell := c.Args().First(); shell {
			case "bash":
				_, err := fmt.Fprint(s.out, bashCompletion)
				return err
			case "zsh":
				_, err := fmt.Fprint(s.out, zshCompletion)
				return err
			case "fish":
				script, err := c.App.ToFishCompletion()
				if err != nil {
					return fmt.Errorf("make the fish completion: %w", err)
				}
				_, err = fmt.Fprint(s.out, script)
				return err
			case "":
				return usagef("completion wants a shell: bash, zsh or fish")
			default:
				return usagef("there is no completion for shell %q; there is for bash, zsh and fish", shell)
			}
		},
	}
}

// flagValues are what the flags that choose among a few words take.
var flagValues = map[string][]string{
	"format":      {"arrow", "deploy_check", "npz"},
	"to":          {"arrow", "deploy_check", "npz"},
	"style":       {"pytorch", "tensorflow"},
	"compat":      {"sane", "vai2.0"},
	"weight-bits": {"16", "8"},
}

// completeCommand prints what may stand at the end of a command's line: flags behind a dash, the values of a flag, subcommands.
// Where it prints nothing the shell offers files.
func completeCommand(command *cli.Command, args func() []string) cli.BashCompleteFunc {
	return func(c *cli.Context) {
		line := args()
		if len(line) < 3 {
			return
		}
		current, before := line[len(line)-2], line[len(line)-3]
		var words []string
		switch {
		case flagValues[strings.TrimLeft(before, "-")] != nil && isFlag(before):
			words = flagValues[strings.TrimLeft(before, "-")]
		case takesValue(command, before) && isFlag(before):
		case strings.HasPrefix(current, "-"):
			for _, flag := range command.VisibleFlags() {
				for _, name := range flag.Names() {
					words = append(words, strings.Repeat("-", min(len(name), 2))+name)
				}
			}
		case command.Name == "completion":
			words = []string{"bash", "zsh", "fish"}
		default:
			for _, sub := range command.Subcommands {
				if sub.Name != "help" {
					words = append(words, sub.Name)
				}
			}
		}
		for _, word := range words {
			fmt.Fprintln(c.App.Writer, word)
		}
	}
}
