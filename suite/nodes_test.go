package suite

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/internal/needs"
	"rnnsim/verify"
)

// foundNodes is what other programs find in a Parquet file.
type foundNodes struct {
	Polars, DuckDB struct {
		Rows    int
		Columns map[string][]any
	}
	Query [][]any
}

// readByOthers lets polars and DuckDB read a Parquet file, and DuckDB answer a query.
func readByOthers(t *testing.T, path, query string) *foundNodes {
	t.Helper()
	readers := filepath.Join("..", "dump", "testdata", "readers")
	needs.Readers(t, readers, "nodejs-polars", "@duckdb/node-api")
	command := exec.Command("node", filepath.Join(readers, "parquet.mjs"), path, query)
	command.Stderr = os.Stderr
	out, err := command.Output()
	require.NoError(t, err)
	var found foundNodes
	require.NoError(t, json.Unmarshal(out, &found))
	return &found
}

// docsQuery is the query that docs/suites.md shows, over nodes.parquet.
func docsQuery(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "suites.md"))
	require.NoError(t, err)
	match := regexp.MustCompile("(?s)```sql\n(.*?)```").FindSubmatch(text)
	require.NotNil(t, match)
	return string(match[1])
}

// rowsOf gives the rows that the file of a summary is to have, as JSON has them: all nodes of all checks of all cases with a report.
func rowsOf(t *testing.T, s *Summary, results string) []map[string]any {
	t.Helper()
	var rows []map[string]any
	require.NoError(t, s.eachReport(t.Context(), results, func(c *CaseSummary, report *verify.Report) error {
		if report == nil {
			return nil
		}
		for _, check := range report.Checks {
			for _, node := range check.Comparison.Nodes {
				row := map[string]any{
					"suite": s.Suite, "case": c.Name, "tags": strings.Join(c.Tags, ","), "status": c.Status, "key": c.Key,
					"semantics": report.Compat, "check": check.Name, "against": check.Against, "verdict": check.Verdict,
					"graph": node.Graph, "layer": node.Layer, "direction": "forward", "node": node.Node, "op": node.Op,
					"bits": nil, "position": nil, "output": node.Output, "compared": node.Compared, "different": node.Different,
					"tolerated": node.Tolerated, "explained": node.Explained, "misreported": node.Misreported,
					"max_delta_lsb": node.MaxDelta, "mean_delta_lsb": node.MeanDelta, "max_error": node.MaxError, "mean_error": node.MeanError,
					"sqnr_db": node.SQNR, "first_step": nil, "last_step": nil, "grows": node.Grows,
				}
				var format []int
				if json.Unmarshal([]byte(node.Format), &format) == nil {
					row["bits"], row["position"] = format[0], format[1]
				}
				if node.FirstStep >= 0 {
					row["first_step"], row["last_step"] = node.FirstStep, node.LastStep
				}
				rows = append(rows, row)
			}
		}
		return nil
	}))
	text, err := json.Marshal(rows)
	require.NoError(t, err)
	rows = nil
	require.NoError(t, json.Unmarshal(text, &rows))
	return rows
}

// leastSQNR is what the query of the docs asks for, computed by hand: by node, the least first.
func leastSQNR(rows []map[string]any) [][]any {
	least := map[string]float64{}
	for _, row := range rows {
		sqnr, there := row["sqnr_db"].(float64)
		if row["check"] != "float" || row["output"] != true || !there {
			continue
		}
		node := row["node"].(string)
		if before, seen := least[node]; !seen || sqnr < before {
			least[node] = sqnr
		}
	}
	var answer [][]any
	for node, sqnr := range least {
		answer = append(answer, []any{node, sqnr})
	}
	slices.SortFunc(answer, func(a, b []any) int { return cmp.Compare(a[1].(float64), b[1].(float64)) })
	return answer
}

func TestStatisticsOfNodesAreReadByPolarsAndDuckDB(t *testing.T) {
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
	found := readByOthers(t, path, docsQuery(t))
	// Two checks of two cases, and a third of one; another case has no report.
	rows := rowsOf(t, s, results)
	require.Greater(t, len(rows), 2*2*32)
	assert.Equal(t, len(rows), found.Polars.Rows)
	assert.Equal(t, len(rows), found.DuckDB.Rows)
	for _, column := range nodesColumns() {
		var want []any
		for _, row := range rows {
			want = append(want, row[column.name])
		}
		assert.Equal(t, want, found.Polars.Columns[column.name], "polars, %s", column.name)
		assert.Equal(t, want, found.DuckDB.Columns[column.name], "DuckDB, %s", column.name)
	}
	want := leastSQNR(rows)
	require.NotEmpty(t, want)
	assert.Equal(t, want, found.Query)
}
