package main

import (
	"archive/zip"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// hostileModel writes a small model whose graph has the given name.
func hostileModel(t *testing.T, dir, name string) string {
	t.Helper()
	spec := xmodel.CellSpec{Name: name, Kind: xmodel.GRU, Input: 1, Hidden: 1, Values: map[string][]float32{}, Formats: map[string]fixed.Format{}}
	for _, n := range xmodel.Nodes(xmodel.GRU) {
		spec.Formats[n.Label] = fixed.Format{Bits: 16, Position: 12}
		if n.Weight != "" {
			spec.Values[n.Weight], spec.Formats[n.Weight] = []float32{1}, fixed.Format{Bits: 16, Position: 12}
		}
	}
	g, err := xmodel.Build(spec)
	require.NoError(t, err)
	path := filepath.Join(dir, "hostile.xmodel")
	require.NoError(t, xmodel.WriteFile(path, g))
	return path
}

// tree lists everything below a folder.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	require.NoError(t, filepath.Walk(dir, func(path string, _ os.FileInfo, err error) error {
		found = append(found, path)
		return err
	}))
	return found
}

// Names in a model or a trace name files: those that lead elsewhere are refused before anything is written.
func TestNamesInFilesDoNotLeadOutOfTheOutput(t *testing.T) {
	for _, name := range []string{"../../evil", "/evil", "a/../../evil", "..", "a\x00b", `..\evil`} {
		outer := t.TempDir()
		work := filepath.Join(outer, "a", "b")
		require.NoError(t, os.MkdirAll(work, 0o755))
		model, x := hostileModel(t, work, name), filepath.Join(work, "x.npy")
		longStimulus(t, x, 1, 2, 1)
		before := tree(t, outer)
		for _, args := range [][]string{
			{"run", "--input", x, "-o", filepath.Join(work, "trace"), model},
			{"run", "--input", x, "--format", "deploy_check", "-o", filepath.Join(work, "dump"), model},
			{"run", "--input", x, "--format", "npz", "-o", filepath.Join(work, "t.npz"), model},
			{"export-rtl", "-o", filepath.Join(work, "rtl"), model},
		} {
			code, _, stderr := inProcess(t, args...)
			assert.Equal(t, exitFailed, code, "%q: %v: %s", name, args, stderr)
		}
		for _, path := range tree(t, outer) {
			if !strings.HasPrefix(path, work) {
				assert.Contains(t, before, path, "%q wrote outside its folder", name)
			}
		}
		assert.NoFileExists(t, "/evil")
	}
}

// An archive's entries are arrays by name; none of them is ever written anywhere.
func TestEntriesOfArchivesAreNotExtracted(t *testing.T) {
	outer := t.TempDir()
	work := filepath.Join(outer, "a", "b")
	require.NoError(t, os.MkdirAll(work, 0o755))
	for _, ending := range []string{".npz", ".pth", ".keras"} {
		path := filepath.Join(work, "model"+ending)
		file, err := os.Create(path)
		require.NoError(t, err)
		archive := zip.NewWriter(file)
		for _, name := range []string{"../../evil.npy", "/tmp/rnnsim-evil.npy", "a/../../../evil/data.pkl", "config.json"} {
			entry, err := archive.Create(name)
			require.NoError(t, err)
			_, err = entry.Write([]byte("\x93NUMPY\x01\x00"))
			require.NoError(t, err)
		}
		require.NoError(t, archive.Close())
		require.NoError(t, file.Close())
		before := tree(t, outer)
		for _, command := range [][]string{{"inspect", path}, {"quantize", "--calib", path, "-o", filepath.Join(work, "q"), path}} {
			code, _, _ := inProcess(t, command...)
			assert.NotEqual(t, exitSame, code, "%v", command)
		}
		assert.Equal(t, before, tree(t, outer), ending)
		assert.NoFileExists(t, "/tmp/rnnsim-evil.npy")
	}
}

// A suite reads nothing outside its folder: not by a path, not by a link, not by a glob through a link.
func TestASuiteDoesNotLeaveItsFolder(t *testing.T) {
	outer := t.TempDir()
	secret := hostileModel(t, outer, "Secret")
	work := filepath.Join(outer, "suite")
	require.NoError(t, os.MkdirAll(filepath.Join(work, "inside"), 0o755))
	require.NoError(t, os.Symlink(secret, filepath.Join(work, "link.xmodel")))
	require.NoError(t, os.Symlink(outer, filepath.Join(work, "folder")))
	require.NoError(t, os.Symlink("../../hostile.xmodel", filepath.Join(work, "inside", "up.xmodel")))
	for _, entry := range []string{
		"models: [../hostile.xmodel]", "models: [" + secret + "]", "models: [link.xmodel]", "models: ['*.xmodel']", "models: [folder/hostile.xmodel]",
		"models: ['folder/*']", "models: [inside/up.xmodel]", "models: ['inside/*']", "models: [inside/../../hostile.xmodel]", "case: ../suite", "case: folder",
	} {
		suite := "suite: 1\ncases:\n  - {" + entry + ", seeds: [1]}\n"
		if strings.HasPrefix(entry, "case") {
			suite = "suite: 1\ncases:\n  - {" + entry + "}\n"
		}
		path := filepath.Join(work, "suite.yaml")
		require.NoError(t, os.WriteFile(path, []byte(suite), 0o644))
		code, stdout, stderr := inProcess(t, "regress", "--list", path)
		if code != exitSame {
			assert.Equal(t, exitFailed, code, entry)
			assert.NotContains(t, stderr, "goroutine")
			continue
		}
		// What is listed must fail when it is to be read.
		command := commandIn(work, "regress", "--results", filepath.Join(outer, "results"), "suite.yaml")
		output, err := command.CombinedOutput()
		assert.Error(t, err, "%s was read: %s%s", entry, stdout, output)
		require.NoError(t, os.RemoveAll(filepath.Join(outer, "results")))
	}
}

// Names are data: no shell sees them.
func TestNoShellSeesNames(t *testing.T) {
	work := t.TempDir()
	folder := filepath.Join(work, "$(touch pwned); `touch pwned` & touch pwned")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	hostileModel(t, folder, "A")
	suite := "suite: 1\ncases:\n  - {models: ['$(touch pwned); `touch pwned` & touch pwned/hostile.xmodel'], seeds: [1]}\n"
	require.NoError(t, os.WriteFile(filepath.Join(work, "suite.yaml"), []byte(suite), 0o644))
	output, err := commandIn(work, "regress", "suite.yaml").CombinedOutput()
	require.NoError(t, err, "%s", output)
	assert.NoFileExists(t, filepath.Join(work, "pwned"))
}

// What is shown is shown as text: no name out of a file becomes a command to the terminal, markup, or broken XML.
func TestReportsEscapeWhatTheyShow(t *testing.T) {
	const name = "Evil\x1b]0;owned\x07<script>alert(1)</script>|`\u202e&'\"]]>"
	work := t.TempDir()
	model := filepath.Join(work, strings.ReplaceAll(name, "/", "")+".xmodel")
	require.NoError(t, os.Rename(hostileModel(t, work, name), model))
	result := filepath.Join(work, "result.json")
	for _, args := range [][]string{
		{"verify", model}, {"verify", "--json", model}, {"inspect", model}, {"verify", "--result", result, model}, {"verify", filepath.Join(work, name)},
	} {
		_, stdout, stderr := inProcess(t, args...)
		assert.Contains(t, stdout+stderr, "alert(1)", "%v does not show the name: nothing is tested", args)
		for _, text := range []string{stdout, stderr} {
			assert.NotContains(t, text, "\x1b", "%v", args)
			assert.NotContains(t, text, "\u202e", "%v", args)
		}
	}
	page := filepath.Join(work, "report.html")
	code, _, stderr := inProcess(t, "report", "-o", page, result)
	require.Equal(t, exitSame, code, stderr)
	html, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.NotContains(t, string(html), "<script>alert")
	assert.Contains(t, string(html), "alert(1)")

	require.NoError(t, os.MkdirAll(filepath.Join(work, "s"), 0o755))
	require.NoError(t, os.Rename(model, filepath.Join(work, "s", "<script>alert(1)<&|`'.xmodel")))
	require.NoError(t, os.WriteFile(filepath.Join(work, "suite.yaml"), []byte("suite: 1\nname: \"<script>alert(2)|\\e[0m\"\ncases:\n  - {models: ['s/*'], seeds: [1]}\n"), 0o644))
	command := commandIn(work, "regress", "--junit", "junit.xml", "--markdown", "summary.md", "--html", "pages", "suite.yaml")
	output, err := command.CombinedOutput()
	require.NoError(t, err, "%s", output)
	assert.NotContains(t, string(output), "\x1b")
	junit, err := os.ReadFile(filepath.Join(work, "junit.xml"))
	require.NoError(t, err)
	var suites struct {
		XMLName xml.Name
	}
	require.NoError(t, xml.Unmarshal(junit, &suites), "%s", junit)
	assert.NotContains(t, string(junit), "<script>")
	assert.Contains(t, string(junit), "alert(")
	markdown, err := os.ReadFile(filepath.Join(work, "summary.md"))
	require.NoError(t, err)
	assert.NotContains(t, string(markdown), "<script>", "%s", markdown)
	assert.NotContains(t, string(markdown), "\x1b")
	summary, err := os.ReadFile(filepath.Join(work, "regress-results", "summary.json"))
	require.NoError(t, err)
	assert.True(t, json.Valid(summary))
	index, err := os.ReadFile(filepath.Join(work, "pages", "index.html"))
	require.NoError(t, err)
	assert.NotContains(t, string(index), "<script>alert")
	assert.Contains(t, string(index), "alert(2)")
}
