package xmodel

import (
	"fmt"

	"rnnsim/internal/fixed"
)

// View says what the values are that the cells of a compiled model read and save. The file does not say it: a frame that one
// direction of a layer hands on to the other holds more than h. compile.Lift finds it out.
type View struct {
	Cells []CellView
	// Columns are the places of the model's result in a frame that the last cell saves.
	Columns []int
}

// CellView is what a cell's frames hold.
type CellView struct {
	Graph string // name of its graph, in traces
	Layer int
	// Input are the places of the cell's features, in order, among the values that its products with x read.
	Input []int
	// First is where h of the cell begins in a frame that it saves, a multiple of 32; Units is how many values h has.
	First, Units int
	// Formats are those of its nodes, by label. Where they are nil, the positions of x and h and the shifts of the words say them.
	Formats map[string]fixed.Format
}

// PlainView is the view of a model of which nothing is known but its register maps: every cell is a layer, and its frames are x and h.
func (c *Compiled) PlainView() *View {
	v := &View{}
	for i := range c.Cells {
		cell := CellView{Graph: fmt.Sprintf("rnn_cell_%d", i), Layer: i, Units: c.Cells[i].SaveH.Values()}
		for column := range c.Cells[i].LoadX.Values() {
			cell.Input = append(cell.Input, column)
		}
		v.Cells = append(v.Cells, cell)
	}
	for column := range c.Cells[len(c.Cells)-1].SaveH.Values() {
		v.Columns = append(v.Columns, column)
	}
	return v
}

// Check holds a view against the register maps of the model.
func (v *View) Check(c *Compiled) error {
	if len(v.Cells) != len(c.Cells) {
		return fmt.Errorf("the view is of %d cells, the model has %d", len(v.Cells), len(c.Cells))
	}
	within := func(what string, columns []int, values int) error {
		for _, column := range columns {
			if column < 0 || column >= values {
				return fmt.Errorf("column %d of the %s is outside the %d values of a frame", column, what, values)
			}
		}
		return nil
	}
	for i, cell := range v.Cells {
		err := within("input", cell.Input, c.Cells[i].LoadX.Values())
		if err == nil && (cell.First < 0 || cell.First%32 != 0 || cell.Units < 1 || cell.First+cell.Units > c.Cells[i].SaveH.Values()) {
			err = fmt.Errorf("h has %d values from %d on; a multiple of 32 is wanted, and an end within the %d of a frame", cell.Units, cell.First, c.Cells[i].SaveH.Values())
		}
		if err != nil {
			return fmt.Errorf("view of cell %d: %w", i, err)
		}
	}
	return within("result", v.Columns, c.Cells[len(c.Cells)-1].SaveH.Values())
}
