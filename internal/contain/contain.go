// Package contain ends a process with all that it has started, and adds up the memory of all of them. What leaves the process group,
// as a daemon does, is found on Linux: among the descendants of the process while it lives, since it adopts those whose parent has ended
// (AdoptOrphans), and afterwards by a mark in the environment. A process that outlives the one that adopts it, has left its group
// and has cleared its environment is not found; nor is one that another service starts on request, or that runs as another user. This
// is against accidents. Elsewhere than on Linux the process group is all that can be ended.
package contain

import (
	"crypto/rand"
	"os"
	"os/exec"
	"sync"
)

// Process is a process that ends with all that it has started.
type Process struct {
	command *exec.Cmd
	mark    string // a name in the environment that no other process has
	family  bool   // it may start others

	mu     sync.Mutex
	reaped bool // its number may belong to another process by now
}

// New makes the process of a command, which exec.CommandContext has made and whose environment is set, the head of a process group. The
// end of the command's context is that of all. family says that it may start other processes; without that, nobody looks for them.
// Start and Wait stand for those of the command.
func New(command *exec.Cmd, family bool) *Process {
	p := &Process{command: command, mark: "RNNSIM_CONTAINED_" + rand.Text() + "=", family: family}
	command.Env = append(command.Environ(), p.mark)
	leadGroup(command)
	command.Cancel = p.Kill
	return p
}

// Start starts the process.
func (p *Process) Start() error { return p.command.Start() }

// Wait waits for the end of the process, ends what it has left behind, and gives how it ended.
func (p *Process) Wait() error {
	if !keepsNumber {
		err := p.command.Wait()
		p.kill() // mostly there is nothing left
		return err
	}
	awaitEnd(p.command.Process.Pid)
	_ = p.Kill()
	p.mu.Lock()
	p.reaped = true
	p.mu.Unlock()
	return p.command.Wait()
}

// Kill ends the process, where it still runs, and all that it has started.
func (p *Process) Kill() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped {
		return os.ErrProcessDone
	}
	p.kill()
	return nil
}
