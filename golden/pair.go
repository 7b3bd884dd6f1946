package golden

// pairRows packs rows 2k and 2k+1 of the weights into numbers w + w'·2^32, so that one multiplication serves both. It gives nil
// where the sums could be too large to be told apart: a sum Σ x·w of 16-bit x is at most 2^15·Σ|w|, which is below 2^31 while
// Σ|w| is below 2^16. 8-bit weights of up to 511 columns always are.
func pairRows(weights []int16, columns int) []int64 {
	const limit = 1 << 16
	for at := 0; at < len(weights); at += columns {
		sum := int64(0)
		for _, w := range weights[at : at+columns] {
			sum += max(int64(w), -int64(w))
		}
		if sum >= limit {
			return nil
		}
	}
	pairs := make([]int64, 0, len(weights)/2)
	for at := 0; at < len(weights); at += 2 * columns {
		for i, w := range weights[at : at+columns] {
			pairs = append(pairs, int64(w)+int64(weights[at+columns+i])*(1<<32))
		}
	}
	return pairs
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
