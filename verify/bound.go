package verify

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"rnnsim/golden"
	"rnnsim/internal/fixed"
)

// explained says whether float32 arithmetic, in some order of summation, can have given recorded for one value of a node
// whose inputs are known, where exact arithmetic gives something else.
//
// The original computes with float32 numbers that lie on the grid of their fix position. Adding two of them, looking one up
// and shifting are exact, so that only two kinds of node can differ: a product, whose single rounding is known to the bit,
// and a matmul, whose error depends on an unknown order of summation and is bounded by sumError. The bound tells how far the
// float32 sum can lie from the exact one; the recorded value is explained when each rounding boundary between it and the
// exact result lies within that distance.
//
// inputs are the values of the nodes that the node reads, by name.
func explained(n *golden.NodeInfo, index int, inputs map[string][]int16, recorded int16) bool {
	switch {
	case n.Op == "mul" && len(n.Reads) == 2:
		return explainedProduct(n, index, inputs, recorded)
	case n.Matmul != nil && len(n.Reads) > 0:
		return explainedSum(n, index, inputs, recorded)
	}
	return false
}

func explainedProduct(n *golden.NodeInfo, index int, inputs map[string][]int16, recorded int16) bool {
	a, b := operandAt(n.Reads[0], index, inputs), operandAt(n.Reads[1], index, inputs)
	rounded := int64(float32(a) * float32(b)) // at most 2^30 in magnitude: the float32 is an integer
	shift := n.Reads[0].Format.Position + n.Reads[1].Format.Position - n.Format.Position
	result, _ := fixed.Saturate(fixed.ShiftRight(rounded, shift), n.Format.Bits)
	return result == int64(recorded)
}

// operandAt gives one value of what a node reads; an operand of one value serves all elements.
func operandAt(r golden.Read, index int, inputs map[string][]int16) int16 {
	values := r.Param
	if values == nil {
		values = inputs[r.Name]
	}
	if len(values) == 1 {
		return values[0]
	}
	return values[index]
}

func explainedSum(n *golden.NodeInfo, index int, inputs map[string][]int16, recorded int16) bool {
	x := inputs[n.Reads[0].Name]
	weights := n.Matmul.Weights[index*len(x):][:len(x)]
	products := make([]int64, len(x))
	var sum int64
	for i := range x {
		products[i] = int64(x[i]) * int64(weights[i])
		sum += products[i]
	}
	shift := n.Reads[0].Format.Position + n.Matmul.WeightFormat.Position - n.Format.Position
	distance := sumError(products)
	low := finishSum(n, floorShift(sum, -distance, shift), index)
	high := finishSum(n, floorShift(sum, distance, shift), index)
	return low <= int64(recorded) && int64(recorded) <= high
}

// finishSum does what follows the shift of the sum: saturate, then add the bias and saturate again.
func finishSum(n *golden.NodeInfo, sum int64, index int) int64 {
	result, _ := fixed.Saturate(sum, n.Format.Bits)
	if n.Matmul.Bias == nil {
		return result
	}
	biasPosition := n.Matmul.BiasFormat.Position
	position := max(n.Format.Position, biasPosition)
	aligned := fixed.ShiftRight(result, n.Format.Position-position) + fixed.ShiftRight(int64(n.Matmul.Bias[index]), biasPosition-position)
	result, _ = fixed.Saturate(fixed.ShiftRight(aligned, position-n.Format.Position), n.Format.Bits)
	return result
}

// floorShift gives floor((sum + distance) / 2^shift), for a distance that need not be whole.
func floorShift(sum int64, distance float64, shift int) int64 {
	if shift >= 0 {
		return fixed.ShiftRight(sum+int64(math.Floor(distance)), shift)
	}
	return fixed.ShiftRight(sum, shift) + int64(math.Floor(math.Ldexp(distance, -shift)))
}

// sumError bounds |float32 sum - exact sum| of the products, in the unit of the products, for every order of summation, with
// or without fused multiply-add.
//
// A float32 operation errs by at most u = 2^-24 of its result. A product of 24 significant bits or fewer is exact. A sum is a
// tree of n-1 additions; where the products that lie below an addition sum up to at most 2^24 units of their common power of
// two, in magnitude, that addition is exact. Of all trees the chain that starts with the largest products has, k by k, the
// most and the largest partial sums: a tree of n leaves has at most n-k+1 inner nodes with k or more leaves, and the chain
// has just as many. So the chain's errors, added up, bound those of any order; the factor (1+u)^(n-1)
// covers that each partial sum carries the errors of those below it.
func sumError(products []int64) float64 {
	const u = 1.0 / (1 << 24)
	const exact = 1 << 24
	unit := 63
	magnitudes := make([]int64, 0, len(products))
	for _, p := range products {
		if p == 0 {
			continue
		}
		if p < 0 {
			p = -p
		}
		magnitudes = append(magnitudes, p)
		unit = min(unit, bits.TrailingZeros64(uint64(p)))
	}
	slices.SortFunc(magnitudes, func(a, b int64) int { return cmp.Compare(b, a) })
	var total, partial float64
	for i, p := range magnitudes {
		if p>>bits.TrailingZeros64(uint64(p)) > exact {
			total += float64(p)
		}
		partial += float64(p)
		if i > 0 && partial > math.Ldexp(exact, unit) {
			total += partial
		}
	}
	if total == 0 {
		return 0
	}
	const slack = 1 + 1e-12 // what the float64 arithmetic of this function can lose
	return total * u * math.Pow(1+u, float64(len(magnitudes)-1)) * slack
}
