package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// piped runs rnnsim with a standard input and gives what it prints and how it ends.
func piped(t *testing.T, input []byte, args ...string) (out string, exit int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	exit = run(t.Context(), append([]string{"rnnsim"}, args...), bytes.NewReader(input), &stdout, &stderr)
	return stdout.String() + stderr.String(), exit
}

func TestADeviceInPythonIsVerified(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("CI has no python3 (apt-get install python3)")
		}
		t.Skip("needs python3 (apt-get install python3)")
	}
	shipped, err := shippedVectors()
	require.NoError(t, err)
	model := filepath.Join(shipped, "digits-lstm16", "xmodel")
	folder := filepath.Join(t.TempDir(), "exported")
	out, exit := piped(t, nil, "export-rtl", "-o", folder, model)
	require.Zero(t, exit, out)
	stimuli, exit := piped(t, nil, "gen", "--sequences", "11", "--steps", "12", "--seed", "5", model)
	require.Zero(t, exit)

	device := exec.Command(python, filepath.Join("..", "..", "python", "device.py"), folder)
	device.Stdin, device.Stderr = strings.NewReader(stimuli), os.Stderr
	answers, err := device.Output()
	require.NoError(t, err)
	for _, args := range [][]string{{"verify", "-", model}, {"verify", model, "-"}} {
		out, exit = piped(t, answers, args...)
		require.Zero(t, exit, out)
		require.Contains(t, out, "PASS    device against the simulator\n        standard input\n        1 cell, 11 sequences, 132 steps, 24 nodes, 98,208 values\n        all equal\n")
	}

	// One bit of one value of the device.
	lines := bytes.SplitAfter(answers, []byte("\n"))
	at := -1
	for i, line := range lines {
		if bytes.HasPrefix(line, []byte("y 0 7 3 ")) {
			at = i
		}
	}
	line := lines[at]
	lines[at] = append(append(bytes.Clone(line[:len(line)-2]), line[len(line)-2]^1), '\n')
	out, exit = piped(t, bytes.Join(lines, nil), "verify", "-", model)
	require.Equal(t, exitDiffers, exit, out)
	require.Contains(t, out, "seq[7].step[3].h_next[31]")
	require.Contains(t, out, "FAIL    device against the simulator")

	// A step that the device left out is no pass, and neither is a device that stopped.
	out, exit = piped(t, bytes.Join(append(lines[:at:at], lines[at+1:]...), nil), "verify", "-", model)
	require.Equal(t, exitDiffers, exit, out)
	out, exit = piped(t, answers[:len(answers)/2], "verify", "-", model)
	require.Equal(t, exitFailed, exit, out)

	out, exit = piped(t, answers, "verify", "-", filepath.Join(shipped, "digits-gru16", "xmodel"))
	require.Equal(t, exitFailed, exit)
	require.Contains(t, out, "were generated for a model with digest 9351124f76442c9a")
}
