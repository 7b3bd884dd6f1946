package verify

import (
	"encoding/json"
	"fmt"
	"io"
)

// WriteText writes the diagnosis for a person: the cause first, then what shows it.
func (d *Diagnosis) WriteText(w io.Writer) error {
	t := &textWriter{}
	switch d.Outcome {
	case NothingJudged:
		t.linef("nothing judged: the trace has no node whose operands it has too")
	case NothingWrong:
		t.linef("nothing is wrong: all %s follow from what was recorded", plural(d.Judged, "value"))
	case Explained:
		t.linef("explained by: %s (all %s agree)", d.Cause.Text, plural(d.Judged, "value"))
		t.linef("  %s: %s wrong without it", faultIDs(d.Cause), grouped(d.Wrong))
		t.same(d.Same)
	case NotExplained:
		t.linef("nothing in the catalogue explains what is wrong, %s of %s, alone or in pairs", plural(d.Wrong, "value"), grouped(d.Judged))
		t.partial(d.Partial, d.Wrong)
	}
	t.wrongNodes(d)
	for _, note := range d.Notes {
		t.linef("note: %s", note)
	}
	counts := fmt.Sprintf("%s, %s", plural(int64(d.Sequences), "sequence"), plural(d.Frames, "frame"))
	if d.Tried > 0 {
		counts += ", " + plural(int64(d.Tried), "fault") + " and pairs tried"
	}
	t.linef("%s", counts)
	if _, err := io.WriteString(w, t.text.String()); err != nil {
		return fmt.Errorf("write the diagnosis: %w", err)
	}
	return nil
}

// WriteJSON writes the diagnosis as one indented document.
func (d *Diagnosis) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(d); err != nil {
		return fmt.Errorf("write the diagnosis: %w", err)
	}
	return nil
}

func faultIDs(c *Cause) string {
	text := c.Faults[0]
	for _, id := range c.Faults[1:] {
		text += " + " + id
	}
	return text
}

func (t *textWriter) same(causes []Cause) {
	const most = 6
	if len(causes) == 0 {
		return
	}
	t.linef("these stimuli cannot tell it from:")
	for i := range causes[:min(len(causes), most)] {
		t.linef("  %s", causes[i].Text)
	}
	if len(causes) > most {
		t.linef("  and %d more", len(causes)-most)
	}
}

func (t *textWriter) partial(causes []Cause, wrong int64) {
	if len(causes) == 0 {
		return
	}
	t.linef("the nearest:")
	rows := make([]string, len(causes))
	for i := range causes {
		c := &causes[i]
		rows[i] = fmt.Sprintf("%.1f %% explained\t%s differ\t%s", 100*float64(c.Explains)/float64(wrong), grouped(c.Leaves), c.Text)
	}
	t.table("  ", rows)
}

func (t *textWriter) wrongNodes(d *Diagnosis) {
	if len(d.Nodes) == 0 {
		return
	}
	t.linef("")
	t.linef("what does not follow from the recorded operands, from %s on", d.First)
	rows := []string{"node\tjudged\twrong\tunits"}
	for i := range d.Nodes {
		n := &d.Nodes[i]
		rows = append(rows, fmt.Sprintf("%d.%s.%s\t%s\t%s\t%d of %d", n.Layer, direction(n.Back), n.Node, grouped(n.Judged), grouped(n.Wrong), n.Units, n.Width))
	}
	t.table("  ", rows)
	t.linef("")
}
