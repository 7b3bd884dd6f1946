package contain

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// stat is a process as /proc tells it.
type stat struct {
	pid, parent, group int
	// started is when it began, in ticks since the machine did. With the number it tells a process from all others.
	started uint64
}

// table is the processes of the machine. It is no picture of one moment: what begins while it is read may be missing.
type table struct {
	all      []stat
	children map[int][]stat
}

func readTable() *table {
	t := &table{children: map[int][]stat{}}
	proc, err := os.Open("/proc")
	if err != nil {
		return t
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1) // what could be read
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if s, err := readStat(pid); err == nil {
			t.all = append(t.all, s)
			t.children[s.parent] = append(t.children[s.parent], s)
		}
	}
	return t
}

// descendants gives the processes that descend from one.
func (t *table) descendants(pid int) []stat {
	var found []stat
	seen := map[int]bool{pid: true} // numbers that change hands while the table is read could make a circle
	for next := []int{pid}; len(next) > 0; {
		parent := next[0]
		next = next[1:]
		for _, s := range t.children[parent] {
			if !seen[s.pid] {
				seen[s.pid] = true
				found = append(found, s)
				next = append(next, s.pid)
			}
		}
	}
	return found
}

func (s *stat) file(name string) string { return fmt.Sprintf("/proc/%d/%s", s.pid, name) }

func readStat(pid int) (stat, error) {
	s := stat{pid: pid}
	text, err := os.ReadFile(s.file("stat"))
	if err != nil {
		return s, err
	}
	return parseStat(pid, text)
}

// parseStat reads a line of /proc/PID/stat.
func parseStat(pid int, text []byte) (stat, error) {
	s := stat{pid: pid}
	// The name in brackets may hold anything. Behind it are the state, the parent and the group; the start is the 22nd of all.
	const parent, group, started = 1, 2, 19
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) <= started {
		return s, fmt.Errorf("read %s: it has %d fields behind the name", s.file("stat"), len(fields))
	}
	var err1, err2, err3 error
	s.parent, err1 = strconv.Atoi(string(fields[parent]))
	s.group, err2 = strconv.Atoi(string(fields[group]))
	s.started, err3 = strconv.ParseUint(string(fields[started]), 10, 64)
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return s, fmt.Errorf("read %s: %w", s.file("stat"), err)
		}
	}
	return s, nil
}

// hasInEnvironment says whether the process was started with a variable, given with its sign of equality. That of other users
// cannot be read.
func (s *stat) hasInEnvironment(variable string) bool {
	text, err := os.ReadFile(s.file("environ"))
	return err == nil && bytes.Contains(text, []byte(variable))
}

// memory gives the memory in bytes that the process does not share with files or others.
func (s *stat) memory() int64 {
	text, err := os.ReadFile(s.file("statm"))
	if err != nil {
		return 0 // it has ended
	}
	// The whole, what is resident, what of it is shared, in pages.
	var size, resident, shared int64
	if _, err := fmt.Sscan(string(text), &size, &resident, &shared); err != nil {
		return 0
	}
	return (resident - shared) * int64(os.Getpagesize())
}

// kill ends the process and no other that has its number by now: FindProcess holds on to whatever has the number (by a pidfd, where
// the kernel has them), and that must have begun when this one did.
func (s *stat) kill() {
	handle, err := os.FindProcess(s.pid)
	if err != nil {
		return
	}
	defer handle.Release()
	if now, err := readStat(s.pid); err == nil && now.started == s.started {
		_ = handle.Signal(syscall.SIGKILL) // it may be gone
	}
}
