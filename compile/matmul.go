package compile

import (
	"rnnsim/sim/isa"
)

// rowPlaces is the byte of the blob that each weight of a block's rows was loaded from.
type rowPlaces [blockValues][]int32

// matmul makes the products of a word. Bank b holds the row of result b, or of results b and b + 32 in turns.
func (m *machine) matmul(i *isa.MatMul) error {
	columns := i.VectorLength * m.target.VectorUnit / blockBytes
	words := i.WeightSize * isa.WeightUnit / blockBytes
	interleaved := m.target.RowsPerBank
	if columns*interleaved != words {
		return fieldError("w_size", "%d words hold %d columns, and the vector has %d", i.WeightSize, words*blockValues/interleaved, columns*blockValues)
	}
	for part := range interleaved {
		for half := range isa.ElementwiseWidth / blockValues {
			var r rows
			var at rowPlaces
			for result := range r.values {
				if err := m.row(i, half*blockValues+result, part, words, &r.values[result], &at[result]); err != nil {
					return err
				}
			}
			m.multiply(i, part, half, columns, r, at)
		}
	}
	return nil
}

// row reads a bank's part of a product.
func (m *machine) row(i *isa.MatMul, bank, part, words int, values *[]int16, at *[]int32) error {
	for n := range words {
		p := place{weightSpace, 0, bank, i.WeightAddress*isa.WeightUnit/blockBytes + n}
		h := m.read(p)
		c, ok := m.values(h.term)
		if !ok || h.origin < 0 {
			return fieldError("w_addr", "%s holds no weights: nothing was loaded there from the blob", p)
		}
		for v := part; v < blockValues; v += m.target.RowsPerBank {
			*values, *at = append(*values, c[v]), append(*at, h.origin+2*int32(v))
		}
	}
	return nil
}

func (m *machine) multiply(i *isa.MatMul, part, half, columns int, r rows, at rowPlaces) {
	for lane := range m.core.Batch {
		vector := make([]termID, columns)
		for n := range vector {
			vector[n] = m.read(place{vectorSpace, lane, 0, i.VectorAddress*m.target.VectorUnit/blockBytes + n}).term
		}
		id := m.product(r, vector, i.Shift)
		if _, known := m.weightAt[id]; !known {
			m.weightAt[id] = at
		}
		m.write(m.elementwiseAt(lane, operand{i.ResultBank + part, i.ResultAddress}, half), id)
	}
}
