// Package needs says what becomes of a test that needs something which the machine lacks: it is skipped, with the remedy. In CI
// (CI=true) it fails, since nothing would be tested.
package needs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Lacking ends a test for want of something.
func Lacking(t testing.TB, format string, args ...any) {
	t.Helper()
	message := "needs " + fmt.Sprintf(format, args...)
	if os.Getenv("CI") == "true" {
		t.Fatal(message)
	}
	t.Skip(message)
}

// Program gives the path of a program. The remedy is how it is installed.
func Program(t testing.TB, program, remedy string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		Lacking(t, "%s: %s", program, remedy)
	}
	return path
}

// Readers wants modules to be installed in the folder of readers that are not ours.
func Readers(t testing.TB, folder string, modules ...string) {
	t.Helper()
	for _, module := range modules {
		if _, err := os.Stat(filepath.Join(folder, "node_modules", filepath.FromSlash(module))); err != nil {
			Lacking(t, "%s: npm install --prefix dump/testdata/readers --no-save --ignore-scripts", module)
		}
	}
}
