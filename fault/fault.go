package fault

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
	return &one
}
