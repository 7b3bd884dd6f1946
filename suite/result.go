package suite

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
)

// Outcome is what became of a case.
type Outcome string

// The outcomes.
const (
	Passed      Outcome = "passed"
	Failed      Outcome = "failed"     // compared, differs
	Nothing     Outcome = "nothing"    // a check compared nothing
	Unreadable  Outcome = "unreadable" // an input could not be read or does not fit
	Crashed     Outcome = "crashed"    // the process ended without a result
	TimedOut    Outcome = "timeout"
	OutOfMemory Outcome = "memory"
)

func (o Outcome) known() bool {
	switch o {
	case Passed, Failed, Nothing, Unreadable, Crashed, TimedOut, OutOfMemory:
		return true
	}
	return false
}

// repeatable says that the outcome follows from the inputs. The others depend on the machine too, and are tried again.
func (o Outcome) repeatable() bool { return o == Passed || o == Failed || o == Nothing }

// ResultSchema is the version of the result files.
const ResultSchema = 2

// Result is what is known of a case after it ran. It holds nothing that differs from run to run.
type Result struct {
	Schema  int     `json:"schema"`
	Key     string  `json:"key"` // the digest of what determines the result, in hex
	Case    string  `json:"case"`
	Outcome Outcome `json:"outcome"`
	Checks  []Check `json:"checks,omitempty"`
	// Values counts what was compared, and Wrong what differs.
	Values int64 `json:"values"`
	Wrong  int64 `json:"wrong"`
	// First is the first divergence, or what else went wrong first, in one line.
	First string `json:"first,omitempty"`
	// SQNR is the least SQNR in dB of an output against the float model, or nil.
	SQNR *float64 `json:"sqnr_db,omitempty"`

	// report is the whole verify.Report as compressed JSON, or nil where there is none.
	report []byte
}

// Check is one check of a case.
type Check struct {
	Name    string `json:"name"`
	Against string `json:"against,omitempty"`
	Verdict string `json:"verdict"`
	Values  int64  `json:"values"`
	Wrong   int64  `json:"wrong"`
}

// sealed is a result file: the result, its report, and the digest of both, so that a file that was altered is not believed.
type sealed struct {
	Result json.RawMessage `json:"result"`
	Report []byte          `json:"report,omitempty"` // gzip
	SHA256 string          `json:"sha256"`
}

func (s *sealed) digest() string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%d ", len(s.Result)) // where the one ends and the other begins
	sum.Write(s.Result)
	sum.Write(s.Report)
	return hex.EncodeToString(sum.Sum(nil))
}

// Marshal gives the bytes of the result file.
func (r *Result) Marshal() ([]byte, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("write the result of %s: %w", r.Case, err)
	}
	s := sealed{Result: body, Report: r.report}
	s.SHA256 = s.digest()
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write the result of %s: %w", r.Case, err)
	}
	return append(text, '\n'), nil
}

// ParseResult reads a result file and refuses one that is not whole or not as it was written.
func ParseResult(text []byte) (*Result, error) {
	var s sealed
	if err := strictJSON(text, &s); err != nil {
		return nil, fmt.Errorf("read a result: %w", err)
	}
	return parseSealed(&s)
}

func parseSealed(s *sealed) (*Result, error) {
	if s.digest() != s.SHA256 {
		return nil, fmt.Errorf("read a result: its digest is not that of its content: the file was altered")
	}
	r := Result{report: s.Report}
	if err := strictJSON(s.Result, &r); err != nil {
		return nil, fmt.Errorf("read a result: %w", err)
	}
	if r.Schema != ResultSchema || !r.Outcome.known() {
		return nil, fmt.Errorf("read a result: schema %d, outcome %q: it is not of this rnnsim", r.Schema, r.Outcome)
	}
	return &r, nil
}

// strictJSON reads one JSON document, with no unknown fields and nothing behind it.
func strictJSON(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return fmt.Errorf("there is more behind the end of the document")
	}
	return nil
}
