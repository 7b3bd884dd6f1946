package fault

import (
	"fmt"
	"strings"
)

// EveryCell is the cell of a fault that all cells of a model have.
const EveryCell = -1

// Fault is one mistake of a design.
type Fault struct {
	// ID is stable: "y_f/rounds-half-up", the place and the kind. That of a fault in one cell only begins with "cell1:".
	ID    string
	Kind  string // "rounds-half-up"
	Place string // a node, a gate, or what the fault is about: "y_f", "all products", "h"
	// Cell is the index of the cell that has the fault, or EveryCell.
	Cell int
	// Text says it to a person: "y_f rounds half up where it should floor".
	Text string

	alter func(*cell)
}

// In gives the fault in one cell only.
func (f *Fault) In(cell int) *Fault {
	one := *f
	one.Cell = cell
	one.ID = inCell(cell, f.ID)
	one.Text = fmt.Sprintf("in cell %d, %s", cell, f.Text)
	return &one
}

// Everywhere gives the fault in every cell.
func (f *Fault) Everywhere() *Fault {
	all := *f
	if f.Cell != EveryCell {
		all.ID = strings.TrimPrefix(f.ID, inCell(f.Cell, ""))
		all.Text = strings.TrimPrefix(f.Text, fmt.Sprintf("in cell %d, ", f.Cell))
		all.Cell = EveryCell
	}
	return &all
}
