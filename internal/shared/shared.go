// Package shared finds the reference data that lies outside the project: recorded runs, real models, broken files. A clone
// need not have it; the tests that want it skip with a message, and fail where CI=true, so that CI never passes by absence.
package shared

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"rnnsim/internal/needs"
)

// Path gives the path of an element of the reference data, for example Path(t, "vectors", "sat"). The folder is named by
// RNNSIM_SHARED and is ../shared beside the module otherwise.
func Path(t testing.TB, elements ...string) string {
	t.Helper()
	path := join(elements)
	if _, err := os.Stat(path); err != nil {
		needs.Lacking(t, "reference data that is not part of the project: %v (set RNNSIM_SHARED to its folder)", err)
	}
	return path
}

// Glob gives the files of the reference data that match a pattern, none where it is absent: for what is better with real files and
// good without, such as the seeds of a fuzz target.
func Glob(pattern ...string) []string {
	found, _ := filepath.Glob(join(pattern))
	return found
}

func join(elements []string) string {
	root := os.Getenv("RNNSIM_SHARED")
	if root == "" {
		_, here, _, _ := runtime.Caller(0)
		root = filepath.Join(filepath.Dir(here), "..", "..", "..", "shared")
	}
	return filepath.Join(append([]string{root}, elements...)...)
}
