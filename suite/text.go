package suite

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// severity is the order in which statuses are shown: failures first.
var severity = []Status{StatusFailed, StatusExpired, StatusMended, StatusNotRun, StatusKnown, StatusPassed}

func (s *Summary) bySeverity(status Status) []*CaseSummary {
	var rows []*CaseSummary
	for i := range s.Cases {
		if s.Cases[i].Status == status {
			rows = append(rows, &s.Cases[i])
		}
	}
	return rows
}

// WriteText writes the summary for a person: what is not as expected first, each with its first divergence and the command that
// shows it alone, and the counts as the last line.
func (s *Summary) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, status := range severity {
		if status == StatusPassed {
			continue
		}
		for _, row := range s.bySeverity(status) {
			fmt.Fprintf(&b, "%s: %s%s\n", strings.ToUpper(string(status)), printable(row.Name), row.how())
			for _, line := range []string{row.First, row.Remark} {
				if line != "" {
					fmt.Fprintf(&b, "  %s\n", printable(line))
				}
			}
			if !status.OK() {
				fmt.Fprintf(&b, "  reproduce, in the suite's folder: %s\n", printable(row.Reproduce))
			}
		}
	}
	fmt.Fprintf(&b, "%s\n", s.line())
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

// how says how a case failed, where that is more than that values differ.
func (c *CaseSummary) how() string {
	if c.Outcome == "" || c.Outcome == Failed || c.Outcome == Passed {
		return ""
	}
	return " (" + string(c.Outcome) + ")"
}

// line is the last line of the summary.
func (s *Summary) line() string {
	verdict := map[int]string{0: "PASS", 1: "FAIL"}[s.ExitCode()]
	if verdict == "" {
		verdict = "NOTHING to rely on"
	}
	c := &s.Counts
	parts := []string{fmt.Sprintf("%d of %d cases passed", c.Passed, c.Cases)}
	for _, part := range []struct {
		count int
		what  string
	}{{c.Failed, "failed"}, {c.Expired, "expired"}, {c.Mended, "mended"}, {c.Known, "known failures"}, {c.NotRun, "not run"}} {
		if part.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.count, part.what))
		}
	}
	return fmt.Sprintf("%s: %s; %d values compared", verdict, strings.Join(parts, ", "), c.Values)
}

// printable shows what a terminal, a log or a document may take for something else than text as an escape.
func printable(text string) string {
	if strings.IndexFunc(text, unprintable) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if unprintable(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unprintable is also what is not valid UTF-8, which ranging over a string gives as U+FFFD.
func unprintable(r rune) bool { return r == '\uFFFD' || !strconv.IsPrint(r) }

// WriteMarkdown writes the summary as GitHub-flavoured Markdown.
func (s *Summary) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	title := s.Suite
	if title == "" {
		title = "regression"
	}
	fmt.Fprintf(&b, "# %s\n\n%s\n", escapeMarkdown(title), escapeMarkdown(s.line()))
	var rows []*CaseSummary
	for _, status := range severity {
		if status != StatusPassed {
			rows = append(rows, s.bySeverity(status)...)
		}
	}
	if len(rows) > 0 {
		b.WriteString("\n| case | status | first divergence | reproduce |\n|---|---|---|---|\n")
	}
	for _, row := range rows {
		what := slices.DeleteFunc([]string{row.First, row.Remark}, func(s string) bool { return s == "" })
		fmt.Fprintf(&b, "| %s | %s%s | %s | %s |\n", escapeMarkdown(row.Name), row.Status, row.how(),
			escapeMarkdown(strings.Join(what, "; ")), escapeMarkdown(row.Reproduce))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

// escapeMarkdown makes text mean itself in a line or a cell of a table.
func escapeMarkdown(text string) string {
	var b strings.Builder
	for _, r := range printable(text) {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_{}[]#|~!@", r):
			fmt.Fprintf(&b, "&#%d;", r) // an entity is never markup, nor a mention
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
