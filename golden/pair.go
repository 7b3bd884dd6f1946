package golden

// pairRows packs rows 2k and 2k+1 of the weights into numbers w + w'·2^32, so that one multiplication serves both. norm is the
// largest Σ|w| of a row: where norm · |x| stays below 2^31, the two sums can be told apart. Rows of weights so large that no x of
// use would do have no pairs.
func pairRows(weights []int16, columns int) (pairs []int64, norm int64) {
	for at := 0; at < len(weights); at += columns {
		sum := int64(0)
		for _, w := range weights[at : at+columns] {
			sum += max(int64(w), -int64(w))
		}
		norm = max(norm, sum)
	}
	const least = 1 << 8 // of |x|
	if norm*least >= pairedLimit {
		return nil, norm
	}
	pairs = make([]int64, 0, len(weights)/2)
	for at := 0; at < len(weights); at += 2 * columns {
		first, second := weights[at:at+columns], weights[at+columns:][:columns]
		for i, w := range first {
			pairs = append(pairs, int64(w)+int64(second[i])<<32)
		}
	}
	return pairs, norm
}

// pairedLimit is what norm · |x| must stay below: then each sum of a pair has 32 bits.
const pairedLimit = 1 << 31

// paired says whether the pairs serve for these inputs.
func (r *matmul) paired(x []int16) bool {
	if r.pairs == nil {
		return false
	}
	var largest int64
	for _, v := range x {
		largest = max(largest, int64(v), -int64(v))
	}
	return r.norm*largest < pairedLimit
}

// pairedProducts is products by way of the pairs. Modulo 2^64 each total is s + s'·2^32, whatever its partial sums were, and s
// has 32 bits.
func (r *matmul) pairedProducts(x []int16, row int) [rowsAtOnce]int64 {
	columns := len(x)
	first := r.pairs[row/2*columns:][:columns]
	second := r.pairs[(row/2+1)*columns:][:columns]
	var a, b int64
	for i, v := range x {
		a += int64(v) * first[i]
		b += int64(v) * second[i]
	}
	s0, s2 := int64(int32(a)), int64(int32(b))
	return [rowsAtOnce]int64{s0, (a - s0) >> 32, s2, (b - s2) >> 32}
}
