//go:build unix && !linux

package contain

import (
	"os/exec"
	"syscall"
)

const keepsNumber = false

func leadGroup(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func awaitEnd(int) {}

// AdoptOrphans does nothing here.
func AdoptOrphans() error { return nil }

// EndDescendants does nothing here.
func EndDescendants() {}

// EndOwnGroup ends this process and all of its process group, where it leads one.
func EndOwnGroup() {
	if syscall.Getpgrp() == syscall.Getpid() {
		_ = syscall.Kill(0, syscall.SIGKILL)
	}
}

func (p *Process) kill() { _ = syscall.Kill(-p.command.Process.Pid, syscall.SIGKILL) }

// Memory is not known here.
func (p *Process) Memory() int64 { return 0 }
