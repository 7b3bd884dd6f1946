package selftest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"

	"rnnsim/suite"
	"rnnsim/verify"
	"rnnsim/xmodel"
)

// resultFile is the bytes of a result, and what holds them to be right: what reads them, or the same result made again.
type resultFile struct {
	name  string
	data  []byte
	judge func(f *flip, data []byte) error
}

// writeResults verifies the subject twice: the reports must be the same, byte for byte, so that a report is held against a second run.
func (s *subject) writeResults(ctx context.Context) error {
	var reports [2][]byte
	for i := range reports {
		report, err := verify.Run(ctx, verify.Job{
			Model: s.model, Compat: xmodel.Sane, Input: verify.Input{Source: "x.npy", Sequences: s.x}, Threads: 1 + i, Version: "selftest",
		})
		if err != nil {
			return err
		}
		report.Model.Source = "xmodel"
		var text bytes.Buffer
		if err := report.WriteJSON(&text); err != nil {
			return err
		}
		reports[i] = text.Bytes()
	}
	if !bytes.Equal(reports[0], reports[1]) {
		return fmt.Errorf("two verifications of the same gave different reports")
	}
	s.results = append(s.results, resultFile{"report.json", reports[0], func(f *flip, data []byte) error { return judgeReport(f, data, reports[1]) }})
	result := &suite.Result{
		Schema: suite.ResultSchema, Key: "0123456789abcdef", Case: s.name, Outcome: suite.Failed, Values: 11200, Wrong: 1,
		Checks: []suite.Check{{Name: verify.NameDeployCheck, Against: "dump", Verdict: "FAIL", Values: 11200, Wrong: 1}},
		First:  "layer[0].fwd.seq[0].step[5].h_next[2]: 1234 for -1035",
	}
	data, err := result.Marshal()
	if err != nil {
		return err
	}
	s.results = append(s.results, resultFile{"result of a suite", data, func(f *flip, data []byte) error { return judgeResult(f, data, result) }})
	return nil
}

// flipResult spoils a result.
func (s *subject) flipResult(_ context.Context, random *rand.Rand, f *flip) error {
	r := s.results[random.IntN(len(s.results))]
	bit := random.IntN(8 * len(r.data))
	f.place = fmt.Sprintf("%s: %s, byte %d, bit %d", s.name, r.name, bit/8, bit%8)
	data := bytes.Clone(r.data)
	data[bit/8] ^= 1 << (bit % 8)
	return r.judge(f, data)
}

// judgeReport holds a report against that of a second run; a difference is at the first byte that differs.
func judgeReport(f *flip, data, again []byte) error {
	if !json.Valid(data) {
		return f.is(refused, "it is no JSON")
	}
	if bytes.Equal(data, again) {
		return f.is(missed, "it is the same as the report of a second run")
	}
	return f.is(found, "it is not the report that a second run gives")
}

// judgeResult reads a result file. What is taken for a result must be the one that was written, all of it.
func judgeResult(f *flip, data []byte, want *suite.Result) error {
	got, err := suite.ParseResult(data)
	if err != nil {
		return f.is(refused, "%v", err)
	}
	if !reflect.DeepEqual(got, want) {
		return f.is(missed, "it is read as %+v", got)
	}
	return f.is(harmless, "a letter of a field's name in the other case, which reads as the same")
}
