package suite

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/verify"
)

func aResult(t testing.TB) *Result {
	sqnr := 41.5
	r := &Result{
		Schema: ResultSchema, Key: "k", Case: "m:seed=1@sane", Outcome: Failed, Values: 20, Wrong: 1, First: "exact: layer[0] \x1b <&> é", SQNR: &sqnr,
		Checks: []Check{{Name: "exact_reference", Verdict: "FAIL", Values: 20, Wrong: 1}},
	}
	require.NoError(t, r.keepReport(&verify.Report{Schema: 1, Verdict: verify.Fail, Checks: []verify.Check{{Name: "exact_reference", Verdict: verify.Fail}}}))
	return r
}

func TestAResultIsReadAsItWasWritten(t *testing.T) {
	r := aResult(t)
	text, err := r.Marshal()
	require.NoError(t, err)
	again, err := ParseResult(text)
	require.NoError(t, err)
	assert.Equal(t, r, again)
	report, err := again.Report()
	require.NoError(t, err)
	assert.Equal(t, verify.Fail, report.Checks[0].Verdict)
	for cut := range text[:len(text)-1] { // the last byte ends the line
		_, err := ParseResult(text[:cut])
		require.Error(t, err, "cut at %d", cut)
	}
	for i := range text {
		for bit := range 8 {
			damaged := append([]byte(nil), text...)
			damaged[i] ^= 1 << bit
			if got, err := ParseResult(damaged); err == nil {
				assert.Equal(t, r, got, "bit %d of byte %d (%q) changes what is read", bit, i, text[i])
			}
		}
	}
}

// FuzzParseResult wants what is read to be what it says when it is written again, whatever is read.
func FuzzParseResult(f *testing.F) {
	whole, err := aResult(f).Marshal()
	require.NoError(f, err)
	bare, err := (&Result{Schema: ResultSchema, Outcome: Passed}).Marshal()
	require.NoError(f, err)
	for _, text := range []string{string(whole), string(bare), string(whole[:len(whole)/2]), "", "{}", "null", `{"result":null,"sha256":""}`, `{"result":{},"report":"AA==","sha256":"x"}`} {
		f.Add([]byte(text), false)
		f.Add([]byte(text), true)
	}
	f.Fuzz(func(t *testing.T, text []byte, seal bool) {
		if seal { // what is inside is otherwise never reached
			s := sealed{Result: text, Report: text}
			sum := s.digest()
			inner := Result{report: text}
			_, _ = inner.Report()
			if parsed, err := parseSealed(&sealed{Result: text, Report: text, SHA256: sum}); err == nil {
				_, err := parsed.Marshal()
				require.NoError(t, err)
			}
			return
		}
		r, err := ParseResult(text)
		if err != nil {
			return
		}
		again, err := r.Marshal()
		require.NoError(t, err)
		same, err := ParseResult(again)
		require.NoError(t, err)
		require.Equal(t, r, same)
	})
}

// FuzzPlan wants a plan that is read to be one that a run can have written.
func FuzzPlan(f *testing.F) {
	for _, text := range []string{`{"schema":2}`, `{"schema":2,"shard":{"index":1,"count":2},"cases":[{"name":"a","key":"b","shard":1}]}`, "[", "null"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := parsePlan(text)
		if err != nil {
			return
		}
		require.GreaterOrEqual(t, p.Shard.Count, 1)
		require.LessOrEqual(t, p.Shard.Count, maxShards)
		for i := range p.Cases {
			require.LessOrEqual(t, p.Cases[i].Shard, p.Shard.Count)
			require.True(t, isKey(p.Cases[i].Key), "a key is the name of a file")
		}
	})
}

// A result file is sealed against damage, not against intent: its report is held to what one can be before it is shown.
func TestAReportInAResultIsNotBelieved(t *testing.T) {
	for _, report := range []*verify.Report{
		{Schema: 1, Verdict: verify.Pass, Checks: []verify.Check{{Name: "exact_reference", Verdict: verify.Fail}}},
		{Schema: 99, Verdict: verify.Fail, Checks: []verify.Check{{Name: "exact_reference", Verdict: verify.Fail}}},
	} {
		r := aResult(t)
		require.NoError(t, r.keepReport(report))
		text, err := r.Marshal()
		require.NoError(t, err)
		again, err := ParseResult(text)
		require.NoError(t, err)
		_, err = again.Report()
		require.ErrorContains(t, err, "read the report of m:seed=1@sane")
	}
}
