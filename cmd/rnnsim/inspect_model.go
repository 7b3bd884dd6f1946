package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

func newTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

func writeModel(w io.Writer, path string, m *xmodel.Model) error {
	fmt.Fprintf(w, "%s: a quantized network of %s\ndigest %s\n", path, count(len(m.Cells), "cell"), m.Digest())
	for i := range m.Cells {
		cell := &m.Cells[i]
		direction := "forward"
		if cell.Backward {
			direction = "backward"
		}
		fmt.Fprintf(w, "\nlayer %d %s: ", cell.Layer, direction)
		if err := writeCell(w, cell.Graph); err != nil {
			return err
		}
	}
	return nil
}

func writeCellGraph(w io.Writer, path string, g *xmodel.Graph) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: a quantized cell, %d bytes\n", path, info.Size())
	return writeCell(w, g)
}

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
	fmt.Fprintf(w, "%s, %s in, %s\n", g.Name, count(input, "feature"), count(output, "unit"))
	fmt.Fprintf(w, "%d ops: %s\n", len(g.Ops), countOps(g))
	for _, oddity := range xmodel.Oddities(g) {
		fmt.Fprintf(w, "odd: %s\n", oddity)
	}
	table := newTable(w)
	fmt.Fprintln(table, "  node\top\twidth\tbits\tposition\trange\tlsb")
	index := g.Index()
	for _, op := range g.Ops {
		if op.Type != "fix" || len(op.Input("input")) != 1 {
			continue
		}
		format, err := xmodel.FixFormat(op)
		if err != nil {
			return err
		}
		source := index[op.Input("input")[0]]
		name := xmodel.NodeName(g.Name, op.Name)
		kind := source.Type
		if source.Type == "fix" {
			kind = "cut to bits"
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%d\t%d\t%s\t2^%d\n", xmodel.Label(name), kind, shape(op.Output.Shape), format.Bits, format.Position, realRange(format), -format.Position)
	}
	return table.Flush()
}

// realRange is the range of a format in real numbers, both ends included.
func realRange(f fixed.Format) string {
	return fmt.Sprintf("%g … %g", fixed.Real(f.Min(), f.Position), fixed.Real(f.Max(), f.Position))
}

func shape(dims []int32) string {
	parts := make([]string, len(dims))
	for i, d := range dims {
		parts[i] = fmt.Sprint(d)
	}
	return strings.Join(parts, "×")
}

// countOps says how many ops of each type there are, most first.
func countOps(g *xmodel.Graph) string {
	counts := map[string]int{}
	for _, op := range g.Ops {
		counts[op.Type]++
	}
	types := make([]string, 0, len(counts))
	for t := range counts {
		types = append(types, t)
	}
	slices.SortFunc(types, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	for i, t := range types {
		types[i] = fmt.Sprintf("%d %s", counts[t], t)
	}
	return strings.Join(types, ", ")
}

func writeOtherGraph(w io.Writer, path string, g *xmodel.Graph) error {
	fmt.Fprintf(w, "%s: an XIR graph that is no recurrent cell\ngraph %q, %d ops: %s\n", path, g.Name, len(g.Ops), countOps(g))
	for _, op := range g.Ops {
		if !xmodel.Runnable(op.Type) {
			fmt.Fprintf(w, "it cannot be run here: op %q is of type %q, which no cell has\n", op.Name, op.Type)
			break
		}
	}
	table := newTable(w)
	fmt.Fprintln(table, "  op\ttype\tshape\treads")
	for _, op := range g.Ops {
		if op.Type == "const" || op.Type == "fix" {
			continue
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", op.Name, op.Type, shape(op.Output.Shape), strings.Join(op.Input("input"), ", "))
	}
	return table.Flush()
}

func writeCompiled(w io.Writer, path string, m *xmodel.Compiled) error {
	fmt.Fprintf(w, "%s: a compiled model for %s: an instruction stream and its weights\n", path, m.Target)
	fmt.Fprintf(w, "batch %d, %s, blob of %d bytes, x at position %d, h at position %d\n", m.Batch, count(len(m.Cells), "cell"), len(m.Weights), m.InputPosition, m.OutputPosition)
	if kind, err := xmodel.BlobKind(m); err == nil {
		fmt.Fprintf(w, "kind %s by the size of the blob (the file says %q of every kind)\n", strings.ToUpper(kind.String()), m.ModelType)
	}
	fmt.Fprintf(w, "compiler branch %q, commit %q\n", m.Branch, m.Commit)
	const word = 16 // bytes an instruction
	table := newTable(w)
	fmt.Fprintln(table, "  cell\tinit words\tloop words\tx values\th values\tx lanes\th lanes")
	for _, cell := range m.Cells {
		fmt.Fprintf(table, "  %s\t%d\t%d\t%d\t%d\t%#x\t%#x\n", cell.Name, len(cell.Init)/word, len(cell.Loop)/word, cell.LoadX.Values(), cell.SaveH.Values(), cell.XLanes, cell.HLanes)
	}
	fmt.Fprintf(table, "  end\t%d\n", len(m.End)/word)
	return table.Flush()
}
