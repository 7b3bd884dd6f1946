package sim

import (
	"math"

	"rnnsim/internal/fixed"
)

// entry brings the rows that a cell reads to the grid of its input_0.
type entry struct {
	width int
	// real quantizes real numbers: floor(x · scale), clamped. Only the first layer reads any.
	scale float64
	real  clamp
	// columns are the ranges of an integer row, each with its own fix position.
	columns []columns
	// then are the grids that follow, the last of them input_0's own. There are none but where another cell has quantized
	// x in place.
	then []rescale
}

// columns is a range of a row that has one fix position.
type columns struct {
	span
	rescale // to the first grid
}

// newEntry leads x over the given grids, the last of which is the cell's own. The columns of integer rows have the given
// widths and fix positions.
func newEntry(widths, positions []int, grids []fixed.Format, castsToInt32 bool) *entry {
	e := &entry{scale: math.Ldexp(1, grids[0].Position), real: newClamp(grids[0], castsToInt32)}
	for i, width := range widths {
		s := span{from: e.width, to: e.width + width}
		e.columns = append(e.columns, columns{span: s, rescale: newRescale(positions[i], grids[0], castsToInt32)})
		e.width = s.to
	}
	for i, grid := range grids[1:] {
		e.then = append(e.then, newRescale(grids[i].Position, grid, castsToInt32))
	}
	return e
}

// fromReal quantizes one row of real numbers and counts the values that the last grid clamped. The product is exact in
// float64: a float32 times a power of two.
func (e *entry) fromReal(out []int16, row []float32) (clamped int32) {
	for i, x := range row {
		scaled := math.Floor(float64(x) * e.scale)
		v, over := e.real.apply(int64(max(-beyond, min(beyond, scaled))))
		out[i] = v
		clamped += over
	}
	return e.onwards(out, clamped)
}

// fromFixed is fromReal for a row of integers.
func (e *entry) fromFixed(out, row []int16) (clamped int32) {
	for _, c := range e.columns {
		if c.keeps() {
			copy(out[c.from:c.to], row[c.from:])
			continue
		}
		for i := c.from; i < c.to; i++ {
			v, over := c.apply(int64(row[i]))
			out[i] = v
			clamped += over
		}
	}
	return e.onwards(out, clamped)
}

// keeps says that rows of integers stay as they are.
func (e *entry) keeps() bool {
	for _, c := range e.columns {
		if !c.keeps() {
			return false
		}
	}
	for _, grid := range e.then {
		if !grid.keeps() {
			return false
		}
	}
	return true
}

func (e *entry) onwards(out []int16, clamped int32) int32 {
	for _, grid := range e.then {
		clamped = 0
		for i, x := range out {
			v, over := grid.apply(int64(x))
			out[i] = v
			clamped += over
		}
	}
	return clamped
}
