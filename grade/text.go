package grade

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteText writes the scores by family, and up to most of the faults that were missed, of those that are open, and of those that are
// impossible; 0 is all of them.
func (r *Report) WriteText(w io.Writer, most int) error {
	t := &text{most: most}
	fmt.Fprintf(t, "%d faults, one at a time; %d sequences, %d steps\n\n", r.Faults, r.Sequences, r.Steps)
	table := tabwriter.NewWriter(t, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "%-*s\t\tevery node\t\t\t\t\tonly h\t\t\t\t\t\n", familyWidth, "")
	fmt.Fprintf(table, "%-*s\tfaults\tnoticed\tmissed\topen\timpossible\tscore\tnoticed\tmissed\topen\timpossible\tscore\t\n", familyWidth, "of")
	for _, f := range r.Families {
		if f.Faults > 0 {
			f.row(table)
		}
	}
	all := Family{"all", r.Faults, r.Nodes, r.Output}
	all.row(table)
	if err := table.Flush(); err != nil {
		return err
	}
	if r.Searched {
		t.missed(r)
		t.list(r, Open, "open: not noticed, and neither an input nor a proof was found", func(*Result, *Sight) string { return "" })
		t.list(r, Impossible, "impossible: no input shows it", func(_ *Result, s *Sight) string { return s.Proof })
	}
	fmt.Fprintf(t, "\nscore %.1f %% of what any input shows at a node, %.1f %% of what any shows in h\n", r.Nodes.Percent, r.Output.Percent)
	lines := strings.Split(t.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ") // the table's last column ends in its padding
	}
	if _, err := io.WriteString(w, strings.Join(lines, "\n")); err != nil {
		return fmt.Errorf("print the grade: %w", err)
	}
	return nil
}

// familyWidth is that of the longest name.
const familyWidth = 11

func (f *Family) row(table io.Writer) {
	fmt.Fprintf(table, "%-*s\t%d\t%s%s\n", familyWidth, f.Name, f.Faults, f.Nodes.cells(), f.Output.cells())
}

func (s *Score) cells() string {
	return fmt.Sprintf("%d\t%d\t%d\t%d\t%.1f %%\t", s.Noticed, s.Missed, s.Open, s.Impossible, s.Percent)
}

// text is a report as it grows.
type text struct {
	strings.Builder
	most int
}

func (t *text) missed(r *Report) {
	t.list(r, Missed, "missed: not noticed, though an input shows it", func(_ *Result, s *Sight) string {
		from := fmt.Sprintf("input %d", s.First)
		if s.Count > 1 {
			from = fmt.Sprintf("inputs %d and %d", s.First, s.First+s.Count-1)
		}
		return fmt.Sprintf("%s, step %d, %s[%d]", from, s.At.Step, s.At.Node, s.At.Index)
	})
}

// list writes the faults that have an outcome, at a node or, where that is another, in h.
func (t *text) list(r *Report, outcome Outcome, title string, detail func(*Result, *Sight) string) {
	var lines []string
	for i := range r.Results {
		one := &r.Results[i]
		where, sight := "", &one.Nodes
		switch {
		case one.Nodes.Outcome == outcome && one.Output.Outcome == outcome:
		case one.Nodes.Outcome == outcome:
			where = "at a node: "
		case one.Output.Outcome == outcome:
			where, sight = "in h: ", &one.Output
		default:
			continue
		}
		line := "  " + where + one.Text + "\n"
		if told := detail(one, sight); told != "" {
			line += "    " + told + "\n"
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(t, "\n%s\n", title)
	shown := len(lines)
	if t.most > 0 {
		shown = min(shown, t.most)
	}
	for _, line := range lines[:shown] {
		t.WriteString(line)
	}
	if shown < len(lines) {
		fmt.Fprintf(t, "  and %d more\n", len(lines)-shown)
	}
}

// WriteJSON writes the report as one indented document.
func (r *Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("print the grade: %w", err)
	}
	return nil
}
