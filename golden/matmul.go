package golden

// matmul is x·Wᵀ with an optional bias. With a bias it is two steps, which the graph does not show: the product is quantized
// (floor, saturate), then the bias is added and the sum quantized again.
type matmul struct {
	quantizer
	// weights is [width of the node, width of x], row-major, with rows of zeros up to a multiple of rowsAtOnce.
	weights []int16
	// pairs holds two rows of weights in each number, or is nil; see pairRows.
	pairs []int64
	bias  *param // nil for none
}

// rowsAtOnce rows of the weights are multiplied in one pass over x.
const rowsAtOnce = 4

func newMatmul(q quantizer, weights []int16, columns int, bias *param) *matmul {
	rows := len(weights) / columns
	if missing := -rows & (rowsAtOnce - 1); missing > 0 {
		weights = append(weights[:len(weights):len(weights)], make([]int16, missing*columns)...)
	}
	return &matmul{quantizer: q, weights: weights, pairs: pairRows(weights, columns), bias: bias}
}

func (r *matmul) compute(n *node, frame [][]int16, out []int16) (clamped int32) {
	x := n.reads[0].values(frame)
	position := n.reads[0].format.Position + n.reads[1].format.Position
	for row := 0; row < len(out); row += rowsAtOnce {
		sums := r.products(x, row)
		for i := range out[row:min(row+rowsAtOnce, len(out))] {
			value, c := r.take(sums[i], position)
			if r.bias != nil {
				var again int32
				value, again = r.takeSum(int64(value), r.position, int64(r.bias.values[row+i]), r.bias.format.Position)
				c |= again // a value counts once, whichever step clamped it
			}
			out[row+i] = value
			clamped += c
		}
	}
	return clamped
}

// products gives the sums Σ x·w of the rows from the given one on. Products of 16-bit integers have 31 bits, so that 2^32 of
// them fit in 64.
func (r *matmul) products(x []int16, row int) [rowsAtOnce]int64 {
	if r.pairs != nil {
		return r.pairedProducts(x, row)
	}
	columns := len(x)
	block := r.weights[row*columns:]
	w0, w1, w2, w3 := block[:columns], block[columns:][:columns], block[2*columns:][:columns], block[3*columns:][:columns]
	var s0, s1, s2, s3 int64 // in registers, where an array would not be
	for i, v := range x {
		v := int64(v)
		s0 += v * int64(w0[i])
		s1 += v * int64(w1[i])
		s2 += v * int64(w2[i])
		s3 += v * int64(w3[i])
	}
	return [rowsAtOnce]int64{s0, s1, s2, s3}
}
