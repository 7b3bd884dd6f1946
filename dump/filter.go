package dump

import (
	"fmt"
	"path"
)

// FilterNodes gives a sink that hands on the nodes whose name or label fits one of the patterns of path.Match: "h_next", "y_*".
// A label that is given as it stands, like "it*cct", fits its node too. Cells of which no node is left are left out; Begin fails if that are all.
func FilterNodes(sink Sink, patterns ...string) (Sink, error) {
	for _, pattern := range patterns {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, fmt.Errorf("nodes %q: %w: the patterns are like h_next or y_*", pattern, err)
		}
	}
	if len(patterns) == 0 {
		return sink, nil
	}
	return &filter{sink: sink, patterns: patterns}, nil
}

type filter struct {
	sink     Sink
	patterns []string
	cells    []filteredCell
	frame    Frame
}

// filteredCell says what is left of a cell: its new index, and the old ones of its nodes.
type filteredCell struct {
	index int
	nodes []int
}

func (f *filter) Begin(h Header) error {
	out := Header{Meta: h.Meta}
	for _, cell := range h.Cells {
		kept := filteredCell{index: len(out.Cells)}
		var nodes []Node
		for i, node := range cell.Nodes {
			if f.wants(node) {
				kept.nodes, nodes = append(kept.nodes, i), append(nodes, node)
			}
		}
		if nodes != nil {
			cell.Nodes = nodes
			out.Cells = append(out.Cells, cell)
		}
		f.cells = append(f.cells, kept)
	}
	if len(out.Cells) == 0 {
		return fmt.Errorf("no node fits %q: the nodes are named like h_next, y_i, c_next", f.patterns)
	}
	return f.sink.Begin(out)
}

func (f *filter) wants(node Node) bool {
	for _, pattern := range f.patterns {
		byName, _ := path.Match(pattern, node.Name) // the patterns were found to be sound
		byLabel, _ := path.Match(pattern, node.Label)
		if byName || byLabel || pattern == node.Label {
			return true
		}
	}
	return false
}

func (f *filter) Write(frame *Frame) error {
	if frame.Cell < 0 || frame.Cell >= len(f.cells) {
		return fmt.Errorf("frame of cell %d, and the trace has %d", frame.Cell, len(f.cells))
	}
	cell := f.cells[frame.Cell]
	if cell.nodes == nil {
		return nil
	}
	f.frame = Frame{
		Cell: cell.index, Sequence: frame.Sequence, Step: frame.Step,
		Fixed:       choose(f.frame.Fixed, frame.Fixed, cell.nodes),
		Float:       choose(f.frame.Float, frame.Float, cell.nodes),
		Saturations: choose(f.frame.Saturations, frame.Saturations, cell.nodes),
	}
	return f.sink.Write(&f.frame)
}

// choose gives the elements of from at the indices, in the memory of to.
func choose[T any](to, from []T, indices []int) []T {
	if from == nil {
		return nil
	}
	to = to[:0]
	for _, i := range indices {
		if i < len(from) { // a frame that lacks nodes is found out by the sink
			to = append(to, from[i])
		}
	}
	return to
}

func (f *filter) Close() error { return f.sink.Close() }

func (f *filter) Abort() error { return f.sink.Abort() }
