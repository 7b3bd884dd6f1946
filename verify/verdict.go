package verify

// Verdict is the outcome of a check or of a whole verification.
type Verdict string

// The verdicts, and the exit codes that go with them: 0, 1 and 4.
const (
	Pass    Verdict = "PASS"
	Fail    Verdict = "FAIL"
	Nothing Verdict = "NOTHING"
)

// ExitCode is 0 for Pass, 1 for Fail, and 4 for Nothing: a verification that compared nothing never says that all is well.
func (v Verdict) ExitCode() int {
	switch v {
	case Pass:
		return 0
	case Fail:
		return 1
	}
	return 4
}
