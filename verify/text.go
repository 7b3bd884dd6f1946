package verify

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// TextOptions says how much a report tells.
type TextOptions struct {
	// Statistics shows a line for each node of every comparison; otherwise only nodes that differ have one, and those of the
	// float model.
	Statistics bool
	// Divergences is how many are shown in full, the others get a line each; 0 is the first alone.
	Divergences int
	// Columns is the width of the terminal, where heat maps are drawn if they were kept and it is wide enough; 0 is no terminal.
	Columns int
}

// WriteText writes the report for a person: what was verified, a paragraph a check, and the verdict as the last line.
func (r *Report) WriteText(w io.Writer, options TextOptions) error {
	t := &textWriter{options: options}
	t.head(r)
	for i := range r.Checks {
		t.check(&r.Checks[i])
	}
	for _, note := range r.Notes {
		t.linef("note: %s", note)
	}
	t.linef("%s", r.Summary())
	if _, err := io.WriteString(w, t.text.String()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// WriteText writes a comparison alone, without the report around it, and the verdict as the last line.
func (c *Comparison) WriteText(w io.Writer, options TextOptions) error {
	t := &textWriter{options: options}
	t.comparison(c, false)
	t.linef("%s", c.Verdict())
	if _, err := io.WriteString(w, t.text.String()); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	return nil
}

// Summary is the verdict in a line, the last one of the text form.
func (r *Report) Summary() string {
	var values, wrong int64
	for _, check := range r.Checks {
		values += check.Compared
		wrong += check.Wrong
		if check.Comparison != nil {
			values += check.Comparison.Counts.Values
			if !check.Comparison.informative {
				wrong += check.Comparison.Counts.Wrong
			}
		}
	}
	switch r.Verdict {
	case Nothing:
		return "NOTHING was compared in a check that was asked for: this says nothing about the model"
	case Pass:
		return fmt.Sprintf("PASS: %s, %s compared", plural(int64(len(r.Checks)), "check"), plural(values, "value"))
	}
	failed := 0
	for _, check := range r.Checks {
		if check.Verdict == Fail {
			failed++
		}
	}
	return fmt.Sprintf("FAIL: %d of %s, %s of %s wrong", failed, plural(int64(len(r.Checks)), "check"), grouped(wrong), plural(values, "value"))
}

// textWriter collects the lines of a report.
type textWriter struct {
	options TextOptions
	text    strings.Builder
}

func (t *textWriter) linef(format string, args ...any) {
	line := strings.TrimRight(fmt.Sprintf(format, args...), " ")
	t.text.WriteString(line + "\n")
}

// table writes rows of cells that are separated by tabs, aligned, under an indent.
func (t *textWriter) table(indent string, rows []string) {
	var aligned strings.Builder
	w := tabwriter.NewWriter(&aligned, 0, 0, 2, ' ', 0)
	var errs []error
	for _, row := range rows {
		_, err := fmt.Fprintln(w, row)
		errs = append(errs, err)
	}
	if err := errors.Join(append(errs, w.Flush())...); err != nil {
		panic(err) // a strings.Builder takes everything
	}
	for line := range strings.Lines(aligned.String()) {
		t.linef("%s%s", indent, strings.TrimRight(line, " \n"))
	}
}

func (t *textWriter) head(r *Report) {
	if r.Case != "" {
		t.linef("case      %s", r.Case)
	}
	t.linef("model     %s", r.Model.Source)
	for _, cell := range r.Model.Cells {
		t.linef("          layer %d %s: %d features, %d units, %d nodes", cell.Layer, cell.Direction, cell.Input, cell.Hidden, cell.Nodes)
	}
	if len(r.Model.Cells) == 0 { // it was refuted without a run
		t.linef("")
		return
	}
	t.linef("          digest %.16s", r.Model.Digest)
	source := r.Stimulus.Source
	if source == "" {
		source = "of unnamed origin"
	}
	if r.Stimulus.Seeded {
		source = fmt.Sprintf("none was given: %s, seed %d", source, r.Stimulus.Seed)
	}
	t.linef("stimulus  %s", source)
	t.linef("          %s, %s of %s", plural(int64(r.Stimulus.Sequences), "sequence"), plural(int64(r.Stimulus.Steps), "step"), plural(int64(r.Stimulus.Features), "feature"))
	if r.Compat != "sane" {
		t.linef("semantics %s, faults of the original included", r.Compat)
	}
	t.linef("")
}

func (t *textWriter) check(c *Check) {
	verdict := string(c.Verdict)
	if c.Informative && c.Verdict == Pass {
		verdict = "INFO"
	}
	t.linef("%-7s %s", verdict, c.Title)
	if c.Against != "" {
		t.linef("        %s", c.Against)
	}
	if c.MinSQNR != nil {
		t.linef("        at least %g dB wanted at the output of each cell", *c.MinSQNR)
		for _, node := range c.Below {
			t.linef("        below it: %s", node)
		}
	}
	if c.Comparison != nil {
		t.comparison(c.Comparison, c.Name == NameFloat)
	}
	for _, finding := range c.Findings {
		t.linef("        %s", finding)
	}
	t.linef("")
}
