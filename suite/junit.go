package suite

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

type junitSuites struct {
	XMLName  xml.Name   `xml:"testsuites"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Suite    junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Skipped *junitSkipped `xml:"skipped"`
	Failure *junitProblem `xml:"failure"`
	Error   *junitProblem `xml:"error"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes the summary as JUnit XML: what differs is a failure, what could not be judged an error, a known failure and a
// case that was not run are skipped. It holds no times, so that its bytes depend on the results alone.
func (s *Summary) WriteJUnit(w io.Writer) error {
	name := printable(s.Suite)
	if name == "" {
		name = "rnnsim"
	}
	document := junitSuites{Suite: junitSuite{Name: name}}
	suite := &document.Suite
	for i := range s.Cases {
		row := &s.Cases[i]
		one := junitCase{Name: printable(row.Name), Class: name}
		problem := &junitProblem{Message: printable(joined(row.First, row.Remark)), Type: string(row.Outcome), Text: printable(row.Reproduce)}
		switch {
		case row.Status == StatusPassed:
		case row.Status == StatusKnown || row.Status == StatusNotRun:
			one.Skipped = &junitSkipped{Message: printable(joined(string(row.Status), row.Remark))}
			suite.Skipped++
		case row.Status == StatusFailed && row.Outcome != Failed:
			one.Error = problem
			suite.Errors++
		default:
			one.Failure = problem
			suite.Failures++
		}
		suite.Cases = append(suite.Cases, one)
	}
	suite.Tests = len(suite.Cases)
	document.Tests, document.Failures, document.Errors = suite.Tests, suite.Failures, suite.Errors
	text, err := xml.MarshalIndent(document, "", "  ")
	if err != nil {
		return fmt.Errorf("write the JUnit file: %w", err)
	}
	if _, err := io.WriteString(w, xml.Header+string(text)+"\n"); err != nil {
		return fmt.Errorf("write the JUnit file: %w", err)
	}
	return nil
}

func joined(parts ...string) string {
	var said []string
	for _, part := range parts {
		if part != "" {
			said = append(said, part)
		}
	}
	return strings.Join(said, "; ")
}
