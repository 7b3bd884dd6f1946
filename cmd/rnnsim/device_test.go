package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/internal/needs"
)

// piped runs rnnsim with a standard input and gives what it prints and how it ends.
func piped(t *testing.T, input []byte, args ...string) (out string, exit int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	exit = run(t.Context(), append([]string{"rnnsim"}, args...), bytes.NewReader(input), &stdout, &stderr)
	return stdout.String() + stderr.String(), exit
}

func TestADeviceInPythonIsVerified(t *testing.T) {
	python := needs.Program(t, "python3", "apt-get install python3")
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

	// A device may answer its sequences in any order.
	var late, soon [][]byte
	for _, line := range bytes.SplitAfter(answers, []byte("\n")) {
		if bytes.HasPrefix(line, []byte("y 0 2 ")) || bytes.HasPrefix(line, []byte("end")) {
			late = append(late, line)
		} else {
			soon = append(soon, line)
		}
	}
	out, exit = piped(t, bytes.Join(append(soon, late...), nil), "verify", "-", model)
	require.Zero(t, exit, out)

	// A trace with its sequences in another order is the same run, on either side of the answers, piped or in a file.
	work := t.TempDir()
	inFile, trace, other := filepath.Join(work, "answers"), filepath.Join(work, "trace"), filepath.Join(work, "other")
	require.NoError(t, os.WriteFile(inFile, answers, 0o644))
	out, exit = piped(t, answers, "dump", "--to", "arrow", "-o", trace, "-")
	require.Zero(t, exit, out)
	require.NoError(t, shuffleTrace(trace, dump.NewArrowSink(other, dump.ArrowOptions{})))
	for _, sides := range [][2]string{{"-", other}, {other, "-"}, {inFile, other}, {other, inFile}, {inFile, "-"}} {
		out, exit = piped(t, answers, "compare", sides[0], sides[1])
		require.Zero(t, exit, out)
		require.Contains(t, out, "1 cell, 11 sequences, 132 steps, 24 nodes, 98,208 values\n        all equal\n")
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
	for _, sides := range [][2]string{{"-", other}, {other, "-"}} {
		out, exit = piped(t, bytes.Join(lines, nil), "compare", "--result", filepath.Join(work, "result.json"), sides[0], sides[1])
		require.Equal(t, exitDiffers, exit, out)
		require.Contains(t, out, "layer[0].fwd.seq[7].step[3].h_next[31]")
	}

	// A step that the device left out is no pass, and neither is a device that stopped.
	out, exit = piped(t, bytes.Join(append(lines[:at:at], lines[at+1:]...), nil), "verify", "-", model)
	require.Equal(t, exitDiffers, exit, out)
	out, exit = piped(t, answers[:len(answers)/2], "verify", "-", model)
	require.Equal(t, exitFailed, exit, out)

	out, exit = piped(t, answers, "verify", "-", filepath.Join(shipped, "digits-gru16", "xmodel"))
	require.Equal(t, exitFailed, exit)
	require.Contains(t, out, "were generated for a model with digest 9351124f76442c9a")
}
