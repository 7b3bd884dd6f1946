package verify

import (
	"fmt"
	"strconv"
	"strings"
)

const indent = "        "

// comparison writes what was compared, what only one side has, the divergences, and the nodes.
func (t *textWriter) comparison(c *Comparison, float bool) {
	counts := c.Counts
	t.linef("%s%s, %s, %s, %s, %s", indent, plural(int64(counts.Cells), "cell"), plural(int64(counts.Sequences), "sequence"),
		plural(counts.Steps, "step"), plural(int64(counts.Nodes), "node"), plural(counts.Values, "value"))
	if !float {
		t.linef("%s%s", indent, counts.Kinds())
	}
	t.missing("only in what was got", &c.OnlyGot)
	t.missing("only in what was wanted", &c.OnlyWant)
	for _, note := range c.Notes {
		t.linef("%snote: %s", indent, note)
	}
	if c.First != nil {
		t.divergences(c)
	}
	if float {
		t.floatNodes(c)
		return
	}
	t.nodes(c)
	t.heats(c)
}

// Kinds says how many values are of each kind, leaving out kinds that there are none of.
func (c *Counts) Kinds() string {
	if c.Values > 0 && c.Equal == c.Values {
		return "all equal"
	}
	parts := []string{grouped(c.Equal) + " equal"}
	for _, kind := range []struct {
		count int64
		name  string
	}{{c.Tolerated, "within the tolerance"}, {c.Explained, "explained by float32 rounding"}, {c.Misreported, "misreported as the original does"}} {
		if kind.count > 0 {
			parts = append(parts, grouped(kind.count)+" "+kind.name)
		}
	}
	return strings.Join(append(parts, grouped(c.Wrong)+" wrong"), ", ")
}

func (t *textWriter) missing(where string, m *Missing) {
	const most = 4
	list := func(what string, names []string) {
		if len(names) == 0 {
			return
		}
		shown := names[:min(len(names), most)]
		more := ""
		if len(names) > most {
			more = fmt.Sprintf(" and %d more", len(names)-most)
		}
		t.linef("%s%s: %s %s%s", indent, where, what, strings.Join(shown, ", "), more)
	}
	list("graphs", m.Graphs)
	list("nodes", m.Nodes)
	list("units", m.Units)
	if m.Frames == 0 {
		return
	}
	t.linef("%s%s: %s", indent, where, plural(m.Frames, "frame"))
	for _, r := range m.Ranges[:min(len(m.Ranges), most)] {
		steps := fmt.Sprintf("step %d", r.First)
		if r.Last > r.First {
			steps = fmt.Sprintf("steps %d to %d", r.First, r.Last)
		}
		t.linef("%s  %s, sequence %d, %s", indent, r.Graph, r.Sequence, steps)
	}
	if len(m.Ranges) > most {
		t.linef("%s  and more", indent)
	}
}

func (t *textWriter) divergences(c *Comparison) {
	t.linef("%sthe first of %s (each a node at a step)", indent, plural(c.Divergences, "divergence"))
	t.divergence(c.First)
	rest := c.More
	for len(rest) > 0 && t.options.Divergences > len(c.More)-len(rest)+1 {
		t.divergence(&rest[0])
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return
	}
	t.linef("%sthen", indent)
	rows := make([]string, len(rest))
	for i := range rest {
		d := &rest[i]
		rows[i] = fmt.Sprintf("%s\tgot %s\twant %s\t%s\t%d of %d", d.Address, d.Got.short(), d.Want.short(), lsb(d.Delta), d.Different, d.Width)
	}
	t.table(indent+"  ", rows)
	if left := c.Divergences - int64(len(c.More)) - 1; left > 0 {
		t.linef("%s  and %s more", indent, grouped(left))
	}
}

// short is the value as the trace holds it.
func (v Value) short() string {
	if v.Float {
		return strconv.FormatFloat(v.Real, 'g', 6, 64)
	}
	return strconv.FormatInt(v.Int, 10)
}

func lsb(delta float64) string {
	text := strconv.FormatFloat(delta, 'g', 9, 64)
	if delta > 0 {
		text = "+" + text
	}
	return text + " LSB"
}

// divergence writes one divergence in full.
func (t *textWriter) divergence(d *Divergence) {
	inner := indent + "  "
	t.linef("%s%s", inner, d.Address)
	what := d.Label
	if d.Op != "" {
		what += ", " + d.Op
	}
	t.linef("%s  %s, %s", inner, what, d.Format)
	rows := []string{"\tdecimal\thex\treal"}
	for _, side := range []struct {
		name        string
		value       Value
		saturations int
	}{{"got", d.Got, d.GotSaturations}, {"want", d.Want, d.WantSaturations}} {
		row := fmt.Sprintf("%s\t%s\t%s\t%s", side.name, side.value.short(), side.value.Hex, strconv.FormatFloat(side.value.Real, 'g', 9, 64))
		if side.value.AtLimit {
			row += "\tat the format's limit"
		}
		if side.saturations > 0 {
			row += fmt.Sprintf("\t%s of the node saturated at this step", plural(int64(side.saturations), "value"))
		}
		rows = append(rows, row)
	}
	rows = append(rows, fmt.Sprintf("delta\t%s", lsb(d.Delta)))
	t.table(inner+"  ", rows)
	if d.Note != "" {
		t.linef("%s  %s", inner, d.Note)
	}
	if d.Address.Step != NoStep {
		t.linef("%s  last equal step: %s; of this node: %s; %d of %d values of the node differ here", inner, stepOf(d.LastEqual), stepOf(d.LastEqualNode), d.Different, d.Width)
	} else {
		t.linef("%s  %d of %d values differ", inner, d.Different, d.Width)
	}
	t.neighbours(inner+"  ", d)
	t.operands(inner+"  ", d)
}

func stepOf(step int) string {
	if step == NoStep {
		return "none"
	}
	return strconv.Itoa(step)
}

func (t *textWriter) neighbours(indent string, d *Divergence) {
	if len(d.Neighbours.Got) < 2 {
		return
	}
	index, got, want := "index", "got", "want"
	for i := range d.Neighbours.Got {
		mark := ""
		if d.Neighbours.Got[i] != d.Neighbours.Want[i] {
			mark = " *"
		}
		index += fmt.Sprintf("\t%d%s", d.Neighbours.First+i, mark)
		got += "\t" + strconv.FormatFloat(d.Neighbours.Got[i], 'g', 7, 64)
		want += "\t" + strconv.FormatFloat(d.Neighbours.Want[i], 'g', 7, 64)
	}
	t.table(indent, []string{index, got, want})
}

func (t *textWriter) operands(indent string, d *Divergence) {
	if len(d.Inputs) == 0 {
		return
	}
	rows := make([]string, len(d.Inputs))
	for i, o := range d.Inputs {
		rows[i] = fmt.Sprintf("from %s[%d]\tgot %s\twant %s\t", o.Node, o.Index, o.Got.short(), o.Want.short())
		if o.Different == 0 {
			rows[i] += "all the same on both sides"
		} else {
			rows[i] += fmt.Sprintf("%d of %d differ", o.Different, o.Width)
		}
	}
	t.table(indent, rows)
}

// nodes writes a line for each node that has something to tell.
func (t *textWriter) nodes(c *Comparison) {
	rows := []string{"node\tcompared\tdifferent\tmax |delta|\tmean |delta|\tSQNR dB\tsteps"}
	for i := range c.Nodes {
		n := &c.Nodes[i]
		if n.Compared == 0 || !t.options.Statistics && n.Different+n.Tolerated == 0 {
			continue
		}
		steps := "-"
		if n.FirstStep != NoStep {
			steps = fmt.Sprintf("%d to %d", n.FirstStep, n.LastStep)
		}
		if n.Grows {
			steps += ", growing"
		}
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s\t%.6g\t%.3g\t%s\t%s", n.place(), grouped(n.Compared), grouped(n.Different), n.MaxDelta, n.MeanDelta, n.decibels(), steps))
	}
	if len(rows) > 1 {
		t.table(indent, rows)
	}
}

// place is the node with its cell, short.
func (n *NodeStats) place() string {
	return fmt.Sprintf("%d.%s.%s", n.Layer, direction(n.Backward), n.Node)
}

// decibels is the SQNR, or "-" where there is no noise or no signal.
func (e *ErrorStats) decibels() string {
	if e.SQNR == nil {
		return "-"
	}
	return strconv.FormatFloat(*e.SQNR, 'f', 1, 64)
}

func direction(backward bool) string {
	if backward {
		return "bwd"
	}
	return "fwd"
}
