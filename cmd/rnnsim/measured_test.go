package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/needs"
)

// spent is what a process cost.
type spent struct {
	Code   int           // exit code; -1 of a signal
	CPU    time.Duration // user and system
	Memory int64         // bytes that were resident, at most, at one time
}

// measured runs the command that its arguments behind the first name, and writes what it cost into the file that the first
// names. It is a process between the test and the command because of what Linux calls a child's peak: until exec a child has its
// parent's memory, and exec counts that in. The parent is then this process, which is small, and not the test.
func measured() {
	command := exec.Command(os.Args[2], os.Args[3:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, "measured:", err)
		os.Exit(1)
	}
	state := command.ProcessState
	cost, err := json.Marshal(spent{
		Code:   state.ExitCode(),
		CPU:    state.UserTime() + state.SystemTime(),
		Memory: state.SysUsage().(*syscall.Rusage).Maxrss << 10, // KiB on Linux
	})
	if err == nil {
		err = os.WriteFile(os.Args[1], cost, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "measured:", err)
		os.Exit(1)
	}
}

// spend runs rnnsim as a process of its own in a folder, and gives what it cost and what it printed, on either stream.
func spend(t *testing.T, work string, args ...string) (cost spent, output string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "spent.json")
	command := exec.Command("measured", append([]string{file, "rnnsim"}, args...)...)
	command.Dir = work
	printed, err := command.CombinedOutput()
	require.NoError(t, err, "%s", printed)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &cost))
	return cost, string(printed)
}

// requireLinuxPeak skips a test of memory where the peak's unit is another.
func requireLinuxPeak(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		needs.Lacking(t, "Linux, of which the unit of a process's peak memory is known")
	}
}

// The test's own memory is not taken for the command's.
func TestMemoryOfTheTestIsNotCounted(t *testing.T) {
	requireLinuxPeak(t)
	ballast := make([]byte, 256<<20)
	for i := 0; i < len(ballast); i += 4096 {
		ballast[i] = 1
	}
	cost, _ := spend(t, ".", "--version")
	require.Zero(t, cost.Code)
	require.Less(t, cost.Memory, int64(len(ballast)/2))
	require.NotZero(t, ballast[0])
}
