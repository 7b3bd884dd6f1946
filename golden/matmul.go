package golden

// matmul is x·Wᵀ with an optional bias. With a bias it is two steps, which the graph does not show: the product is quantized
// (floor, saturate), then the bias is added and the sum quantized again.
type matmul struct {
	quantizer
	// weights is [width of the node, width of x], row-major, with rows of zeros up to a multiple of rowsAtOnce.
	weights []int16
	// pairs holds two rows of weights in each number, or is nil; see pairRows.
	pairs [][pairsAtOnce]int64
	norm  int64
	bias  *param // nil for none
}

// rowsAtOnce rows of the weights are multiplied in one pass over x, pairsAtOnce pairs of them.
const (
	rowsAtOnce  = 8
	pairsAtOnce = rowsAtOnce / 2
)

func newMatmul(q quantizer, weights []int16, columns int, bias *param) *matmul {
	rows := len(weights) / columns
	if missing := -rows & (rowsAtOnce - 1); missing > 0 {
		weights = append(weights[:len(weights):len(weights)], make([]int16, missing*columns)...)
	}
	pairs, norm := pairRows(weights, columns)
	return &matmul{quantizer: q, weights: weights, pairs: pairs, norm: norm, bias: bias}
}

func (r *matmul) compute(n *node, frame [][]int16, out []int16) (clamped int32) {
	x := n.reads[0].values(frame)
	position := n.reads[0].format.Position + n.reads[1].format.Position
	products := r.productsFor(x)
	var sums [batch]int64
	for from := 0; from < len(out); from += batch {
		some := sums[:min(batch, len(out)-from)]
		for row := 0; row < len(some); row += rowsAtOnce {
			sums := products(x, from+row)
			copy(some[row:], sums[:])
		}
		clamped += r.quantize(some, position, from, out[from:])
	}
	return clamped
}

// productsFor chooses how products with x are formed.
func (r *matmul) productsFor(x []int16) func(x []int16, row int) [rowsAtOnce]int64 {
	if r.paired(x) {
		return r.pairedProducts
	}
	return r.products
}

// quantize quantizes the products of the rows from the given one on, and adds the bias. A value counts as clamped once, whichever
// step clamped it.
func (r *matmul) quantize(products []int64, position, from int, out []int16) (clamped int32) {
	if r.bias == nil {
		return r.takeAll(products, position, out)
	}
	bias, biasPosition := r.bias.values[from:], r.bias.format.Position
	if near(r.position, biasPosition) && r.takeAll(products, position, out) == 0 {
		finest := max(r.position, biasPosition)
		scale, biasScale := int64(1)<<(finest-r.position), int64(1)<<(finest-biasPosition)
		for i := range products {
			products[i] = int64(out[i])*scale + int64(bias[i])*biasScale
		}
		return r.takeAll(products, finest, out)
	}
	for i, product := range products {
		value, first := r.take(product, position)
		sum, second := r.takeSum(int64(value), r.position, int64(bias[i]), biasPosition)
		out[i] = sum
		clamped += first | second
	}
	return clamped
}

// products gives the sums Σ x·w of the rows from the given one on. Products of 16-bit integers have 31 bits, so that 2^32 of
// them fit in 64.
func (r *matmul) products(x []int16, row int) (sums [rowsAtOnce]int64) {
	const four = rowsAtOnce / 2
	columns := len(x)
	for k := 0; k < rowsAtOnce; k += four {
		block := r.weights[(row+k)*columns:]
		w0, w1, w2, w3 := block[:columns], block[columns:][:columns], block[2*columns:][:columns], block[3*columns:][:columns]
		var s0, s1, s2, s3 int64 // in registers, where an array would not be
		for i, v := range x {
			v := int64(v)
			s0 += v * int64(w0[i])
			s1 += v * int64(w1[i])
			s2 += v * int64(w2[i])
			s3 += v * int64(w3[i])
		}
		copy(sums[k:], []int64{s0, s1, s2, s3})
	}
	return sums
}
