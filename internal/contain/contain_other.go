//go:build !unix

package contain

import "os/exec"

const keepsNumber = false

func leadGroup(*exec.Cmd) {}

func awaitEnd(int) {}

// AdoptOrphans does nothing where there are no process groups.
func AdoptOrphans() error { return nil }

// EndDescendants does nothing where there are no process groups.
func EndDescendants() {}

// EndOwnGroup does nothing where there are no process groups.
func EndOwnGroup() {}

func (p *Process) kill() { _ = p.command.Process.Kill() }

// Memory is not known here.
func (p *Process) Memory() int64 { return 0 }
