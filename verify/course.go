package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"rnnsim/dump"
)

// Course is what one place of a node held from step to step, around a divergence, as integers, or as reals where the side is
// float.
type Course struct {
	FirstStep int       `json:"first_step"`
	Got       []float64 `json:"got"`
	Want      []float64 `json:"want,omitempty"` // absent where a recording was judged by its own inputs
}

// courseSteps is how many steps are shown on either side of the divergence.
const courseSteps = 24

// course reads the value of a divergence at the steps around it.
func (p *pursuit) course(ctx context.Context, d *Divergence) (*Course, error) {
	address := d.Address
	address.Sequence -= p.offset
	got, err := courseOf(ctx, func() (dump.Source, error) { return p.open(p.got) }, d.Graph, address)
	if err != nil {
		return nil, err
	}
	want := map[int]float64{}
	if p.want != nil {
		if want, err = courseOf(ctx, p.want, d.Graph, address); err != nil {
			return nil, err
		}
	}
	has := func(step int) bool {
		_, inGot := got[step]
		_, inWant := want[step]
		return inGot && (inWant || p.want == nil)
	}
	if !has(address.Step) {
		return nil, errors.New("one side has no value there when it is read once more")
	}
	c := &Course{FirstStep: address.Step}
	for has(c.FirstStep - 1) {
		c.FirstStep--
	}
	for step := c.FirstStep; has(step); step++ {
		c.Got = append(c.Got, got[step])
		if p.want != nil {
			c.Want = append(c.Want, want[step])
		}
	}
	return c, nil
}

// courseOf gives the values by step of one side.
func courseOf(ctx context.Context, open opener, graph string, at Address) (values map[int]float64, err error) {
	source, err := open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	cell, node := placeOf(source.Header(), graph, at)
	if node < 0 {
		return nil, fmt.Errorf("one side has no node %s in graph %s", at.Node, graph)
	}
	place, found := at.Index, true
	if part := source.Header().Cells[cell].Nodes[node].Part; part != nil {
		place, found = slices.BinarySearch(part.Units, at.Index)
	}
	if !found {
		return nil, fmt.Errorf("one side does not have unit %d of %s in graph %s", at.Index, at.Node, graph)
	}
	values = map[int]float64{}
	var frame dump.Frame
	for len(values) < 2*courseSteps+1 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		err := source.Next(&frame)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if frame.Cell != cell || frame.Sequence != at.Sequence || frame.Step < at.Step-courseSteps || frame.Step > at.Step+courseSteps {
			continue
		}
		if column := columnOf(&frame, node); place < column.len() {
			values[frame.Step] = column.window(place, place+1)[0]
		}
	}
	return values, nil
}

// placeOf finds a node, in the graph of that name or, as pairing does where no name is shared, in the cell of that layer and
// direction; -1 without one.
func placeOf(header dump.Header, graph string, at Address) (cell, node int) {
	cell = -1
	for i, c := range header.Cells {
		if c.Graph == graph {
			cell = i
			break
		}
		if cell < 0 && c.Layer == at.Layer && c.Backward == at.Backward {
			cell = i
		}
	}
	if cell < 0 {
		return -1, -1
	}
	for j, n := range header.Cells[cell].Nodes {
		if n.Name == at.Node {
			return cell, j
		}
	}
	return cell, -1
}
