//go:build !unix

package suite

import (
	"os/exec"
	"runtime/debug"
)

// ownGroup does nothing where there are no process groups: the end of the context ends the process alone.
func ownGroup(*exec.Cmd) bool { return false }

func killGroup(*exec.Cmd) {}

func endOwnGroup() {}

// limitMemory can only make the collector work harder where there is no limit on a process's data.
func limitMemory(limit int64) error {
	if limit > 0 {
		debug.SetMemoryLimit(limit)
	}
	return nil
}
