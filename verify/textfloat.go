package verify

import (
	"fmt"
	"strings"
)

// floatNodes writes the comparison with a float model: the output of each cell and the worst node, or all nodes; then how the
// outputs' SQNR goes with the step.
func (t *textWriter) floatNodes(c *Comparison) {
	worst := -1
	for i := range c.Nodes {
		if c.Nodes[i].SQNR != nil && (worst < 0 || *c.Nodes[i].SQNR < *c.Nodes[worst].SQNR) {
			worst = i
		}
	}
	rows := []string{"node\tSQNR dB\tlargest error\tmean error\tlargest in LSB"}
	for i := range c.Nodes {
		n := &c.Nodes[i]
		if n.Compared == 0 || !t.options.Statistics && !n.Output && i != worst {
			continue
		}
		remark := ""
		if i == worst {
			remark = "\tthe worst"
		}
		rows = append(rows, fmt.Sprintf("%s\t%s\t%.3g\t%.3g\t%.4g%s", n.place(), n.decibels(), n.MaxError, n.MeanError, n.MaxDelta, remark))
	}
	if len(rows) == 1 {
		return
	}
	t.table(indent, rows)
	for i := range c.Nodes {
		if n := &c.Nodes[i]; n.Output && len(n.Steps) > 1 {
			t.linef("%s%s by step: %s dB", indent, n.place(), n.stepDecibels())
		}
	}
}

// stepDecibels lists the SQNR of some steps, evenly chosen, from the first to the last.
func (n *NodeStats) stepDecibels() string {
	const most = 10
	shown := min(len(n.Steps), most)
	parts := make([]string, shown)
	for i := range parts {
		row := &n.Steps[i*(len(n.Steps)-1)/(shown-1)]
		parts[i] = fmt.Sprintf("%d: %s", row.Step, row.decibels())
	}
	return strings.Join(parts, ", ")
}
