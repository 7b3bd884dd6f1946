package kernel

import "rnnsim/internal/fixed"

// Rows is a matrix for callers that quantize on their own and want nothing but products: out = sat16((Σ x·w) >> shift), exact for
// all inputs. It is for one goroutine at a time.
type Rows struct {
	matrix  *matrix // nil: the shift is not one that the routines take
	r       *routines
	sums    []int32
	out     []int16
	weights []int16
	rows    int
	columns int
	shift   int
}

// widestShift is up to where sums that were clamped to 32 bits give what the true sums would.
const widestShift = 16

// NewRows prepares a row-major matrix of 16-bit weights; rows and columns are at least 1. A negative shift is to the left.
func NewRows(weights []int16, rows, columns, shift int) *Rows {
	w := &Rows{weights: weights[:rows*columns], rows: rows, columns: columns, shift: shift}
	if shift < 0 || shift > widestShift || columns%blockUnits != 0 || columns > maxInputs {
		return w
	}
	w.r = best()
	w.matrix = newMatrix([]Linear{{Weights: w.weights, WeightFormat: fixed.Format{Bits: 16, Position: shift}, Input: fixed.Format{Bits: 16}}}, columns, rows)
	w.sums, w.out = aligned[int32](w.matrix.panels*panelRows), aligned[int16](w.matrix.panels*panelRows)
	return w
}

// Apply multiplies with x, of as many values as the matrix has columns, and writes a value for each row.
func (w *Rows) Apply(dst, x []int16) {
	dst, x = dst[:w.rows], x[:w.columns]
	if w.matrix == nil {
		for r := range dst {
			var sum int64
			for k, v := range w.weights[r*w.columns : (r+1)*w.columns] {
				sum += int64(v) * int64(x[k])
			}
			dst[r] = sat16(fixed.ShiftRight(sum, w.shift))
		}
		return
	}
	m := w.matrix
	m.dot(w.r, w.sums, operand{x16: x, stride: w.columns, magnitude: w.r.magnitude(x)}, 0, m.panels)
	w.r.finish(w.out, panelRows, w.sums, m.shift, m.bias, m.panels, 1)
	copy(dst, w.out)
}
