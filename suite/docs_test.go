package suite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/suitetest"
)

// Every piece of YAML in the pages is of a kind that a test reads: suites and their entries here, what is for other programs where it
// is run, in cmd/rnnsim.
func TestYAMLInThePagesIsRead(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"*.md", "*/*.md"} {
		found, err := filepath.Glob(filepath.Join("..", pattern))
		require.NoError(t, err)
		pages = append(pages, found...)
	}
	suites := 0
	for _, page := range pages {
		for _, block := range suitetest.YAMLBlocks(t, page) {
			folder := ".."
			switch {
			case strings.HasPrefix(block, "suite: "):
				folder = filepath.Join("..", "vectors")
			case strings.HasPrefix(block, "  - models: "):
				block = "suite: 1\ncases:\n" + block
			case strings.Contains(block, "kind: Job"), strings.Contains(block, "runs-on:"), strings.Contains(block, "parallel: 4"):
				continue
			default:
				t.Errorf("%s has YAML of a kind that no test reads:\n%s", page, block)
				continue
			}
			root, err := os.OpenRoot(folder)
			require.NoError(t, err)
			read, err := parse([]byte(block), root)
			require.NoError(t, err, "%s:\n%s", page, block)
			require.NotEmpty(t, read.Cases)
			require.NoError(t, root.Close())
			suites++
		}
	}
	require.GreaterOrEqual(t, suites, 2)
}

// The suites that ship are read, with all their cases.
func TestShippedSuitesAreRead(t *testing.T) {
	for path, cases := range map[string]int{"vectors/suite.yaml": 45, "devices.yaml": 7} {
		s, err := Load(filepath.Join("..", filepath.FromSlash(path)))
		require.NoError(t, err)
		require.Len(t, s.Cases, cases, path)
	}
}
