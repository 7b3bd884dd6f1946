package model

import "fmt"

// newUnits numbers the elements that the operator's cells yield, and their c states.
func (rnn *onnxRNN) newUnits(run *onnxRun, steps, batch int) error {
	for d := range rnn.reverse {
		direction := "forward"
		if rnn.reverse[d] {
			direction = "backward"
		}
		u := &onnxUnit{
			what: fmt.Sprintf("the %s cell of %s", direction, onnxNodeName(rnn.node)), rnn: rnn, direction: d,
			width: rnn.hidden, steps: steps, batch: batch, count: steps * batch * rnn.hidden,
		}
		if rnn.lengths != nil {
			u.count += batch * rnn.hidden
		}
		cell, err := run.newUnit(u)
		if err != nil {
			return err
		}
		rnn.cells = append(rnn.cells, cell)
	}
	if rnn.kind == GRU {
		return nil
	}
	for range rnn.reverse {
		state, err := run.newUnit(&onnxUnit{
			what: "the c state of " + onnxNodeName(rnn.node), rnn: rnn, state: true,
			width: rnn.hidden, steps: 1, batch: batch, count: batch * rnn.hidden,
		})
		if err != nil {
			return err
		}
		rnn.states = append(rnn.states, state)
	}
	return nil
}

// outputs gives Y, Y_h and, for an LSTM, Y_c. Y_h is made of the elements of Y at the last executed steps, unless sequences have
// lengths of their own.
func (rnn *onnxRNN) outputs(c *onnxCall, steps, batch int, batchwise bool) ([]*onnxValue, error) {
	directions, hidden := len(rnn.reverse), rnn.hidden
	wanted := func(i int) bool {
		return i < len(c.node.Output) && c.node.Output[i] != "" && c.run.left[c.node.Output[i]] > 0
	}
	out := make([]*onnxValue, 3)
	if wanted(0) {
		y := []int{steps, directions, batch, hidden}
		order := []int{1, 0, 2, 3} // the cells' numbers lie direction by direction
		if batchwise {
			y, order = []int{batch, steps, directions, hidden}, []int{2, 1, 0, 3}
		}
		v, err := rnn.gather(c, y, order, rnn.cells, func(*onnxUnit) int { return 0 })
		if err != nil {
			return nil, err
		}
		out[0] = v
	}
	state, order := []int{directions, batch, hidden}, []int{0, 1, 2}
	if batchwise {
		state, order = []int{batch, directions, hidden}, []int{1, 0, 2}
	}
	for i, units := range [][]*onnxUnit{rnn.cells, rnn.states} {
		if !wanted(i+1) || len(units) == 0 {
			continue
		}
		v, err := rnn.gather(c, state, order, units, func(u *onnxUnit) int {
			switch {
			case u.state || u.backward():
				return 0
			case rnn.lengths != nil:
				return steps * batch
			}
			return (steps - 1) * batch
		})
		if err != nil {
			return nil, err
		}
		out[i+1] = v
	}
	return out, nil
}

// gather lists the elements of units as a tensor of that shape. order says, for direction, timestep if there is one, batch and
// feature, which axis of the tensor it is; row is the first row of each unit.
func (rnn *onnxRNN) gather(c *onnxCall, shape, order []int, units []*onnxUnit, row func(*onnxUnit) int) (*onnxValue, error) {
	if err := c.run.spend(shape); err != nil {
		return nil, err
	}
	inner := make([]int, len(order)) // the tensor's sizes in the order of the units
	strides := make([]int, len(order))
	own := onnxStrides(shape)
	for i, axis := range order {
		inner[i], strides[i] = shape[axis], own[axis]
	}
	offset := 0
	if len(order) == 4 && rnn.feed.order == onnxReversed {
		// Rows are told by the timestep of the network's input, which the operator sees in reverse.
		offset = (inner[1] - 1) * strides[1]
		strides[1] = -strides[1]
	}
	v := &onnxValue{shape: shape, elem: onnxFloat, ids: make([]int32, product(shape))}
	for d, u := range units {
		first := u.first + int32(row(u)*u.width)
		for i, at := range onnxIndex(inner[1:], strides[1:], offset+d*strides[0]) {
			v.ids[at] = first + int32(i)
		}
	}
	return v, nil
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
