package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func shippedVectors() (string, error) { return filepath.Abs(filepath.Join("..", "..", "vectors")) }

// tourStep is a piece of a page: text that stays as it is, or a command of a console block with the output shown for it.
type tourStep struct {
	text    string
	command string
	output  string
}

// parseTour cuts a page into its text and the commands of its console blocks.
func parseTour(page string) []tourStep {
	var steps []tourStep
	inConsole := false
	for line := range strings.Lines(page) {
		switch {
		case strings.HasPrefix(line, "```"):
			inConsole = strings.HasPrefix(line, "```console")
			steps = append(steps, tourStep{text: line})
		case inConsole && strings.HasPrefix(line, "$ "):
			steps = append(steps, tourStep{text: line, command: strings.TrimPrefix(line, "$ ")})
		case inConsole:
			steps[len(steps)-1].output += line
		default:
			steps = append(steps, tourStep{text: line})
		}
	}
	return steps
}

// TestReadmeTour runs every command of README.md's console blocks, in order, in one folder, and holds the output to what the
// page shows.
func TestReadmeTour(t *testing.T) {
	if testing.Short() {
		t.Skip("the tour runs whole commands, the scripts their parts")
	}
	runTour(t, filepath.Join("..", "..", "README.md"), 10)
}

func runTour(t *testing.T, path string, atLeast int) {
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	work := t.TempDir()
	require.NoError(t, linkVectors(work))
	var shown strings.Builder
	commands := 0
	for _, step := range parseTour(string(page)) {
		shown.WriteString(step.text)
		if step.command == "" {
			shown.WriteString(step.output)
			continue
		}
		commands++
		command := exec.Command("bash", "-c", step.command)
		command.Dir = work
		output, err := command.CombinedOutput()
		require.NoError(t, err, "%s%s", step.text, output)
		shown.Write(output)
		if !*update {
			assert.Equal(t, step.output, string(output), "%sto rewrite the page: go test ./cmd/rnnsim -run TestReadmeTour -update", step.text)
		}
	}
	require.GreaterOrEqual(t, commands, atLeast, "the tour has fewer commands than it should")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(shown.String()), 0o644))
	}
}
