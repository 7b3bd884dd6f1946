package model

import (
	"fmt"
	"slices"
)

// onnxOrder is which rows of its units a tensor holds.
type onnxOrder int

const (
	onnxSteps     onnxOrder = iota // every timestep, in order
	onnxReversed                   // every timestep, the last one first
	onnxLastSteps                  // the last executed step of each cell
)

// onnxFeed is what an operator reads: the units that make up the features of a row, one after another, and which rows.
type onnxFeed struct {
	units []*onnxUnit
	order onnxOrder
	why   string // what the operator reads if it is none of these
}

// onnxRows is a tensor as rows of features: for each row and unit, the number of the unit's row.
type onnxRows struct {
	units []*onnxUnit
	rows  [][]int // a list for each unit
}

// split finds the units of a tensor whose rows have that width. All rows must be made up alike, each unit's part being one
// row of it, whole and in order.
func (r *onnxRun) split(v *onnxValue, width int) (*onnxRows, error) {
	if width < 1 || len(v.ids) == 0 || len(v.ids)%width != 0 {
		return nil, fmt.Errorf("a tensor of shape %v", v.shape)
	}
	rows := &onnxRows{}
	var starts []int
	for at := 0; at < width; {
		u := r.unit(v.ids[at])
		size := u.width
		if u.input {
			size = width
		}
		if size < 1 || at+size > width {
			return nil, fmt.Errorf("a part of %s", u.what)
		}
		rows.units, starts = append(rows.units, u), append(starts, at)
		at += size
	}
	rows.rows = make([][]int, len(rows.units))
	for start := 0; start < len(v.ids); start += width {
		row := v.ids[start : start+width]
		for i, u := range rows.units {
			end := width
			if i+1 < len(starts) {
				end = starts[i+1]
			}
			part := row[starts[i]:end]
			offset := int(part[0] - u.first)
			if r.unit(part[0]) != u || offset%len(part) != 0 || offset+len(part) > u.count || !contiguousOnnx(part) {
				return nil, fmt.Errorf("%s in pieces or in another order", u.what)
			}
			rows.rows[i] = append(rows.rows[i], offset/len(part))
		}
	}
	return rows, nil
}

func contiguousOnnx(ids []int32) bool {
	for i, id := range ids {
		if id != ids[0]+int32(i) {
			return false
		}
	}
	return true
}

// stepFeed tells what a recurrent operator reads; stepAt gives the place of a (step, batch) among the rows of its x.
func (r *onnxRun) stepFeed(x *onnxValue, steps, batch, width int, place func(step, batch int) int) onnxFeed {
	if x.opaque() {
		return onnxFeed{why: x.why}
	}
	if !x.tracked() {
		return onnxFeed{why: "a constant"}
	}
	rows, err := r.split(x, width)
	if err != nil {
		return onnxFeed{why: err.Error()}
	}
	feed := onnxFeed{units: rows.units}
	for i, u := range rows.units {
		order, ok := u.stepOrder(rows.rows[i], steps, batch, width, place)
		if !ok || i > 0 && order != feed.order {
			return onnxFeed{why: fmt.Sprintf("%s in an order that is not that of its timesteps, or not all of it", u.what)}
		}
		feed.order = order
	}
	return feed
}

// stepOrder tells the order in which rows walk a unit. The rows of inputs and embeddings may lie timestep by timestep or
// sequence by sequence.
func (u *onnxUnit) stepOrder(rows []int, steps, batch, width int, place func(step, batch int) int) (onnxOrder, bool) {
	ways := []func(step, b int) int{func(step, b int) int { return step*batch + b }}
	if u.input || u.embedding != nil {
		if u.count != steps*batch*width {
			return 0, false
		}
		ways = append(ways, func(step, b int) int { return b*steps + step })
	} else if u.steps != steps || u.batch != batch || u.state || u.lastOnly() {
		return 0, false
	}
	for _, order := range []onnxOrder{onnxSteps, onnxReversed} {
		for _, way := range ways {
			if eachStep(steps, batch, func(step, b int) bool {
				from := step
				if order == onnxReversed {
					from = steps - 1 - step
				}
				return rows[place(step, b)] == way(from, b)
			}) {
				return order, true
			}
		}
	}
	return 0, false
}

func eachStep(steps, batch int, holds func(step, b int) bool) bool {
	for step := range steps {
		for b := range batch {
			if !holds(step, b) {
				return false
			}
		}
	}
	return true
}

// rowFeed tells what a dense layer, or whoever reads the network's output, reads.
func (r *onnxRun) rowFeed(v *onnxValue, width int) onnxFeed {
	rows, err := r.split(v, width)
	if err != nil {
		return onnxFeed{why: err.Error()}
	}
	feed := onnxFeed{units: rows.units}
	first := rows.units[0]
	if first.input || first.embedding != nil || first.state {
		return onnxFeed{why: first.what}
	}
	orders := []onnxOrder{onnxSteps, onnxLastSteps}
	if len(v.shape) < 3 {
		// A single timestep is all steps and the last one: a tensor without an axis of timesteps means the last one.
		orders = []onnxOrder{onnxLastSteps, onnxSteps}
	}
	for _, order := range orders {
		fits := true
		for i, u := range rows.units {
			fits = fits && u.steps == first.steps && u.batch == first.batch && u.rowOrder(rows.rows[i], order)
		}
		if fits {
			feed.order = order
			return feed
		}
	}
	return onnxFeed{why: describeRows(rows)}
}

// describeRows says what a dense layer reads that is neither all timesteps nor the last executed ones.
func describeRows(rows *onnxRows) string {
	for i, u := range rows.units {
		if u.rnn == nil || u.state {
			continue
		}
		same := func(step int) bool {
			return len(rows.rows[i]) == u.batch && !slices.ContainsFunc(rows.rows[i], func(row int) bool { return row/u.batch != step })
		}
		switch {
		case same(u.steps-1) && u.rnn.lengths != nil:
			return fmt.Sprintf("the last timestep of %s, which lies behind the end of shorter sequences (Y_h has each one's own)", u.what)
		case same(u.steps-1) && u.backward():
			return fmt.Sprintf("the last timestep of %s, which is the first that it executes", u.what)
		}
	}
	return fmt.Sprintf("timesteps of %s that are neither all nor the last executed ones", rows.units[0].what)
}

// rowOrder tells whether rows are all of a unit, timestep by timestep or sequence by sequence, or its last executed ones.
func (u *onnxUnit) rowOrder(rows []int, order onnxOrder) bool {
	is := func(want func(i int) int, count int) bool {
		if len(rows) != count {
			return false
		}
		for i, row := range rows {
			if row != want(i) {
				return false
			}
		}
		return true
	}
	if order == onnxLastSteps {
		start, ok := u.lastRow()
		return ok && is(func(i int) int { return start + i }, u.batch)
	}
	if u.state || u.lastOnly() {
		return false
	}
	all := u.steps * u.batch
	return is(func(i int) int { return i }, all) || is(func(i int) int { return i%u.steps*u.batch + i/u.steps }, all)
}

// lastRow is the first of the rows of the last executed step. A dense layer has one if all that it reads has one and the same.
func (u *onnxUnit) lastRow() (int, bool) {
	switch {
	case u.state:
		return 0, false
	case u.rnn != nil && u.backward():
		return 0, true
	case u.rnn != nil && u.rnn.lengths != nil:
		return u.steps * u.batch, true
	case u.rnn != nil:
		return (u.steps - 1) * u.batch, true
	case u.dense == nil:
		return 0, false
	case u.lastOnly():
		return 0, true
	}
	start, ok := u.dense.feed.units[0].lastRow()
	for _, other := range u.dense.feed.units[1:] {
		row, has := other.lastRow()
		ok = ok && has && row == start
	}
	// Behind a cell with sequence lengths, the rows of the last steps are none of the dense layer's.
	return start, ok && start < u.steps*u.batch
}

func (u *onnxUnit) lastOnly() bool { return u.dense != nil && u.dense.feed.order == onnxLastSteps }

// backward tells whether a cell walks from the last timestep to the first.
func (u *onnxUnit) backward() bool {
	reversed := u.rnn.feed.order == onnxReversed
	return u.rnn.reverse[u.direction] != reversed
}
