package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

func newTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

// cellRow is a line of a cell's tables: a fix op and what it quantizes.
type cellRow struct {
	label  string
	source *xmodel.Op
	format fixed.Format
	place  int // in execution order
}

// writeCell explains one cell: its parameters, then its nodes in the order of execution.
func writeCell(w io.Writer, g *xmodel.Graph) error {
	cell := xmodel.Cell{Graph: g}
	input, err := cell.Input()
	if err != nil {
		return err
	}
	output, err := cell.Output()
	if err != nil {
		return err
	}
	params, nodes, err := cellRows(g)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s, %s → %s\n", g.Name, count(input, "feature"), count(output, "unit"))
	fmt.Fprintf(w, "%d ops: %s\n", len(g.Ops), countOps(g))
	for _, oddity := range xmodel.Oddities(g) {
		fmt.Fprintf(w, "odd: %s\n", oddity)
	}
	table := newTable(w)
	fmt.Fprintln(table, "  parameter\tshape\tformat\trange of the format\tsmallest\tlargest")
	for _, row := range params {
		low, high, err := extremes(row.source)
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%.6g\t%.6g\n", row.label, shape(row.source.Output.Shape), row.format, realRange(row.format), low, high)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	table = newTable(w)
	fmt.Fprintln(table, "  node, in order of execution\top\tshape\tformat\trange of the format")
	for _, row := range nodes {
		kind := row.source.Type
		if kind == "fix" {
			kind = "cut"
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\n", row.label, kind, shape(row.source.Output.Shape), row.format, realRange(row.format))
	}
	return table.Flush()
}

// cellRows gives the fix ops behind parameters and those behind nodes. A standard cell's are in the order of quant_info.json,
// any other graph's in that of the file.
func cellRows(g *xmodel.Graph) (params, nodes []cellRow, err error) {
	places := executionPlaces(g)
	index := g.Index()
	for i, op := range g.Ops {
		if op.Type != "fix" || len(op.Input("input")) != 1 {
			continue
		}
		format, err := xmodel.FixFormat(op)
		if err != nil {
			return nil, nil, err
		}
		name := xmodel.NodeName(g.Name, op.Name)
		row := cellRow{label: xmodel.Label(name), source: index[op.Input("input")[0]], format: format, place: len(places) + i}
		if place, known := places[name]; known {
			row.place = place
		}
		if linear, isCut := strings.CutSuffix(row.label, "_pre_fix_i0"); isCut {
			row.label = "input of " + linear
		}
		if row.source.Type == "const" {
			params = append(params, row)
		} else {
			nodes = append(nodes, row)
		}
	}
	byPlace := func(a, b cellRow) int { return a.place - b.place }
	slices.SortStableFunc(params, byPlace)
	slices.SortStableFunc(nodes, byPlace)
	return params, nodes, nil
}

// executionPlaces numbers the nodes and parameters of a standard cell by name; it is empty for any other graph.
func executionPlaces(g *xmodel.Graph) map[string]int {
	kind := xmodel.LSTM
	if g.Node("input_2") == nil {
		kind = xmodel.GRU
	}
	places := map[string]int{}
	put := func(label string) { places[xmodel.Sanitize(label)] = len(places) }
	for _, label := range xmodel.Parameters(kind, true) {
		put(label)
	}
	for _, n := range xmodel.Nodes(kind) {
		if g.Node(xmodel.Sanitize(n.Label)) == nil {
			return nil
		}
		if n.Op == "matmul" {
			put(xmodel.PreFixName(n.Label))
		}
		put(n.Label)
	}
	return places
}

func extremes(constant *xmodel.Op) (low, high float32, err error) {
	values, err := xmodel.ConstFloats(constant)
	if err != nil || len(values) == 0 {
		return 0, 0, err
	}
	return slices.Min(values), slices.Max(values), nil
}

// realRange is the range of a format in real numbers, both ends included, and its step.
func realRange(f fixed.Format) string {
	return fmt.Sprintf("%g … %.6g, step 2^%d", fixed.Real(f.Min(), f.Position), fixed.Real(f.Max(), f.Position), -f.Position)
}

func shape(dims []int32) string {
	parts := make([]string, len(dims))
	for i, d := range dims {
		parts[i] = fmt.Sprint(d)
	}
	return strings.Join(parts, "×")
}
