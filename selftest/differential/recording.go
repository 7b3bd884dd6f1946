package differential

import (
	"fmt"

	"rnnsim/dump"
)

// recording is the frames of a run, one after the other.
type recording struct {
	header dump.Header
	frames []frameAt
	values []int16
	counts []int32
}

type frameAt struct {
	cell, sequence, step int
	values, counts       int // where they begin
}

// Begin, Write, Close and Abort make it a dump.Sink.
func (r *recording) Begin(h dump.Header) error {
	r.header = h
	return nil
}

// Write keeps a copy.
func (r *recording) Write(f *dump.Frame) error {
	r.frames = append(r.frames, frameAt{f.Cell, f.Sequence, f.Step, len(r.values), len(r.counts)})
	for _, values := range f.Fixed {
		r.values = append(r.values, values...)
	}
	r.counts = append(r.counts, f.Saturations...)
	return nil
}

// Close does nothing.
func (r *recording) Close() error { return nil }

// Abort does nothing.
func (r *recording) Abort() error { return nil }

// node gives the values of a node of a frame, nil where the cell has no such node.
func (r *recording) node(frame int, name string) []int16 {
	f := r.frames[frame]
	at := f.values
	for _, n := range r.header.Cells[f.cell].Nodes {
		if n.Name == name {
			return r.values[at : at+n.Width]
		}
		at += n.Width
	}
	return nil
}

// Difference is the first place where a run was not as wanted.
type Difference struct {
	Engine    string // what ran: "avx2, traced"
	Address   string // "cell[0].seq[1].step[2].h_next[3]", "output of sequence 1, step 2, value 3"
	Got, Want int64
}

func (d *Difference) Error() string {
	return fmt.Sprintf("%s: %s is %d, the exact reference has %d", d.Engine, d.Address, d.Got, d.Want)
}

// comparer is a sink that holds each frame against the wanted ones, which come in the same order, and fails at the first
// difference. Values that take no part in a comparison do not exist.
type comparer struct {
	engine string
	want   *recording
	at     int
}

// Begin holds the descriptions of the nodes against one another.
func (c *comparer) Begin(h dump.Header) error {
	if len(h.Cells) != len(c.want.header.Cells) {
		return &Difference{c.engine, "number of cells", int64(len(h.Cells)), int64(len(c.want.header.Cells))}
	}
	for i := range h.Cells {
		got, want := h.Cells[i].Nodes, c.want.header.Cells[i].Nodes
		if len(got) != len(want) {
			return &Difference{c.engine, fmt.Sprintf("number of nodes of cell %d", i), int64(len(got)), int64(len(want))}
		}
		for n := range got {
			if got[n] != want[n] {
				return fmt.Errorf("%s: cell %d describes node %d as %+v, the exact reference as %+v", c.engine, i, n, got[n], want[n])
			}
		}
	}
	return nil
}

// Write compares a frame.
func (c *comparer) Write(f *dump.Frame) error {
	if c.at == len(c.want.frames) {
		return &Difference{c.engine, "number of frames, at least", int64(c.at + 1), int64(c.at)}
	}
	want := c.want.frames[c.at]
	if want.cell != f.Cell || want.sequence != f.Sequence || want.step != f.Step {
		return fmt.Errorf("%s: frame %d is step %d of sequence %d in cell %d; step %d of sequence %d in cell %d is wanted",
			c.engine, c.at, f.Step, f.Sequence, f.Cell, want.step, want.sequence, want.cell)
	}
	c.at++
	at := want.values
	for n, node := range c.want.header.Cells[f.Cell].Nodes {
		place := func() string {
			return fmt.Sprintf("cell[%d].seq[%d].step[%d].%s", f.Cell, f.Sequence, f.Step, node.Name)
		}
		if len(f.Fixed[n]) != node.Width {
			return &Difference{c.engine, place() + ", number of values", int64(len(f.Fixed[n])), int64(node.Width)}
		}
		for u, got := range f.Fixed[n] {
			if w := c.want.values[at+u]; got != w {
				return &Difference{c.engine, fmt.Sprintf("%s[%d]", place(), u), int64(got), int64(w)}
			}
		}
		if w := c.want.counts[want.counts+n]; f.Saturations[n] != w {
			return &Difference{c.engine, place() + ", clamped values", int64(f.Saturations[n]), int64(w)}
		}
		at += node.Width
	}
	return nil
}

// Close wants all frames to have come.
func (c *comparer) Close() error {
	if c.at != len(c.want.frames) {
		return &Difference{c.engine, "number of frames", int64(c.at), int64(len(c.want.frames))}
	}
	return nil
}

// Abort does nothing.
func (c *comparer) Abort() error { return nil }
