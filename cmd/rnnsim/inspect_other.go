package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"rnnsim/dump"
	"rnnsim/model"
	"rnnsim/quant"
)

func writeQuantInfo(w io.Writer, path string, info *quant.Info) error {
	fmt.Fprintf(w, "%s: the formats of a quantized network, [bits,position]\n", path)
	if err := writeDigest(w, path); err != nil {
		return err
	}
	for _, section := range []struct {
		title   string
		entries quant.Section
	}{{"parameters", info.Param}, {"node outputs", info.Output}, {"8-bit inputs of matrix products", info.Input}} {
		if len(section.entries) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%d %s\n", len(section.entries), section.title)
		table := newTable(w)
		for _, e := range section.entries {
			fmt.Fprintf(table, "  %s\t%s\t%s\n", e.Name, e.Format, realRange(e.Format))
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func writeNetwork(w io.Writer, path string, n *model.Network) error {
	fmt.Fprintf(w, "%s: a float network, %s %q, %s\n", path, strings.ToUpper(n.Kind.String()), n.Name, count(len(n.Layers), "layer"))
	if err := writeDigest(w, path); err != nil {
		return err
	}
	table := newTable(w)
	fmt.Fprintln(table, "  part\tshape\tbias\tlargest |weight|")
	if e := n.Embedding; e != nil {
		fmt.Fprintf(table, "  embedding\t%d tokens → %d\t\t%.4g\n", e.Tokens, e.Features, largest(e.Weight))
	}
	for i, layer := range n.Layers {
		for _, cell := range layer.Cells() {
			direction := "forward"
			if cell == layer.Backward {
				direction = "backward"
			}
			fmt.Fprintf(table, "  layer %d %s\t%d → %d\t%s\t%.4g\n", i, direction, cell.Input, cell.Hidden, yesNo(cell.BiasIH != nil), largest(cell.WeightIH, cell.WeightHH))
		}
	}
	for _, d := range n.Head {
		fmt.Fprintf(table, "  dense %s\t%d → %d %s\t%s\t%.4g\n", d.Name, d.Input, d.Output, d.Activation, yesNo(d.Bias != nil), largest(d.Weight))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(n.Head) > 0 && n.LastStepOnly {
		fmt.Fprintln(w, "the head reads the last step only")
	}
	if len(n.Unused) > 0 {
		const most = 8
		shown := strings.Join(n.Unused[:min(most, len(n.Unused))], ", ")
		if len(n.Unused) > most {
			shown += ", …"
		}
		fmt.Fprintf(w, "left out are %s of the file: %s\n", count(len(n.Unused), "tensor"), shown)
	}
	return nil
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func largest(tensors ...[]float32) float64 {
	result := 0.0
	for _, values := range tensors {
		for _, v := range values {
			result = max(result, math.Abs(float64(v)))
		}
	}
	return result
}

// nodeRange is the smallest and the largest value that a node had in a trace, and how many values were clamped.
type nodeRange struct {
	low, high   float64
	seen        bool
	saturations int64
}

func (r *nodeRange) take(v float64) {
	if !r.seen {
		r.low, r.high, r.seen = v, v, true
		return
	}
	r.low, r.high = min(r.low, v), max(r.high, v)
}

func writeTrace(ctx context.Context, w io.Writer, path string, source dump.Source) error {
	header := source.Header()
	ranges := make([][]nodeRange, len(header.Cells))
	steps := make([]int, len(header.Cells))
	sequences := map[int]bool{}
	for i, cell := range header.Cells {
		ranges[i] = make([]nodeRange, len(cell.Nodes))
	}
	frames := 0
	var frame dump.Frame
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := source.Next(&frame)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		frames++
		sequences[frame.Sequence] = true
		steps[frame.Cell]++
		measureFrame(&frame, header.Cells[frame.Cell].Nodes, ranges[frame.Cell])
	}
	fmt.Fprintf(w, "%s: a trace, %s, %s, %s\n", path, count(len(header.Cells), "cell"), count(len(sequences), "sequence"), count(frames, "frame"))
	for _, key := range slices.Sorted(maps.Keys(header.Meta)) {
		fmt.Fprintf(w, "%s %s\n", key, header.Meta[key])
	}
	for i, cell := range header.Cells {
		fmt.Fprintf(w, "\n%s, %s, %s\n", cell.Graph, count(steps[i], "frame"), count(len(cell.Params), "parameter"))
		if err := writeRanges(w, cell, ranges[i]); err != nil {
			return err
		}
	}
	return nil
}

func measureFrame(frame *dump.Frame, nodes []dump.Node, ranges []nodeRange) {
	for i, node := range nodes {
		if node.Float {
			for _, v := range frame.Float[i] {
				ranges[i].take(float64(v))
			}
			continue
		}
		for _, v := range frame.Fixed[i] {
			ranges[i].take(math.Ldexp(float64(v), -node.Position))
		}
		if frame.Saturations != nil {
			ranges[i].saturations += int64(frame.Saturations[i])
		}
	}
}

func writeRanges(w io.Writer, cell dump.Cell, ranges []nodeRange) error {
	table := newTable(w)
	fmt.Fprintln(table, "  node\top\twidth\tformat\tsmallest\tlargest\tsaturated")
	for i, node := range cell.Nodes {
		format := "float32"
		if !node.Float {
			format = fmt.Sprintf("[%d,%d]", node.Bits, node.Position)
		}
		r := ranges[i]
		fmt.Fprintf(table, "  %s\t%s\t%d\t%s\t%.6g\t%.6g\t%d\n", node.Label, node.Op, node.Width, format, r.low, r.high, r.saturations)
	}
	return table.Flush()
}
