package report

import (
	"fmt"

	"rnnsim/verify"
)

// figures are the tables and pictures of a comparison.
type figures struct {
	Rows       []nodeRow
	RowsLeft   int
	Kinds      kinds
	Heats      []heatView
	HeatScale  string
	Charts     []*chartView
	Histograms []histogram
	Lookups    []lookupView
	Notes      []string // what was reduced, and how
}

// kinds says which outcomes besides equal and different there are, so that the table has no empty columns.
type kinds struct{ Tolerated, Explained, Misreported, Saturated bool }

// nodeRow is the statistics of a node.
type nodeRow struct {
	*verify.NodeStats
	Place   string
	Steps   string
	Differs bool
}

const (
	// mostNodes is how many nodes of a comparison have a row, and a picture of each kind.
	mostNodes = 96
	mostHeats = 24
)

// draw makes the figures of a check; values adds how values lie in their ranges.
func (p *page) draw(c *check, values bool) *figures {
	f := &figures{}
	nodes := compared(c.Comparison)
	shown := nodes
	if len(nodes) > mostNodes {
		shown = differingFirst(nodes)[:mostNodes]
		f.Notes = append(f.Notes, fmt.Sprintf("%d of %d nodes shown, those that differ before the others.", mostNodes, len(nodes)))
		f.RowsLeft = len(nodes) - mostNodes
	}
	for _, n := range shown {
		f.Rows = append(f.Rows, nodeRow{NodeStats: n, Place: placeOf(n), Steps: stepsText(n), Differs: n.Different > 0})
		f.Kinds.Tolerated = f.Kinds.Tolerated || n.Tolerated > 0
		f.Kinds.Explained = f.Kinds.Explained || n.Explained > 0
		f.Kinds.Misreported = f.Kinds.Misreported || n.Misreported > 0
	}
	p.drawHeats(f, c.ID, nodes)
	p.drawCourses(f, c.ID, nodes)
	if values {
		for _, n := range shown {
			if n.GotValues != nil {
				f.Histograms = append(f.Histograms, newHistogram(n))
			}
			if n.Lookups != nil {
				f.Lookups = append(f.Lookups, newLookupView(n))
			}
		}
	}
	return f
}

// compared gives the nodes of which values were compared.
func compared(c *verify.Comparison) []*verify.NodeStats {
	var nodes []*verify.NodeStats
	for i := range c.Nodes {
		if c.Nodes[i].Compared > 0 {
			nodes = append(nodes, &c.Nodes[i])
		}
	}
	return nodes
}

func differingFirst(nodes []*verify.NodeStats) []*verify.NodeStats {
	var differ, rest []*verify.NodeStats
	for _, n := range nodes {
		if n.Different > 0 {
			differ = append(differ, n)
		} else {
			rest = append(rest, n)
		}
	}
	return append(differ, rest...)
}

func stepsText(n *verify.NodeStats) string {
	if n.Different == 0 || n.FirstStep < 0 {
		return "–"
	}
	text := fmt.Sprintf("%d to %d", n.FirstStep, n.LastStep)
	if n.FirstStep == n.LastStep {
		text = fmt.Sprint(n.FirstStep)
	}
	if n.Grows {
		text += ", growing"
	}
	return text
}
