package suite

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/needs"
	"rnnsim/verify"
)

// nasty is text that is markup, or a command to a terminal, where it is not escaped.
const nasty = "a<b>&\"'|`*[x](y)@z\x00\x07\x1b[31m\u202e\ufffe\xff]]>\ttab"

// nastySummary has a row for each status and outcome, all of them nasty.
func nastySummary() *Summary {
	s := &Summary{Schema: ResultSchema, Suite: nasty, Version: "v1"}
	for _, status := range severity {
		for _, outcome := range []Outcome{Passed, Failed, Nothing, Unreadable, Crashed, TimedOut, OutOfMemory} {
			row := CaseSummary{
				Name: fmt.Sprintf("%s %s %s", status, outcome, nasty), Tags: []string{nasty}, Key: strings.Repeat("a", 64), Status: status, Outcome: outcome,
				First: nasty, Remark: nasty, Reproduce: nasty,
			}
			s.Counts.add(&row)
			s.Cases = append(s.Cases, row)
		}
	}
	return s
}

// The schemas of JUnit XML: ours, of what all readers agree on, and that by which Jenkins judges a file. The latter is junit-10.xsd
// of its xunit plugin (MIT), unaltered, as pytest 8.3.4 carries it.
var junitSchemas = []string{"junit.xsd", "jenkins-junit-10.xsd"}

func TestJUnitIsValidWhateverIsInIt(t *testing.T) {
	needs.Program(t, "xmllint", "apt-get install libxml2-utils")
	validate := func(path, schema string) ([]byte, error) {
		return exec.Command("xmllint", "--noout", "--nonet", "--schema", filepath.Join("testdata", schema), path).CombinedOutput()
	}
	for name, s := range map[string]*Summary{"nasty": nastySummary(), "empty": {}} {
		path := filepath.Join(t.TempDir(), "junit.xml")
		file, err := os.Create(path)
		require.NoError(t, err)
		require.NoError(t, s.WriteJUnit(file))
		require.NoError(t, file.Close())
		for _, schema := range junitSchemas {
			out, err := validate(path, schema)
			require.NoError(t, err, "%s, %s: %s", schema, name, out)
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, c := range "\x00\x07\x1b\u202e\ufffe" {
			assert.False(t, strings.ContainsRune(string(text), c), "%q", c)
		}
		// The schemas must be able to refuse.
		require.NoError(t, os.WriteFile(path, bytes.ReplaceAll(text, []byte(`<testsuite `), []byte(`<testsuite nothing="x" `)), 0o644))
		for _, schema := range junitSchemas {
			_, err := validate(path, schema)
			require.Error(t, err, schema)
		}
	}
}

// trueRun runs two cases of a true model, one of which fails, and gives the summary and its results folder.
func trueRun(t *testing.T) (*Summary, string) {
	b := newDeviceBench(t, `
suite: 1
name: true <run>
cases:
  - {models: [lstm], float: model.npz, tags: [a, b], device: {name: copy, command: [cp, -r, "{export}", "{trace}"]}}
  - {models: [lstm], device: {name: off, command: [bash, -c, 'cp -r "$0" "$1" && sed -i 3s/^..../1234/ "$1"/*/nodes/h_next.hex', "{export}", "{trace}"]}}
  - {models: [lstm], device: {name: dead, command: [sh, -c, "echo '<b>no licence' >&2; exit 1"]}}
`)
	float, err := os.ReadFile(filepath.Join("..", "vectors", "digits-lstm8", "model.npz"))
	require.NoError(t, err)
	b.write("model.npz", string(float))
	o := b.options(t.TempDir())
	return b.run(o), o.Results
}

func TestPagesLinkEachCase(t *testing.T) {
	s, results := trueRun(t)
	dir := filepath.Join(t.TempDir(), "html")
	page := func(w io.Writer, r *verify.Report) error {
		_, err := fmt.Fprintf(w, "%s %d checks", r.Verdict, len(r.Checks))
		return err
	}
	stale := filepath.Join(dir, "cases", strings.Repeat("0", 64)+".html")
	require.NoError(t, os.MkdirAll(filepath.Dir(stale), 0o755))
	require.NoError(t, os.WriteFile(stale, nil, 0o644))
	require.NoError(t, s.WritePages(t.Context(), dir, results, page))
	text, err := os.ReadFile(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	index := string(text)
	for _, row := range s.Cases {
		name := filepath.Join("cases", row.Key+".html")
		if row.Outcome == Crashed {
			assert.NotContains(t, index, name)
			continue
		}
		assert.Contains(t, index, `<a href="`+name+`">lstm:seed=1@sane&#43;`)
		shown, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Equal(t, map[Outcome]string{Passed: "PASS 3 checks", Failed: "FAIL 2 checks"}[row.Outcome], string(shown))
	}
	assert.Contains(t, index, "true &lt;run&gt;")
	assert.Contains(t, index, "<pre>&lt;b&gt;no licence</pre>")
	assert.Less(t, strings.Index(index, "off"), strings.Index(index, "copy"), "failures come first")
	assert.NoFileExists(t, stale)

	var again strings.Builder
	require.NoError(t, indexTemplate.Execute(&again, nastySummary().index(t.TempDir(), nil)))
	for _, bad := range []string{"<b>", "\x00", "\x1b", "\u202e", "]]>"} {
		assert.False(t, strings.Contains(again.String(), bad), "%q", bad)
	}
}
