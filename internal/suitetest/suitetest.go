// Package suitetest has what the tests of package suite and those of its commands look at: results folders, processes, delays, the pages' YAML.
package suitetest

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ResultFiles gives the files of a results folder that do not depend on the machine, by name.
func ResultFiles(t testing.TB, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, pattern := range []string{"plan.json", "summary.json", "cases/*"} {
		matches, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		for _, match := range matches {
			text, err := os.ReadFile(match)
			require.NoError(t, err)
			name, err := filepath.Rel(dir, match)
			require.NoError(t, err)
			found[name] = string(text)
		}
	}
	require.Greater(t, len(found), 2)
	return found
}

// RequireSameResults holds two results folders together, byte for byte.
func RequireSameResults(t testing.TB, want, got string) {
	t.Helper()
	a, b := ResultFiles(t, want), ResultFiles(t, got)
	require.Len(t, b, len(a))
	for name, text := range a {
		require.True(t, text == b[name], "%s differs:\n%.2000s\n%.2000s", name, text, b[name])
	}
}

// RequireNoProcessIn wants no process to be left whose working folder is dir.
func RequireNoProcessIn(t testing.TB, dir string) {
	t.Helper()
	require.Eventually(t, func() bool {
		folders, err := filepath.Glob("/proc/[0-9]*/cwd")
		require.NoError(t, err)
		for _, link := range folders {
			if at, err := os.Readlink(link); err == nil && at == dir {
				return false
			}
		}
		return true
	}, 10*time.Second, 50*time.Millisecond, "a process is left behind")
}

// RequireOnceWithin wants one of some tries to take less than a bound: a machine that is busy can delay any of them.
func RequireOnceWithin(t testing.TB, bound time.Duration, try func() time.Duration) {
	t.Helper()
	var all []time.Duration
	for range 8 {
		took := try()
		if took < bound {
			return
		}
		all = append(all, took)
	}
	require.Fail(t, "too slow", "each try took longer than %v: %v", bound, all)
}

var yamlBlock = regexp.MustCompile("(?ms)^```ya?ml\n(.*?)^```$")

// YAMLBlocks gives the YAML blocks of a page in Markdown.
func YAMLBlocks(t testing.TB, page string) []string {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	var blocks []string
	for _, match := range yamlBlock.FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, match[1])
	}
	return blocks
}
