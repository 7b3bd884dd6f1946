package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/npy"
	"rnnsim/internal/suitetest"
)

// longStimulus writes sequences that keep a command busy for some seconds.
func longStimulus(t *testing.T, path string, sequences, steps, features int) {
	t.Helper()
	values := make([]float32, sequences*steps*features)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range values {
		values[i] = random.Float32()
	}
	array, err := npy.New(values, sequences, steps, features)
	require.NoError(t, err)
	require.NoError(t, npy.WriteFile(path, array))
}

// interruptible are commands that take long, each writing into the folder "to" or not at all.
func interruptible(t *testing.T, work string) map[string][]string {
	const model = "vectors/digits-lstm16/model.pth"
	const graphs = "vectors/digits-lstm16/xmodel"
	longStimulus(t, filepath.Join(work, "x.npy"), 400, 500, 8)
	longStimulus(t, filepath.Join(work, "one.npy"), 1, 60000, 8)
	output, err := commandIn(work, "run", "--input", "one.npy", "-o", "trace", graphs).CombinedOutput()
	require.NoError(t, err, "%s", output)
	return map[string][]string{
		"quantize":           {"quantize", "--calib", "x.npy", "-o", "to/q", model},
		"run":                {"run", "--input", "x.npy", "-o", "to/trace", "--h-out", "to/h.npy", graphs},
		"run to npz":         {"run", "--input", "x.npy", "-o", "to/trace.npz", "--format", "npz", graphs},
		"run to deploycheck": {"run", "--input", "one.npy", "-o", "to/dump", "--format", "deploy_check", graphs},
		"verify":             {"verify", "--input", "x.npy", "--float", model, graphs},
		"dump":               {"dump", "--to", "npz", "-o", "to/trace.npz", "trace"},
		"dump to files":      {"dump", "--to", "deploy_check", "-o", "to/dump", "trace"},
		"inspect":            {"inspect", "trace"},
	}
}

func commandIn(work string, args ...string) *exec.Cmd {
	command := exec.Command("rnnsim", args...)
	command.Dir = work
	return command
}

// signalled starts a command, sends it a signal after a while, and gives how it ended and how long that took.
func signalled(t *testing.T, work string, args []string, signal os.Signal, delay time.Duration) (*os.ProcessState, time.Duration, string) {
	command := commandIn(work, args...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	require.NoError(t, command.Start())
	time.Sleep(delay)
	sent := time.Now()
	_ = command.Process.Signal(signal) // it may have ended by itself
	_ = command.Wait()                 // how it ended is in the state
	return command.ProcessState, time.Since(sent), stderr.String()
}

// A cancelled command ends soon, with its own exit code, and leaves nothing, neither under the final name nor a temporary one.
func TestInterruptedCommandsLeaveNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for commands to get under way")
	}
	work := t.TempDir()
	require.NoError(t, linkVectors(work))
	cancelled := 0
	for name, args := range interruptible(t, work) {
		for _, delay := range []time.Duration{10 * time.Millisecond, 100 * time.Millisecond, 400 * time.Millisecond} {
			suitetest.RequireOnceWithin(t, time.Second, func() time.Duration {
				to := filepath.Join(work, "to")
				require.NoError(t, os.Mkdir(to, 0o755))
				state, took, stderr := signalled(t, work, args, os.Interrupt, delay)
				status := state.Sys().(syscall.WaitStatus)
				switch {
				case status.Signaled(): // before the program had begun
					assert.LessOrEqual(t, delay, 100*time.Millisecond, name)
					assert.Empty(t, entries(t, to), "%s after %v", name, delay)
				case state.ExitCode() == exitSame:
					t.Logf("%s had ended within %v", name, delay)
				default:
					cancelled++
					assert.Equal(t, exitCancelled, state.ExitCode(), "%s after %v: %s", name, delay, stderr)
					assert.Equal(t, "rnnsim: cancelled\n", stderr, name)
					assert.Empty(t, entries(t, to), "%s after %v", name, delay)
				}
				require.NoError(t, os.RemoveAll(to))
				return took
			})
		}
	}
	require.Greater(t, cancelled, 8, "the commands ended before they could be cancelled: give them longer work")
}

// A killed command can clean nothing up, but what has a final name is whole: here nothing is.
func TestKilledCommandsLeaveNothingUnderTheFinalName(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for commands to get under way")
	}
	work := t.TempDir()
	require.NoError(t, linkVectors(work))
	for name, args := range interruptible(t, work) {
		to := filepath.Join(work, "to")
		require.NoError(t, os.Mkdir(to, 0o755))
		state, _, _ := signalled(t, work, args, os.Kill, 150*time.Millisecond)
		if state.ExitCode() != exitSame {
			for _, entry := range entries(t, to) {
				assert.Equal(t, ".", entry[:1], "%s left %s", name, entry)
			}
		}
		require.NoError(t, os.RemoveAll(to))
	}
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	found, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, entry := range found {
		names = append(names, entry.Name())
	}
	return names
}
