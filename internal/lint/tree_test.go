package lint

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/needs"
)

const maxLines = 400

// trackedFiles lists the files under version control with one of the given endings, as paths from the module's root.
func trackedFiles(t *testing.T, endings ...string) (root string, files []string) {
	t.Helper()
	top, err := exec.Command("git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		needs.Lacking(t, "a git checkout: the rule is about files under version control")
	}
	root = strings.TrimSpace(string(top))
	list := exec.Command("git", "ls-files", "-z")
	list.Dir = root
	out, err := list.Output()
	require.NoError(t, err, "git ls-files")
	for name := range strings.SplitSeq(string(out), "\x00") {
		for _, ending := range endings {
			if strings.HasSuffix(name, ending) {
				files = append(files, name)
			}
		}
	}
	require.NotEmpty(t, files)
	return root, files
}

func TestFilesStaySmall(t *testing.T) {
	root, files := trackedFiles(t, ".go", ".s", ".sv", ".py")
	for _, name := range files {
		if strings.HasSuffix(name, ".pb.go") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // removed in the working tree, not yet in the index
		}
		require.NoError(t, err)
		require.LessOrEqual(t, bytes.Count(content, []byte("\n")), maxLines, "%s is over %d lines: split it", name, maxLines)
	}
}

func TestNothingIsLeftUndoneInTheTree(t *testing.T) {
	root, files := trackedFiles(t, ".go", ".s", ".sv", ".py", ".md", ".sh")
	// Put together here so that this file does not hold the words that it looks for.
	marker := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`)
	for _, name := range files {
		content, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(t, err)
		if found := marker.Find(content); found != nil {
			t.Errorf("%s holds %s: do it, or file it", name, found)
		}
	}
}
