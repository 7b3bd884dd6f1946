//go:build unix

package suite

import (
	"fmt"
	"os/exec"
	"runtime/debug"
	"syscall"
)

// ownGroup puts the process at the head of a process group, and makes the end of its context that of the whole group.
func ownGroup(process *exec.Cmd) bool {
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	process.Cancel = func() error { return syscall.Kill(-process.Process.Pid, syscall.SIGKILL) }
	return true
}

// killGroup ends what a process that has ended left behind.
func killGroup(process *exec.Cmd) {
	_ = syscall.Kill(-process.Process.Pid, syscall.SIGKILL) // mostly there is nothing left
}

// endOwnGroup ends this process and all that it has started, where it leads a process group of its own.
func endOwnGroup() {
	if syscall.Getpgrp() == syscall.Getpid() {
		_ = syscall.Kill(0, syscall.SIGKILL)
	}
}

// limitMemory makes this process, and those that it starts, fail where they want more than so many bytes of data.
func limitMemory(limit int64) error {
	if limit <= 0 {
		return nil
	}
	// The collector works harder before the limit is reached. The address space itself is no measure: Go reserves far more of it
	// than it uses.
	debug.SetMemoryLimit(limit - limit/8)
	rlimit := syscall.Rlimit{Cur: uint64(limit), Max: uint64(limit)}
	if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &rlimit); err != nil {
		return fmt.Errorf("limit the memory to %d bytes: %w", limit, err)
	}
	return nil
}
