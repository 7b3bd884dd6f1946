package suite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

func TestJUnitIsValidWhateverIsInIt(t *testing.T) {
	need(t, "xmllint")
	for name, s := range map[string]*Summary{"nasty": nastySummary(), "empty": {}} {
		path := filepath.Join(t.TempDir(), "junit.xml")
		file, err := os.Create(path)
		require.NoError(t, err)
		require.NoError(t, s.WriteJUnit(file))
		require.NoError(t, file.Close())
		out, err := exec.Command("xmllint", "--noout", "--nonet", "--schema", filepath.Join("testdata", "junit.xsd"), path).CombinedOutput()
		require.NoError(t, err, "%s: %s", name, out)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, c := range "\x00\x07\x1b\u202e\ufffe" {
			assert.False(t, strings.ContainsRune(string(text), c), "%q", c)
		}
		// The schema must be able to refuse.
		require.NoError(t, os.WriteFile(path, bytes.Replace(text, []byte(`tests="`), []byte(`tests="x`), 1), 0o644))
		require.Error(t, exec.Command("xmllint", "--noout", "--nonet", "--schema", filepath.Join("testdata", "junit.xsd"), path).Run())
	}
}

// trueRun runs two cases of a true model, one of which fails, and gives the summary and its results folder.
func trueRun(t *testing.T) (*Summary, string) {
	b := newDeviceBench(t, `
suite: 1
name: true <run>
cases:
  - {models: [lstm], tags: [a, b], device: {name: copy, command: [cp, -r, "{export}", "{trace}"]}}
  - {models: [lstm], device: {name: off, command: [bash, -c, 'cp -r "$0" "$1" && sed -i 3s/^..../1234/ "$1"/*/nodes/h_next.hex', "{export}", "{trace}"]}}
  - {models: [lstm], device: {name: dead, command: [sh, -c, "echo '<b>no licence' >&2; exit 1"]}}
`)
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
		assert.Equal(t, map[Outcome]string{Passed: "PASS 2 checks", Failed: "FAIL 2 checks"}[row.Outcome], string(shown))
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

func TestStatisticsOfNodesAreReadByPolars(t *testing.T) {
	readers := filepath.Join("..", "dump", "testdata", "readers")
	if _, err := os.Stat(filepath.Join(readers, "node_modules")); err != nil {
		const remedy = "the readers are not installed: npm install --prefix dump/testdata/readers --no-save --ignore-scripts"
		if os.Getenv("CI") == "true" {
			t.Fatal(remedy)
		}
		t.Skip(remedy)
	}
	s, results := trueRun(t)
	path := filepath.Join(t.TempDir(), "nodes.parquet")
	write := func() []byte {
		var file bytes.Buffer
		require.NoError(t, s.WriteNodes(t.Context(), &file, results))
		return file.Bytes()
	}
	first := write()
	require.Equal(t, first, write(), "the same results give the same bytes")
	require.NoError(t, os.WriteFile(path, first, 0o644))
	out, err := exec.Command("node", filepath.Join(readers, "parquet.mjs"), path).Output()
	require.NoError(t, err)
	var table struct {
		Rows    int
		Columns map[string][]any
	}
	require.NoError(t, json.Unmarshal(out, &table))
	for _, field := range nodesSchema.Fields() {
		require.Len(t, table.Columns[field.Name], table.Rows, field.Name)
	}
	// All nodes of two checks of two cases, the third of which has no report; the nodes of the report are what is expected.
	row := 0
	require.NoError(t, s.eachReport(t.Context(), results, func(c *CaseSummary, report *verify.Report) error {
		if report == nil {
			return nil
		}
		for _, check := range report.Checks {
			for _, node := range check.Comparison.Nodes {
				at := func(column string) any { return table.Columns[column][row] }
				assert.Equal(t, c.Name, at("case"))
				assert.Equal(t, check.Name, at("check"))
				assert.Equal(t, node.Node, at("node"))
				assert.EqualValues(t, node.Compared, at("compared"))
				assert.EqualValues(t, node.Different, at("different"))
				assert.EqualValues(t, node.MaxDelta, at("max_delta_lsb"))
				if node.SQNR == nil {
					assert.Nil(t, at("sqnr_db"))
				} else {
					assert.EqualValues(t, *node.SQNR, at("sqnr_db"))
				}
				assert.Equal(t, node.Format, fmt.Sprintf("[%v,%v]", at("bits"), at("position")))
				assert.Equal(t, node.FirstStep < 0, at("first_step") == nil)
				row++
			}
		}
		return nil
	}))
	assert.Equal(t, table.Rows, row)
	assert.Equal(t, 2*2*32, row)
}
