package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/shared"
)

// verifyAll runs verify on every case of a folder and wants PASS of it.
func verifyAll(t *testing.T, root string, atLeast int) {
	files, err := filepath.Glob(filepath.Join(root, "*", "case.json"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), atLeast)
	for _, file := range files {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			output, err := commandIn(".", "verify", dir).CombinedOutput()
			require.NoError(t, err, "%s", output)
			lines := strings.Split(strings.TrimSpace(string(output)), "\n")
			assert.Regexp(t, `^PASS: \d+ checks, [0-9,]+ values compared$`, lines[len(lines)-1])
			for _, line := range []string{"FAIL", "NOTHING"} {
				assert.NotContains(t, string(output), "\n"+line)
			}
		})
	}
}

func TestEveryShippedCaseIsVerified(t *testing.T) {
	if testing.Short() {
		t.Skip("the package verify runs the cases in its short tests")
	}
	vectors, err := shippedVectors()
	require.NoError(t, err)
	verifyAll(t, vectors, 5)
}

func TestEverySharedCaseIsVerified(t *testing.T) {
	if testing.Short() {
		t.Skip("the package verify runs the cases in its short tests")
	}
	verifyAll(t, shared.Path(t, "vectors"), 18)
}

// The folders that the vendor's tool left are models like ours, with the dump beside them: the positions agree with the graphs,
// and the dump is met with that tool's faults.
func TestTheVendorsFoldersAreVerified(t *testing.T) {
	if testing.Short() {
		t.Skip("the package verify runs the cases in its short tests")
	}
	files, err := filepath.Glob(filepath.Join(shared.Path(t, "vectors"), "*", "case.json"))
	require.NoError(t, err)
	for _, file := range files {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			folder := t.TempDir()
			for _, name := range []string{"xmodel", "quant_info.json", "deploy_check_data_int"} {
				require.NoError(t, os.Symlink(filepath.Join(dir, name), filepath.Join(folder, name)))
			}
			input := filepath.Join(dir, "x_test.npy")
			if _, err := os.Stat(input); err != nil {
				input = filepath.Join(dir, "x.npy")
			}
			output, err := commandIn(".", "verify", "--compat", "vai2.0", "--input", input, "--sequence", "0", folder).CombinedOutput()
			require.NoError(t, err, "%s", output)
			assert.Contains(t, string(output), filepath.Join(folder, "deploy_check_data_int"))
			assert.Contains(t, string(output), "PASS: 2 checks")
		})
	}
}
