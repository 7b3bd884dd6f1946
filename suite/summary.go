package suite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Summary is what a run found. Its bytes depend on the cases and the expectations alone, not on order, time, or machine.
type Summary struct {
	Schema  int           `json:"schema"`
	Suite   string        `json:"suite"`
	Version string        `json:"rnnsim_version"`
	Counts  Counts        `json:"counts"`
	Cases   []CaseSummary `json:"cases"` // by name
}

// Counts counts cases by status.
type Counts struct {
	Cases   int   `json:"cases"`
	Passed  int   `json:"passed"`
	Failed  int   `json:"failed"`
	Known   int   `json:"known_failures"`
	Expired int   `json:"expired"`
	Mended  int   `json:"mended"`
	NotRun  int   `json:"not_run"`
	Values  int64 `json:"values"` // compared
}

// CaseSummary is one case of a summary.
type CaseSummary struct {
	Name    string   `json:"name"`
	Tags    []string `json:"tags,omitempty"`
	Key     string   `json:"key"`
	Status  Status   `json:"status"`
	Outcome Outcome  `json:"outcome,omitempty"`
	Values  int64    `json:"values"`
	Wrong   int64    `json:"wrong"`
	First   string   `json:"first,omitempty"`
	Remark  string   `json:"remark,omitempty"`
	SQNR    *float64 `json:"sqnr_db,omitempty"`
	Checks  []Check  `json:"checks,omitempty"`
	// Reproduce is the command that shows the case alone, in the suite's folder.
	Reproduce string `json:"reproduce"`
}

func summarize(p *plan, found map[string]*Result, today string) *Summary {
	s := &Summary{Schema: ResultSchema, Suite: p.Suite, Version: p.Version, Cases: []CaseSummary{}}
	for i := range p.Cases {
		c := &p.Cases[i]
		if !p.mine(c) {
			continue
		}
		row := CaseSummary{Name: c.Name, Tags: c.Tags, Key: c.Key, Reproduce: c.command(p.File)}
		result := found[c.Key]
		row.Status, row.Remark = judge(c.Expectation, result, today)
		if result != nil {
			row.Outcome, row.Values, row.Wrong, row.First = result.Outcome, result.Values, result.Wrong, result.First
			row.SQNR, row.Checks = result.SQNR, result.Checks
		}
		s.Counts.add(&row)
		s.Cases = append(s.Cases, row)
	}
	return s
}

func (c *Counts) add(row *CaseSummary) {
	c.Cases++
	c.Values += row.Values
	switch row.Status {
	case StatusPassed:
		c.Passed++
	case StatusFailed:
		c.Failed++
	case StatusKnown:
		c.Known++
	case StatusExpired:
		c.Expired++
	case StatusMended:
		c.Mended++
	case StatusNotRun:
		c.NotRun++
	}
}

// ExitCode is 0 where every case is as expected; 1 where one is not; 4 where there is no case, or where no case differs but one
// was not run, could not be read, or compared nothing.
func (s *Summary) ExitCode() int {
	code := 0
	if len(s.Cases) == 0 {
		return 4
	}
	for i := range s.Cases {
		row := &s.Cases[i]
		switch {
		case row.Status.OK():
		case row.Status == StatusNotRun || row.Status == StatusFailed && (row.Outcome == Unreadable || row.Outcome == Nothing):
			code = 4
		default:
			return 1
		}
	}
	return code
}

// WriteFile writes the summary as an indented JSON document.
func (s *Summary) WriteFile(path string) error { return writeJSON(path, s) }

// ReadSummary reads a summary file, or that of a results folder.
func ReadSummary(path string) (*Summary, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, SummaryFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a summary: %w", err)
	}
	s, err := parseSummary(text)
	if err != nil {
		return nil, fmt.Errorf("read a summary: %s: %w", path, err)
	}
	return s, nil
}

func parseSummary(text []byte) (*Summary, error) {
	var s Summary
	if err := strictJSON(text, &s); err != nil {
		return nil, err
	}
	for i := range s.Cases {
		if !isKey(s.Cases[i].Key) {
			return nil, fmt.Errorf("the case %s has the key %q, which is no digest", s.Cases[i].Name, s.Cases[i].Key)
		}
	}
	if s.Schema != ResultSchema {
		return nil, errors.New("it is of another version of rnnsim")
	}
	return &s, nil
}

// command is the command line that verifies the case alone, for a shell in the suite's folder; file is the suite's name there.
func (c *Case) command(file string) string {
	if c.Device != nil {
		return "rnnsim regress --no-cache --results one-case --case " + quoted(c.Name) + " " + quoted(file)
	}
	words := []string{"rnnsim", "verify"}
	if c.Mode != ModeRecorded {
		words = append(words, "--compat", string(c.Mode))
	}
	if c.Stimulus != "" {
		words = append(words, "--input", quoted(c.Stimulus))
	} else if c.Folder == "" {
		words = append(words, "--seed", fmt.Sprint(c.Seed))
	}
	if c.Float != "" {
		words = append(words, "--float", quoted(c.Float))
	}
	if c.MinSQNR != nil {
		words = append(words, "--min-sqnr", fmt.Sprint(*c.MinSQNR))
	}
	return strings.Join(append(words, quoted(c.Folder+c.Model)), " ")
}

// quoted writes a word for a shell. One that begins with a dash is no flag.
func quoted(word string) string {
	if strings.HasPrefix(word, "-") {
		word = "./" + word
	}
	return inQuotes(word)
}

// inQuotes writes a word for a shell, as it is.
func inQuotes(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._/-+=:@,", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
