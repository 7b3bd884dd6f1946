package suite

import "fmt"

// Status is an outcome held against what was expected.
type Status string

// The statuses. Passed and known failures are fine.
const (
	StatusPassed  Status = "passed"
	StatusFailed  Status = "failed"
	StatusKnown   Status = "known failure"
	StatusExpired Status = "expired" // a known failure whose time is over
	StatusMended  Status = "mended"  // a known failure that passes: the expectation is to be removed
	StatusNotRun  Status = "not run"
)

// OK says that the status is no reason to fail.
func (s Status) OK() bool { return s == StatusPassed || s == StatusKnown }

// judge holds a result against the expectation on a day (2006-01-02).
func judge(e Expectation, r *Result, today string) (Status, string) {
	switch {
	case r == nil:
		return StatusNotRun, ""
	case e.Outcome == Passed && r.Outcome == Passed:
		return StatusPassed, ""
	case e.Outcome == Passed:
		return StatusFailed, ""
	case r.Outcome == Passed:
		return StatusMended, fmt.Sprintf("it passes, but is a known failure (%s): remove known_failure", e.Reason)
	case r.Outcome != e.Outcome:
		return StatusFailed, fmt.Sprintf("the known failure is another one: %s (%s)", e.Outcome, e.Reason)
	case today > e.Until:
		return StatusExpired, fmt.Sprintf("known failure, excused until %s: %s", e.Until, e.Reason)
	}
	return StatusKnown, fmt.Sprintf("until %s: %s", e.Until, e.Reason)
}
