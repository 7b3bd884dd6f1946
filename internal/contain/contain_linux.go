package contain

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// keepsNumber says that awaitEnd leaves the number of the process its own, so that nothing else can be hit by it.
const keepsNumber = true

// patience is how long processes are looked for that start others faster than they are ended.
const patience = 2 * time.Second

func leadGroup(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// awaitEnd waits for a process to end and leaves it to be waited for.
func awaitEnd(pid int) {
	for errors.Is(unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil), unix.EINTR) {
	}
}

// AdoptOrphans makes this process the parent of its descendants whose own parent has ended, so that they stay its descendants.
func AdoptOrphans() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("keep the processes together that a device starts: %w", err)
	}
	return nil
}

// EndDescendants ends all that this process has started.
func EndDescendants() { endAll(func(t *table) []stat { return t.descendants(os.Getpid()) }) }

// EndOwnGroup ends this process and all that it has started, where it leads a process group.
func EndOwnGroup() {
	if syscall.Getpgrp() == syscall.Getpid() {
		EndDescendants()
		_ = syscall.Kill(0, syscall.SIGKILL)
	}
}

func (p *Process) kill() {
	leader := p.command.Process.Pid
	if p.family {
		// Stopped, it adopts what its descendants leave, and takes the end of none of them for a finding.
		_ = syscall.Kill(leader, syscall.SIGSTOP)
		endAll(p.members)
	}
	_ = syscall.Kill(-leader, syscall.SIGKILL)
}

// members are the processes that belong to p, but for itself.
func (p *Process) members(t *table) []stat {
	leader := p.command.Process.Pid
	found := t.descendants(leader)
	begun := uint64(0) // what is older is not asked for its environment, which could keep one waiting
	if s, err := readStat(leader); err == nil {
		begun = s.started
	}
	for _, s := range t.all {
		if s.pid != leader && s.started >= begun && (s.group == leader || s.hasInEnvironment(p.mark)) {
			found = append(found, s)
		}
	}
	return found
}

// Memory adds up the memory in bytes that the process and all that it has started do not share with files or others.
func (p *Process) Memory() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped {
		return 0
	}
	t := readTable()
	leader, total, counted := p.command.Process.Pid, int64(0), map[int]bool{}
	for _, s := range t.descendants(leader) {
		counted[s.pid] = true
		total += s.memory()
	}
	for _, s := range t.all {
		if s.group == leader && !counted[s.pid] {
			total += s.memory()
		}
	}
	return total
}

// endAll ends the processes that find gives, until two looks in a row give none that was not ended before. A process that is sent
// the signal starts no more others.
func endAll(find func(*table) []stat) {
	type identity struct {
		pid     int
		started uint64
	}
	ended := map[identity]bool{}
	begun := time.Now()
	for quiet := 0; quiet < 2 && time.Since(begun) < patience; quiet++ {
		for _, s := range find(readTable()) {
			if id := (identity{s.pid, s.started}); !ended[id] {
				ended[id], quiet = true, 0
				s.kill()
			}
		}
	}
}
