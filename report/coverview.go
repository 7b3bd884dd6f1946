package report

import (
	"rnnsim/coverage"
)

// coverageView is what of the datapath the stimulus exercises.
type coverageView struct {
	*coverage.Report
	Percent float64
	Rows    []coverageRow
	Left    int // nodes without a row
}

// coverageRow is the bins of a node.
type coverageRow struct {
	Node                     string
	Op                       string
	Hit, Unreachable, Missed int
	// Bins are their classes in order, for squares of a colour; Misses are the names of those that were missed.
	Bins   []binView
	Misses []string
}

type binView struct{ Class, Name string }

// mostCovered is how many nodes have a row.
const mostCovered = 192

func newCoverageView(r *coverage.Report) *coverageView {
	v := &coverageView{Report: r, Percent: r.Percent()}
	graphs := map[string]bool{}
	for i := range r.Nodes {
		graphs[r.Nodes[i].Graph] = true
	}
	for i := range r.Nodes {
		if len(v.Rows) == mostCovered {
			v.Left = len(r.Nodes) - mostCovered
			break
		}
		n := &r.Nodes[i]
		row := coverageRow{Node: n.Name, Op: n.Op}
		if len(graphs) > 1 {
			row.Node = n.Graph + "/" + n.Name
		}
		for _, bin := range n.Bins {
			switch {
			case bin.Hit:
				row.Hit++
				row.Bins = append(row.Bins, binView{"hit", bin.Name})
			case bin.Unreachable:
				row.Unreachable++
				row.Bins = append(row.Bins, binView{"unreachable", bin.Name})
			default:
				row.Missed++
				row.Bins = append(row.Bins, binView{"missed", bin.Name})
				row.Misses = append(row.Misses, bin.Name)
			}
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}
