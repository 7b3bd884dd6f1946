package verify

import (
	"fmt"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// pastStates is h and c after the last frame of a cell, as recorded and as they should have been.
type pastStates struct {
	sequence, step int
	recorded       [][]int16
	repaired       [][]int16 // nil where nothing was wrong
	known          bool
}

// survey is the first reading: it holds the steps to their order, keeps the outputs that another layer reads, and gathers how an 8-bit run
// was dumped.
func (r *replay) survey(frame *dump.Frame) error {
	c := r.ofTrace[frame.Cell]
	if c == nil {
		return nil
	}
	steps := c.spans[frame.Sequence]
	if steps == nil {
		steps = &span{first: frame.Step, end: frame.Step}
		c.spans[frame.Sequence] = steps
	}
	if frame.Step != steps.end {
		return fmt.Errorf("%s, sequence %d: step %d comes where step %d belongs; a replay needs all steps, in order", c.cell.Graph, frame.Sequence, frame.Step, steps.end)
	}
	steps.end++
	for i, column := range c.columns {
		if column < 0 {
			continue
		}
		if got, want := columnOf(frame, column).len(), c.cell.Nodes[i].Width; got != want {
			return fmt.Errorf("%s, sequence %d, step %d: %s holds %d values, %d wanted", c.cell.Graph, frame.Sequence, frame.Step, c.cell.Nodes[i].Name, got, want)
		}
	}
	if c.feeds && len(c.states) > 0 {
		h := c.recorded(frame, c.states[0])
		steps.outputs = append(steps.outputs, append([]int16(nil), h...))
	}
	r.style.survey(c, frame)
	return nil
}

// linked gives what an input of the cell must be at a step: want follows from what was recorded, repaired from what should
// have been recorded, where that differs. Both are nil where nothing is known.
func (r *replay) linked(c *replayCell, node string, frame *dump.Frame) (want, repaired []int16) {
	switch node {
	case "input_0":
		if below := r.below(c); len(below) > 0 {
			return r.fromBelow(c, below, frame)
		}
		if r.options.Stimulus != nil {
			return r.options.Stimulus(c.index, frame.Sequence, frame.Step), nil
		}
	case "input_1":
		return r.fromPast(c, node, 0, frame)
	case "input_2":
		return r.fromPast(c, node, 1, frame)
	}
	return nil, nil
}

// fromPast follows h (state 0) or c (state 1) from the step before.
func (r *replay) fromPast(c *replayCell, node string, state int, frame *dump.Frame) (want, repaired []int16) {
	if frame.Step == 0 {
		return r.initial(c, state), nil
	}
	past := &c.past
	if !past.known || past.sequence != frame.Sequence || past.step != frame.Step-1 || state >= len(c.states) {
		return nil, nil
	}
	from, to := c.node(c.states[state]), c.node(node)
	if from == nil || to == nil {
		return nil, nil
	}
	want = requantize(past.recorded[state], from.Format.Position, to.Format)
	if past.repaired[state] != nil {
		repaired = requantize(past.repaired[state], from.Format.Position, to.Format)
	}
	return want, repaired
}

func (r *replay) initial(c *replayCell, state int) []int16 {
	if r.options.Stimulus == nil {
		return nil
	}
	var given []int16
	if c.index < len(r.options.Initial) {
		given = [2][]int16{r.options.Initial[c.index].H, r.options.Initial[c.index].C}[state]
	}
	if given != nil {
		return given
	}
	if state >= len(c.states) {
		return nil
	}
	return make([]int16, c.cell.Nodes[c.place[c.states[state]]].Width)
}

// below gives the cells of the layer that a cell reads, in the order in which their outputs are concatenated.
func (r *replay) below(c *replayCell) []*replayCell {
	var cells []*replayCell
	for _, other := range r.cells {
		if other.cell.Layer == c.cell.Layer-1 {
			cells = append(cells, other)
		}
	}
	return cells
}

// fromBelow follows the outputs of the layer below to input_0: time step t of a backward cell is its step T-1-t.
func (r *replay) fromBelow(c *replayCell, below []*replayCell, frame *dump.Frame) (want, repaired []int16) {
	steps := c.spans[frame.Sequence].end
	t := frame.Step
	if c.cell.Backward {
		t = steps - 1 - t
	}
	anyRepaired := false
	for _, lower := range below {
		step := t
		if lower.cell.Backward {
			step = steps - 1 - t
		}
		recorded := lower.spans[frame.Sequence]
		h := recorded.output(step)
		if len(h) == 0 || recorded.end != steps {
			return nil, nil
		}
		position := lower.node(lower.states[0]).Format.Position
		want = append(want, r.toInput(c, h, position)...)
		if better := lower.repaired[frameKey{sequence: frame.Sequence, step: step}]; better != nil {
			anyRepaired, h = true, better
		}
		repaired = append(repaired, r.toInput(c, h, position)...)
	}
	if !anyRepaired {
		repaired = nil
	}
	return want, repaired
}

// toInput quantizes an output of the layer below at the cell's input_0. In the compatibility mode the backward cell of a
// layer reads what the forward cell has left in memory: values on its input_0 grid, cut to its 8-bit grid if it has one.
func (r *replay) toInput(c *replayCell, h []int16, position int) []int16 {
	input := c.node("input_0")
	if input == nil {
		return nil
	}
	if r.options.Compat == xmodel.VAI20 && c.cell.Backward {
		for _, other := range r.cells {
			first := other.node("input_0")
			if other.cell.Layer != c.cell.Layer || other.cell.Backward || first == nil {
				continue
			}
			h = requantize(h, position, first.Format)
			position = first.Format.Position
			for i := range h {
				h[i] = other.cutInPlace("input_0", h[i])
			}
		}
	}
	return requantize(h, position, input.Format)
}

func requantize(values []int16, position int, to fixed.Format) []int16 {
	result := make([]int16, len(values))
	for i, v := range values {
		q, _ := fixed.Saturate(fixed.ShiftRight(int64(v), position-to.Position), to.Bits)
		result[i] = int16(q)
	}
	return result
}
