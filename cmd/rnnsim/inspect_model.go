package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"rnnsim/xmodel"
)

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
	alone, err := xmodel.NewModel(g)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	direction, err := g.Direction()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	fmt.Fprintf(w, "%s: a quantized cell, %s, %d bytes\ndigest %s\n\n", path, direction, info.Size(), alone.Digest())
	return writeCell(w, g)
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
	fmt.Fprintf(w, "%s: an XIR graph that is no recurrent cell\n", path)
	if err := writeDigest(w, path); err != nil {
		return err
	}
	fmt.Fprintf(w, "graph %q, %d ops: %s\n", g.Name, len(g.Ops), countOps(g))
	for _, op := range g.Ops {
		if !xmodel.Runnable(op.Type) {
			fmt.Fprintf(w, "it cannot be run here: op %q is of type %q, which no cell has\n", op.Name, op.Type)
			break
		}
	}
	if g.FileKind() == xmodel.CellGraph {
		fmt.Fprintln(w, "it cannot be run here: it has no input_0, which a cell reads")
	}
	prefix := commonPrefix(g)
	if prefix != "" {
		fmt.Fprintf(w, "names without their common start %q\n", prefix)
	}
	table := newTable(w)
	fmt.Fprintln(table, "  op\ttype\tshape\treads")
	for _, op := range g.Ops {
		if op.Type == "const" || op.Type == "fix" {
			continue
		}
		var reads []string
		for _, name := range op.Input("input") {
			reads = append(reads, strings.TrimPrefix(name, prefix))
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", strings.TrimPrefix(op.Name, prefix), op.Type, shape(op.Output.Shape), strings.Join(reads, ", "))
	}
	return table.Flush()
}

// commonPrefix is what the names of all ops but constants start with, up to the last "__" or "/", where it is worth leaving
// out.
func commonPrefix(g *xmodel.Graph) string {
	prefix, first := "", true
	for _, op := range g.Ops {
		if op.Type == "const" || op.Type == "fix" {
			continue
		}
		if first {
			prefix, first = op.Name, false
		}
		for !strings.HasPrefix(op.Name, prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	end := 0
	for _, separator := range []string{"__", "/"} {
		if at := strings.LastIndex(prefix, separator); at >= 0 {
			end = max(end, at+len(separator))
		}
	}
	return prefix[:end]
}

func writeCompiled(w io.Writer, path string, m *xmodel.Compiled) error {
	fmt.Fprintf(w, "%s: a compiled model for %s: an instruction stream and its weights\n", path, m.Target)
	if err := writeDigest(w, path); err != nil {
		return err
	}
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
