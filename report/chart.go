package report

import (
	"cmp"
	"fmt"
	"slices"

	"rnnsim/verify"
)

// chartView is a chart over steps, with the same numbers as a table.
type chartView struct {
	ID, Title, Note string
	Series          []string
	Rows            []chartRow
	RowsLeft        int
}

// chartRow is a line of the table: a step, or the steps that are taken together.
type chartRow struct {
	Step   string
	Values []string
}

// chartData is what a chart is drawn from. A value that is nil is a gap.
type chartData struct {
	Kind   string       `json:"kind"` // delta, sqnr or course
	Unit   string       `json:"unit"`
	Steps  []int        `json:"steps"`
	Mark   *int         `json:"mark,omitempty"` // a step to be marked
	Series []seriesData `json:"series"`
}

type seriesData struct {
	Label  string     `json:"label"`
	Values []*float64 `json:"values"`
}

const (
	// mostSeries is how many nodes a chart has: more cannot be told apart.
	mostSeries = 6
	// mostRows is how many lines the table of a chart has.
	mostRows = 256
)

// drawCourses draws the error and the SQNR over time of the nodes that differ most.
func (p *page) drawCourses(f *figures, id string, nodes []*verify.NodeStats) {
	var differ []*verify.NodeStats
	for _, n := range nodes {
		if len(n.Steps) > 0 && n.MaxDelta > 0 {
			differ = append(differ, n)
		}
	}
	if len(differ) == 0 {
		return
	}
	chosen := mostTelling(differ)
	if len(chosen) < len(differ) {
		f.Notes = append(f.Notes, fmt.Sprintf("Over time, %d of %d nodes with an error are drawn: outputs first, then those with the least SQNR.", len(chosen), len(differ)))
	}
	if together := chosen[0].Steps[0].Count; together > 1 {
		f.Notes = append(f.Notes, fmt.Sprintf("Over time, a point is %s, told by the first of them.", plural(together, "step")))
	}
	delta := chartData{Kind: "delta", Unit: "LSB", Steps: stepsOf(chosen)}
	ratio := chartData{Kind: "sqnr", Unit: "dB", Steps: delta.Steps}
	for _, n := range chosen {
		deltas, ratios := make([]*float64, len(delta.Steps)), make([]*float64, len(delta.Steps))
		for i := range n.Steps {
			at, _ := slices.BinarySearch(delta.Steps, n.Steps[i].Step)
			deltas[at], ratios[at] = &n.Steps[i].MaxDelta, n.Steps[i].SQNR
		}
		delta.Series = append(delta.Series, seriesData{placeOf(n), deltas})
		ratio.Series = append(ratio.Series, seriesData{placeOf(n), ratios})
	}
	f.Charts = append(f.Charts,
		p.Data.chart(id+"-delta", "Largest |delta| by step, in LSB", "", delta),
		p.Data.chart(id+"-sqnr", "SQNR by step, in dB", "A gap is a step without any error, or without a signal.", ratio))
}

// mostTelling chooses the nodes of a chart.
func mostTelling(nodes []*verify.NodeStats) []*verify.NodeStats {
	ratio := func(n *verify.NodeStats) float64 {
		if n.SQNR == nil {
			return 1e9
		}
		return *n.SQNR
	}
	output := func(n *verify.NodeStats) int {
		if n.Output || n.Node == "h_next" {
			return 0
		}
		return 1
	}
	sorted := slices.Clone(nodes)
	slices.SortStableFunc(sorted, func(a, b *verify.NodeStats) int {
		return cmp.Or(cmp.Compare(output(a), output(b)), cmp.Compare(ratio(a), ratio(b)))
	})
	return sorted[:min(len(sorted), mostSeries)]
}

// stepsOf is all steps that the nodes have statistics of, in order.
func stepsOf(nodes []*verify.NodeStats) []int {
	var steps []int
	for _, n := range nodes {
		for i := range n.Steps {
			steps = append(steps, n.Steps[i].Step)
		}
	}
	slices.Sort(steps)
	return slices.Compact(steps)
}

// chart keeps the numbers of a chart for the script and gives what the page shows of it.
func (d *data) chart(id, title, note string, c chartData) *chartView {
	d.Charts[id] = c
	view := &chartView{ID: id, Title: title, Note: note}
	for _, s := range c.Series {
		view.Series = append(view.Series, s.Label)
	}
	for i, step := range c.Steps[:min(len(c.Steps), mostRows)] {
		row := chartRow{Step: fmt.Sprint(step)}
		for _, s := range c.Series {
			text := "–"
			if v := s.Values[i]; v != nil {
				text = lsbText(*v)
			}
			row.Values = append(row.Values, text)
		}
		view.Rows = append(view.Rows, row)
	}
	view.RowsLeft = len(c.Steps) - len(view.Rows)
	return view
}

// courseChart shows one place from step to step around a divergence.
func courseChart(id string, d *verify.Divergence, into *data) *chartView {
	c := chartData{Kind: "course", Unit: d.Format, Mark: &d.Address.Step}
	for i := range d.Course.Got {
		c.Steps = append(c.Steps, d.Course.FirstStep+i)
	}
	sides := []seriesData{{"got", pointers(d.Course.Got)}}
	if len(d.Course.Want) > 0 {
		sides = append(sides, seriesData{"want", pointers(d.Course.Want)})
	}
	c.Series = sides
	title := fmt.Sprintf("%s[%d] from step to step", d.Address.Node, d.Address.Index)
	return into.chart(id, title, fmt.Sprintf("As integers at the node's position; the divergence is at step %d.", d.Address.Step), c)
}

func pointers(values []float64) []*float64 {
	list := make([]*float64, len(values))
	for i := range values {
		list[i] = &values[i]
	}
	return list
}
