package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/needs"
	"rnnsim/suite"
)

// The suites that ship pass: the devices of rtl/ and python/, and the cases of vectors/.
func TestShippedSuitesPass(t *testing.T) {
	if testing.Short() {
		t.Skip("builds RTL simulations")
	}
	for _, program := range []string{"verilator", "iverilog", "g++", "make", "python3"} {
		needs.Program(t, program, "apt-get install "+program)
	}
	for path, cases := range map[string]int{"devices.yaml": 7, "vectors": 45} {
		command := exec.Command("rnnsim", "regress", "--json", "--results", filepath.Join(t.TempDir(), "results"), path)
		command.Dir = filepath.Join("..", "..")
		out, err := command.Output()
		require.NoError(t, err, "%s", out)
		var summary suite.Summary
		require.NoError(t, json.Unmarshal(out, &summary))
		require.Equal(t, cases, summary.Counts.Passed, "%s", out)
		require.Len(t, summary.Cases, cases)
		for i := range summary.Cases {
			require.Positive(t, summary.Cases[i].Values, summary.Cases[i].Name)
		}
	}
}
