package report

import (
	"fmt"
	"math"
	"strings"

	"rnnsim/internal/fixed"
	"rnnsim/verify"
)

// lookupView shows which entries of its table a node looked up, under the table's curve.
type lookupView struct {
	Place, Table string
	Fields       int
	Levels       []lookupLevel
	Curve        string // points of the table's function
	Low, High    string // the ends of its input range
	Facts        []fact
	Alt          string
}

// lookupLevel is the fields of about the same count.
type lookupLevel struct{ Class, Path string }

// lookupLevels is how many shades there are.
const lookupLevels = 5

func newLookupView(n *verify.NodeStats) lookupView {
	l := n.Lookups
	table := fixed.Sigmoid
	if l.Table == fixed.Tanh.Name {
		table = fixed.Tanh
	}
	reach := math.Ldexp(fixed.TableSize/2, -table.IndexPosition)
	v := lookupView{
		Place: placeOf(n), Table: l.Table, Fields: len(l.Counts), Curve: curve(table, len(l.Counts)),
		Low: lsbText(-reach), High: lsbText(reach),
	}
	most, hit := highest(l.Counts), 0
	paths := make([]strings.Builder, lookupLevels)
	for i, count := range l.Counts {
		if count == 0 {
			continue
		}
		hit++
		share := math.Log1p(float64(count)) / math.Log1p(float64(most))
		level := min(int(share*lookupLevels), lookupLevels-1)
		fmt.Fprintf(&paths[level], "M%d 0h1v%dh-1z", i, tall)
	}
	for i := range paths {
		if paths[i].Len() > 0 {
			v.Levels = append(v.Levels, lookupLevel{fmt.Sprintf("level-%d", i+1), paths[i].String()})
		}
	}
	v.Facts = []fact{
		{Name: "fields hit", Value: fmt.Sprintf("%d of %d", hit, len(l.Counts))},
		{Name: "left of the table", Value: grouped(l.Left)},
		{Name: "right of it", Value: grouped(l.Right)},
	}
	v.Alt = fmt.Sprintf("%s table over inputs from %s to %s: %d of %d fields of %d entries looked up", l.Table, v.Low, v.High, hit, len(l.Counts), l.EntriesAField)
	return v
}

// curve is the table's values as points, over so many fields.
func curve(table *fixed.Table, fields int) string {
	var points strings.Builder
	low, high := float64(table.Below), float64(table.Above)
	for i := 0; i <= fields; i++ {
		entry := min(i*fixed.TableSize/fields, fixed.TableSize-1)
		share := (float64(table.Entries[entry]) - low) / (high - low)
		fmt.Fprintf(&points, "%d,%.2f ", i, tall*(0.95-0.9*share))
	}
	return strings.TrimSpace(points.String())
}
