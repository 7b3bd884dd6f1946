package kernel

import (
	"testing"

	"github.com/stretchr/testify/require"

	"rnnsim/internal/fixed"
)

// Weights at the ends of their range with inputs of any size: every length of segment, for one row and for several, by segments and by halves.
// 301 inputs are taken in two parts, and their sums of halves have 32 bits; those of 530 have not, at the ends.
func TestProductsThatNeed64Bits(t *testing.T) {
	for _, inputs := range []int{1, 7, 256, 301, 530} {
		testProductsThatNeed64Bits(t, inputs)
	}
}

func testProductsThatNeed64Bits(t *testing.T, inputs int) {
	const hidden, rows = 19, 5
	for _, set := range available() {
		for _, kind := range fills[1:] {
			for bits := 3; bits <= 16; bits++ {
				r := seeded(t, kind.name, bits)
				linear := Linear{
					Weights: fillSlice(r, kind.fill, inputs*hidden, 16), WeightFormat: fixed.Format{Bits: 16, Position: 12},
					Input: fixed.Format{Bits: 16, Position: 12}, Output: 12,
				}
				m := newMatrix([]Linear{linear}, inputs, hidden)
				stride := roundUp(inputs, 2)
				x := aligned[int16](rows * stride)
				for n := range rows {
					copy(x[n*stride:], fillSlice(r, fills[2+n%4].fill, inputs, max(bits, 5)))
				}
				o := operand{x16: x, stride: stride, magnitude: magnitudeGeneric(x)}
				for panel := range 2 * m.panels {
					if panel == m.panels && set.split == nil {
						break
					} else if panel == m.panels {
						o.halves = halves{hi: aligned[int16](len(x)), lo: aligned[int16](len(x)), room: newHalvesRoom(max(rows, m.panels))}
						set.takeApart(o.halves.hi, o.halves.lo, x)
					}
					panel %= m.panels
					got := make([]int32, rows*panelRows)
					m.product(set, got, o, rows, panel)
					size := m.groups * panelRows * 2
					for n := range rows {
						want := clamped(obviousSums(m.w16[panel*size:(panel+1)*size], x[n*stride:], 2, m.groups, 1))
						require.Equal(t, want, got[n*panelRows:(n+1)*panelRows], "%s, weights %s, inputs of %d bits", set.name, kind.name, bits)

						one := make([]int32, panelRows)
						m.dot(set, one, o.row(n), panel, panel+1)
						require.Equal(t, want, one, "%s, weights %s, inputs of %d bits", set.name, kind.name, bits)
					}
				}
			}
		}
	}
}
