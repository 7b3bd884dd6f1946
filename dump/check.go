package dump

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// checkHeader says what keeps a header from being written: names become file and column names, widths become sizes.
func checkHeader(h Header) error {
	if len(h.Cells) == 0 {
		return errors.New("the trace has no cells")
	}
	graphs := map[string]bool{}
	for i, cell := range h.Cells {
		if err := checkFileName(cell.Graph); err != nil {
			return fmt.Errorf("cell %d: graph name %q cannot name a file: %w", i, cell.Graph, err)
		}
		if graphs[cell.Graph] {
			return fmt.Errorf("cell %d: graph name %q is taken by an earlier cell", i, cell.Graph)
		}
		graphs[cell.Graph] = true
		if err := checkCell(cell); err != nil {
			return fmt.Errorf("graph %q: %w", cell.Graph, err)
		}
	}
	return nil
}

func checkCell(cell Cell) error {
	if len(cell.Nodes) == 0 {
		return errors.New("it has no nodes to write")
	}
	names := map[string]bool{}
	for _, node := range cell.Nodes {
		switch {
		case names[node.Name]:
			return fmt.Errorf("node %q occurs twice", node.Name)
		case node.Width < 1:
			return fmt.Errorf("node %q has %d values a frame", node.Name, node.Width)
		case node.Part != nil:
			return fmt.Errorf("node %q has %d of %d units, and this form of a trace has all: leave it out, or write a VCD", node.Name, node.Width, node.Part.Of)
		case !node.Float && (node.Bits < 1 || node.Bits > 16):
			return fmt.Errorf("node %q has bit width %d; a trace holds 1 to 16", node.Name, node.Bits)
		}
		if err := checkFileName(node.Name); err != nil {
			return fmt.Errorf("node name %q cannot name a file: %w", node.Name, err)
		}
		names[node.Name] = true
	}
	for _, p := range cell.Params {
		if err := checkFileName(p.Name); err != nil {
			return fmt.Errorf("parameter name %q cannot name a file: %w", p.Name, err)
		}
		if names[p.Name] {
			return fmt.Errorf("parameter %q occurs twice, or bears the name of a node", p.Name)
		}
		names[p.Name] = true
		if n := elements(p.Shape); n != len(p.Values) || n < 1 {
			return fmt.Errorf("parameter %q of shape %v has %d values", p.Name, p.Shape, len(p.Values))
		}
	}
	return nil
}

// checkFileName refuses what would leave the folder, or what no file system takes.
func checkFileName(name string) error {
	const maxName = 200 // leaves room in the usual 255 bytes for suffixes
	switch {
	case name == "" || name == "." || name == "..":
		return errors.New("it is empty or a folder's name")
	case len(name) > maxName:
		return fmt.Errorf("it has %d bytes, more than %d", len(name), maxName)
	case strings.ContainsAny(name, "/\\\x00"):
		return errors.New("it has a separator in it")
	}
	return nil
}

// elements is the product of a shape; -1 where it is no shape.
func elements(shape []int) int {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > math.MaxInt32/d {
			return -1
		}
		n *= d
	}
	return n
}

// frameChecker holds the frames that a sink gets against the header and the order that a sink may rely on.
type frameChecker struct {
	header Header
	orders []Order // a cell
}

func newFrameChecker(h Header) *frameChecker {
	return &frameChecker{header: h, orders: make([]Order, len(h.Cells))}
}

func (c *frameChecker) check(f *Frame) error {
	if f.Cell < 0 || f.Cell >= len(c.header.Cells) {
		return fmt.Errorf("frame of cell %d, and the trace has %d", f.Cell, len(c.header.Cells))
	}
	cell := &c.header.Cells[f.Cell]
	if f.Saturations != nil && len(f.Saturations) != len(cell.Nodes) {
		return fmt.Errorf("graph %q: %d saturation counts for %d nodes", cell.Graph, len(f.Saturations), len(cell.Nodes))
	}
	for i := range cell.Nodes {
		if got, want := frameWidth(f, i, cell.Nodes[i].Float), cell.Nodes[i].Width; got != want {
			return fmt.Errorf("graph %q: node %q of sequence %d, step %d has %d values, not %d", cell.Graph, cell.Nodes[i].Name, f.Sequence, f.Step, got, want)
		}
	}
	if err := c.orders[f.Cell].Take(f.Sequence, f.Step); err != nil {
		return fmt.Errorf("graph %q: %w", cell.Graph, err)
	}
	return nil
}

func frameWidth(f *Frame, node int, float bool) int {
	if float {
		if node < len(f.Float) {
			return len(f.Float[node])
		}
		return 0
	}
	if node < len(f.Fixed) {
		return len(f.Fixed[node])
	}
	return 0
}
