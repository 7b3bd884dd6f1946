package xmodel

import (
	"fmt"
	"math"
)

const (
	// banks is the number of weight banks; row r of a matrix lies in bank r mod 32.
	banks = 32
	// rowPadding and columnPadding are what matrix rows (units) and the input's columns are padded to. The recorded models have
	// 100 units and 32 features; other sizes follow the compiler's padding as its sources give it.
	rowPadding    = 64
	columnPadding = 32
)

// BlobRegion is a part of a weight blob: a parameter, or a zero block when Label is empty.
type BlobRegion struct {
	Label  string // as Parameters names them; GRU's r, z, n are i, f, g
	Offset int    // first byte in the blob
	Size   int    // bytes
	// Rows and Columns are the parameter's shape; a vector has one row.
	Rows, Columns int

	paddedRows, paddedColumns int
	interleaved               bool // two rows element by element, as the U50 has it
}

// At is the byte offset in the blob of the element [row, column], padding included.
func (r *BlobRegion) At(row, column int) int {
	if r.paddedRows == 1 {
		return r.Offset + 2*column
	}
	// Bank after bank, each with its rows in order.
	position := row%banks*(r.paddedRows/banks) + row/banks
	if r.interleaved {
		return r.Offset + 2*(position/2*2*r.paddedColumns+2*column+position%2)
	}
	return r.Offset + 2*(position*r.paddedColumns+column)
}

// BlobLayout gives the parts of the weight blob of a model with one forward cell, in the order of the blob. It was checked bit for
// bit against the real models: LSTM and GRU, 32 features, 100 units.
func BlobLayout(kind CellKind, target Target, batch, input, hidden int) ([]BlobRegion, error) {
	const most = math.MaxInt16 // a bound of the address fields, and one that keeps all products below in range
	if input < 1 || input > most || hidden < 1 || hidden > most || batch < 1 || batch > most {
		return nil, fmt.Errorf("a blob for %d features, %d units and batch %d cannot be; each must be 1 to %d", input, hidden, batch, most)
	}
	l := layout{
		hidden: hidden, input: input, interleaved: target == U50,
		rows: (hidden + rowPadding - 1) / rowPadding * rowPadding, columns: (input + columnPadding - 1) / columnPadding * columnPadding,
	}
	switch kind {
	case LSTM:
		for _, gate := range []string{"g", "i", "f", "o"} {
			l.matrix("weight_i"+gate, input, l.columns)
			l.vector("bias_" + gate)
			if gate == "g" {
				l.zeros(batch) // h before the first step
			}
			l.matrix("weight_h"+gate, hidden, l.rows)
			if gate == "f" {
				l.zeros(2 * batch) // the scratch of c, then c before the first step
			}
		}
	case GRU:
		for _, gate := range []string{"f", "g", "i"} { // z, n, r
			l.matrix("weight_i"+gate, input, l.columns)
			l.vector("bias_i" + gate)
			if gate == "f" {
				l.zeros(batch)
			}
			l.matrix("weight_h"+gate, hidden, l.rows)
			l.vector("bias_h" + gate)
		}
		l.zeros(2 * batch) // h before the first step, then the scratch of h
	default:
		return nil, fmt.Errorf("cell kind %d does not exist", int(kind))
	}
	return l.regions, nil
}

type layout struct {
	input, hidden int
	columns, rows int // padded
	interleaved   bool
	regions       []BlobRegion
}

func (l *layout) add(r BlobRegion) {
	if n := len(l.regions); n > 0 {
		r.Offset = l.regions[n-1].Offset + l.regions[n-1].Size
	}
	r.Size = 2 * r.paddedRows * r.paddedColumns
	l.regions = append(l.regions, r)
}

func (l *layout) matrix(label string, columns, padded int) {
	l.add(BlobRegion{Label: label, Rows: l.hidden, Columns: columns, paddedRows: l.rows, paddedColumns: padded, interleaved: l.interleaved})
}

func (l *layout) vector(label string) {
	l.add(BlobRegion{Label: label, Rows: 1, Columns: l.hidden, paddedRows: 1, paddedColumns: l.rows})
}

func (l *layout) zeros(vectors int) {
	l.add(BlobRegion{paddedRows: 1, paddedColumns: vectors * l.rows})
}
