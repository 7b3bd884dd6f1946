package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

// The scripts ask the program itself what may come next, through the flag that the command line library answers.
const bashCompletion = `_rnnsim() {
  local current="${COMP_WORDS[COMP_CWORD]}" words
  words=$("${COMP_WORDS[@]:0:COMP_CWORD}" "$current" --generate-bash-completion 2>/dev/null)
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
