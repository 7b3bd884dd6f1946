package golden

import "sync"

// matmul is x·Wᵀ with an optional bias. With a bias it is two steps, which the graph does not show: the product is quantized
// (floor, saturate), then the bias is added and the sum quantized again.
type matmul struct {
	quantizer
	// weights is [width of the node, width of x], row-major.
	weights []int16
	packed  func() []*packing // of the weights, those first that serve the smallest x only; worked out when first asked for
	bias    *param            // nil for none
}

func newMatmul(q quantizer, weights []int16, columns int, bias *param) *matmul {
	pack := func() (packed []*packing) {
		for _, p := range packings {
			if p := p.pack(weights, columns); p != nil {
				packed = append(packed, p)
			}
		}
		return packed
	}
	return &matmul{quantizer: q, weights: weights, packed: sync.OnceValue(pack), bias: bias}
}

func (r *matmul) compute(n *node, frame [][]int16, out []int16) (clamped int32) {
	x := n.reads[0].values(frame)
	position := n.reads[0].format.Position + n.reads[1].format.Position
	packed := r.packingFor(x)
	var sums [batch]int64
	for from := 0; from < len(out); from += batch {
		some := sums[:min(batch, len(out)-from)]
		if packed != nil {
			packed.products(x, from, some)
		} else {
			r.products(x, from, some)
		}
		clamped += r.quantize(some, position, from, out[from:])
	}
	return clamped
}

// packingFor gives the densest packing that serves for these inputs, or nil.
func (r *matmul) packingFor(x []int16) *packing {
	var largest int64
	for _, v := range x {
		largest = max(largest, int64(v), -int64(v))
	}
	for _, p := range r.packed() {
		if p.serves(largest) {
			return p
		}
	}
	return nil
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
func (r *matmul) products(x []int16, from int, sums []int64) {
	columns := len(x)
	row := 0
	for ; row+4 <= len(sums); row += 4 { // four rows at once read x once
		block := r.weights[(from+row)*columns:]
		w0, w1, w2, w3 := block[:columns], block[columns:][:columns], block[2*columns:][:columns], block[3*columns:][:columns]
		var s0, s1, s2, s3 int64
		for i, v := range x {
			v := int64(v)
			s0 += v * int64(w0[i])
			s1 += v * int64(w1[i])
			s2 += v * int64(w2[i])
			s3 += v * int64(w3[i])
		}
		copy(sums[row:], []int64{s0, s1, s2, s3})
	}
	for ; row < len(sums); row++ {
		w := r.weights[(from+row)*columns:][:columns]
		sums[row] = 0
		for i, v := range x {
			sums[row] += int64(v) * int64(w[i])
		}
	}
}
