package kernel

import "rnnsim/internal/fixed"

// The general path: one node after the other in 64-bit arithmetic, for every legal combination of positions.

// sat16 clamps to 16 bits.
func sat16(v int64) int16 { return int16(min(max(v, -1<<15), 1<<15-1)) }

// requantize moves a 16-bit value from one position to another: floor, then saturate.
func requantize(v int16, from, to int) int16 { return sat16(fixed.ShiftRight(int64(v), from-to)) }

// addAligned is the sum of a at position pa and b at position pb, at position out.
func addAligned(a int16, pa int, b int16, pb, out int) int16 {
	p := max(pa, pb)
	return sat16(fixed.ShiftRight(int64(a)<<(p-pa)+int64(b)<<(p-pb), p-out))
}

// mulAt is the product of a at position pa and b at position pb, at position out.
func mulAt(a int16, pa int, b int16, pb, out int) int16 {
	return sat16(fixed.ShiftRight(int64(a)*int64(b), pa+pb-out))
}

// cut is the input that a linear reads: dst[k] = sat(x[k] >> (p - l.Input.Position)).
func (l *Linear) cut(dst, x []int16, p int) {
	shift, lo, hi := p-l.Input.Position, l.Input.Min(), l.Input.Max()
	for k, v := range x {
		dst[k] = int16(min(max(fixed.ShiftRight(int64(v), shift), lo), hi))
	}
}

// apply computes the linear for the units from…to of one step from an input that was cut.
func (l *Linear) apply(dst, x []int16, from, to int) {
	shift := l.Input.Position + l.WeightFormat.Position - l.Output
	for u := from; u < to; u++ {
		row := l.Weights[u*len(x) : (u+1)*len(x)]
		var sum int64
		for k, w := range row {
			sum += int64(w) * int64(x[k])
		}
		out := sat16(fixed.ShiftRight(sum, shift))
		if l.Bias != nil {
			out = addAligned(out, l.Output, l.Bias[u], l.BiasPosition, l.Output)
		}
		dst[u] = out
	}
}

// applyAll runs the linears that read one tensor, in order, and returns the tensor as the last cut left it, with its
// position, when the cut is in place; else the tensor itself.
func applyAll(linears []*Linear, dst [][]int16, x []int16, p int, inPlace bool, scratch []int16) ([]int16, int) {
	scratch = scratch[:len(x)]
	source, position := x, p
	for n, l := range linears {
		if inPlace {
			l.cut(scratch, source, position)
			source, position = scratch, l.Input.Position
		} else {
			l.cut(scratch, x, p)
		}
		l.apply(dst[n], scratch, 0, len(dst[n]))
	}
	return source, position
}

// subAligned is a at position pa less b at position pb, at position out.
func subAligned(a int16, pa int, b int16, pb, out int) int16 {
	p := max(pa, pb)
	return sat16(fixed.ShiftRight(int64(a)<<(p-pa)-int64(b)<<(p-pb), p-out))
}
