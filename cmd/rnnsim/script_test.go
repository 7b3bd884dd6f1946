package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the transcripts under testdata/script: commands, what they print, and how they end. The shipped cases are
// reachable as vectors/.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup:         func(env *testscript.Env) error { return linkVectors(env.WorkDir) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"cut":        cut,
			"edit":       edit,
			"exits":      exits,
			"faulty":     faulty,
			"limited":    limited,
			"npy":        writeNpy,
			"shuffled":   shuffled,
			"flipweight": flipWeight,
			"spoil":      spoil,
		},
	})
}
