package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/verify"
)

// A report that went through its file has the same page.
func TestAResultHasThePageOfItsReport(t *testing.T) {
	report := sampleReport(t)
	read, err := verify.ParseReport(sampleResult(t))
	require.NoError(t, err)
	require.Equal(t, pageOf(t, report), pageOf(t, read))
	var again bytes.Buffer
	require.NoError(t, read.WriteResult(&again))
	require.Equal(t, string(sampleResult(t)), again.String())
}

// FuzzResult holds the reader to its word: what it accepts has a page, and is written and read again as the same.
func FuzzResult(f *testing.F) {
	f.Add(sampleResult(f))
	f.Add([]byte(`{"schema":1,"verdict":"NOTHING","model":{"source":"m","cells":null},"checks":[]}`))
	f.Add([]byte(`{"schema":1,"verdict":"FAIL","checks":[{"name":"float","verdict":"FAIL","min_sqnr_db":40,"below_min_sqnr":["g/h"]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := verify.ParseReport(text)
		if err != nil {
			return
		}
		page := pageOf(t, r)
		require.Equal(t, 2, strings.Count(page, "</script>"))
		require.Less(t, len(page), 1<<20+64*len(text))
		var written bytes.Buffer
		require.NoError(t, r.WriteResult(&written))
		again, err := verify.ParseReport(written.Bytes())
		require.NoError(t, err)
		require.Equal(t, page, pageOf(t, again))
	})
}

// Broken results, by their names, are refused with what is wrong.
func TestBrokenResultsAreRefused(t *testing.T) {
	whole := string(sampleResult(t))
	swap := func(old, new string) string {
		require.Contains(t, whole, old)
		return strings.Replace(whole, old, new, 1)
	}
	for name, spoiled := range map[string]struct{ text, message string }{
		"empty":                     {"", "no report of rnnsim"},
		"cut off":                   {whole[:len(whole)/2], "no report of rnnsim"},
		"of another kind":           {`[1,2]`, "no report of rnnsim"},
		"of another schema":         {swap(`"schema":1`, `"schema":2`), "schema 2"},
		"without a verdict":         {swap(`"verdict":"FAIL","model"`, `"model"`), "its verdict is"},
		"passes wrongly":            {swap(`"verdict":"FAIL"`, `"verdict":"PASS"`), `its verdict is "PASS", that of its checks FAIL`},
		"unknown verdict":           {strings.ReplaceAll(whole, `"verdict":"FAIL"`, `"verdict":"MAYBE"`), "checks[0]"},
		"ragged heat":               {swap(`"rows":[[0,`, `"rows":[[0],[0,`), "all rows have the same"},
		"no steps a field":          {swap(`"steps_a_field":1`, `"steps_a_field":0`), "0 steps"},
		"negative distance":         {swap(`"rows":[[0,`, `"rows":[[-1,`), "no distance"},
		"negative step":             {swap(`"steps":[{"step":0`, `"steps":[{"step":-1`), "steps[0]"},
		"steps of nothing":          {swap(`"step":0,"count":1`, `"step":0,"count":0`), "steps[0]"},
		"negative count":            {swap(`"at_high_end":0`, `"at_high_end":-5`), "-5 is no count"},
		"no parts":                  {swap(`"parts":[`, `"parts":[],"x":[`), "0 parts"},
		"unknown table":             {swap(`"table":"sigmoid"`, `"table":"cosine"`), "cosine"},
		"lookups elsewhere":         {swap(`"entries_a_field":16`, `"entries_a_field":3`), "not those of a table"},
		"course at no step":         {swap(`"first_step":0,"got"`, `"first_step":-4,"got"`), "course"},
		"neighbours nowhere":        {swap(`"neighbours":{"first":0`, `"neighbours":{"first":-2`), "neighbours"},
		"product of one factor":     {swap(`"b_name":"w[1]","product":`, `"b_name":"w[1]","other":`), "terms[0]"},
		"explained by nothing":      {swap(`"cause":`, `"no":`), "without a cause"},
		"a cause without fault":     {swap(`"faults":["it/off","it/late"]`, `"faults":[]`), "no fault"},
		"unknown outcome":           {swap(`"outcome":"explained"`, `"outcome":"solved"`), "solved"},
		"counts of other bins":      {swap(`"bins":3,"hit":1`, `"bins":3,"hit":2`), "coverage"},
		"a divergence nowhere":      {swap(`"first":{"address":`, `"first":{"other":`), "it has no address"},
		"an explanation of nothing": {swap(`"explanation":{"address":`, `"explanation":{"other":`), "it has no address"},
		"an address elsewhere":      {swap(`"address":"layer[0].`, `"address":"layer.`), "read the address"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verify.ParseReport([]byte(spoiled.text))
			require.ErrorContains(t, err, spoiled.message)
		})
	}
}

func TestResultsThatAreNoFiles(t *testing.T) {
	dir := t.TempDir()
	_, err := verify.ReadReport(filepath.Join(dir, "none.json"))
	require.ErrorContains(t, err, "read a result")
	_, err = verify.ReadReport(dir)
	require.ErrorContains(t, err, "is a folder")
	large := filepath.Join(dir, "large.json")
	file, err := os.Create(large)
	require.NoError(t, err)
	require.NoError(t, file.Truncate(1<<30)) // a hole: nothing is written
	require.NoError(t, file.Close())
	_, err = verify.ReadReport(large)
	require.ErrorContains(t, err, "large.json has more than")
}
