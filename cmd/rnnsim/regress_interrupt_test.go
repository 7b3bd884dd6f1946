package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/suitetest"
)

// interruptedSuite has cases that are done soon, and some that are under way for long: a simulation with its float reference, a
// calibration, and devices, one of which has started a daemon.
const interruptedSuite = `
suite: 1
name: to be interrupted
memory_limit: 8GiB
cases:
  - {models: [vectors/digits-gru8/xmodel], seeds: [1, 2]}
  - {models: [vectors/digits-lstm8/xmodel], stimuli: [long.npy], float: vectors/digits-lstm8/model.npz}
  - {case: calibrated}
  - models: [vectors/digits-gru8/xmodel]
    device: {name: hangs, command: [sh, -c, "(setsid sleep 600 &); touch begun; sleep 600"]}
  - models: [vectors/digits-gru8/xmodel]
    stimuli: [long.npy]
    device: {name: reads, command: [sh, -c, "cat >/dev/null; sleep 600"]}
`

// interruptedFolder is a folder with that suite and its files.
func interruptedFolder(t *testing.T) string {
	t.Helper()
	work := suiteFolder(t, interruptedSuite)
	longStimulus(t, filepath.Join(work, "long.npy"), 400, 1000, 8)
	require.NoError(t, os.CopyFS(filepath.Join(work, "calibrated"), os.DirFS(filepath.Join("..", "..", "vectors", "digits-gru8"))))
	longStimulus(t, filepath.Join(work, "calibrated", "x_calib.npy"), 400, 1000, 8)
	return work
}

func TestAnInterruptedRegressEndsWithinASecond(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for cases to get under way")
	}
	work := interruptedFolder(t)
	begun := filepath.Join(work, "begun")
	suitetest.RequireOnceWithin(t, time.Second, func() time.Duration {
		results := t.TempDir()
		command := commandIn(work, "regress", "--jobs", "6", "--results", results, "suite.yaml")
		var stderr bytes.Buffer
		command.Stderr = &stderr
		require.NoError(t, command.Start())
		require.Eventually(t, func() bool {
			_, err := os.Stat(begun)
			done, _ := filepath.Glob(filepath.Join(results, "cases", "*.json"))
			return err == nil && len(done) == 2
		}, time.Minute, 10*time.Millisecond, "the cases do not get under way")
		time.Sleep(300 * time.Millisecond) // into the middle of the long ones
		sent := time.Now()
		require.NoError(t, command.Process.Signal(os.Interrupt))
		_ = command.Wait() // how it ended is in the state
		took := time.Since(sent)
		t.Logf("ended within %v", took)
		require.Equal(t, exitCancelled, command.ProcessState.ExitCode(), stderr.String())
		require.Contains(t, stderr.String(), "rnnsim: 2 of 6 cases are done and kept in ")
		done, err := filepath.Glob(filepath.Join(results, "cases", "*.json"))
		require.NoError(t, err)
		assert.Len(t, done, 2)
		suitetest.RequireNoProcessIn(t, work)
		require.NoError(t, os.Remove(begun))
		return took
	})
}
