package suite

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/verify"
	"rnnsim/xmodel"
)

// FuzzSummary writes a summary that was read in all forms, and compares it with itself.
func FuzzSummary(f *testing.F) {
	whole, err := json.Marshal(nastySummary())
	require.NoError(f, err)
	for _, text := range []string{string(whole), `{"schema":2}`, `{"schema":2,"cases":[{"status":"new"}]}`, "null", "[1"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parseSummary(text)
		if err != nil {
			return
		}
		var junit bytes.Buffer
		require.NoError(t, s.WriteJUnit(&junit))
		require.NoError(t, xml.Unmarshal(junit.Bytes(), new(junitSuites)))
		for _, write := range []func(io.Writer) error{s.WriteText, s.WriteMarkdown} {
			var out bytes.Buffer
			require.NoError(t, write(&out))
			require.NotContains(t, out.String(), "\x1b")
		}
		require.NoError(t, indexTemplate.Execute(io.Discard, s.index(t.TempDir(), nil)))
		d := Diff(s, s, 0)
		require.NoError(t, d.WriteText(io.Discard))
		require.Empty(t, d.Broke)
		require.Empty(t, d.Mended)
		_ = s.ExitCode()
	})
}

// FuzzReport writes the statistics of a report that a sealed result holds.
func FuzzReport(f *testing.F) {
	quantized, err := xmodel.ReadModel(filepath.Join("..", "vectors", "digits-gru8", "xmodel"))
	require.NoError(f, err)
	one := verify.Input{Source: "x", Sequences: []dump.Sequence{{Float: make([]float32, 2*8)}}}
	report, err := verify.Run(f.Context(), verify.Job{Model: quantized, Input: one, Heat: true})
	require.NoError(f, err)
	text, err := json.Marshal(report)
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte(`{"schema":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var packed bytes.Buffer
		zipped := gzip.NewWriter(&packed)
		_, err := zipped.Write(text)
		require.NoError(t, err)
		require.NoError(t, zipped.Close())
		r := &Result{Schema: ResultSchema, Outcome: Passed, Case: "c", report: packed.Bytes()}
		report, err := r.Report()
		if err != nil {
			return
		}
		s := &Summary{Suite: "s"}
		rows, err := newParquetTable(io.Discard, nodesColumns())
		require.NoError(t, err)
		for i := range report.Checks {
			require.NoError(t, s.addNodes(rows, &CaseSummary{Name: "c"}, report, &report.Checks[i]))
		}
		require.NoError(t, rows.close())
	})
}

// FuzzSmallDocuments reads the run times and the jobs of a results folder, and deals cases out by the times.
func FuzzSmallDocuments(f *testing.F) {
	for _, text := range []string{`{"a":1.5,"b":0}`, `{"a":-1e308,"b":1e308}`, `{"engine":"slurm","array":"1","merge":"2","shards":3,"cases":4}`, "null", "{"} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, name := range []string{timesFile, jobsFile} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o644))
		}
		_, _ = readJobs(dir) // what it says is asked of the batch system
		times, err := ReadTimes(dir)
		if err != nil {
			return
		}
		cases := []Case{{Name: "a"}, {Name: "b"}, {Name: "c"}}
		for _, shard := range deal(cases, 2, times) {
			require.Contains(t, []int{1, 2}, shard)
		}
	})
}
