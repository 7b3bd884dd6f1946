package golden

// pairRows packs rows 2k and 2k+1 of the weights into numbers w + w'·2^32, so that one multiplication serves both. The numbers of
// rowsAtOnce rows lie side by side, column by column, as they are needed. norm is the largest Σ|w| of a row: where norm · |x|
// stays below 2^31, the two sums can be told apart. Rows of weights so large that no x of use would do have no pairs.
func pairRows(weights []int16, columns int) (pairs [][pairsAtOnce]int64, norm int64) {
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
	pairs = make([][pairsAtOnce]int64, len(weights)/rowsAtOnce)
	for i := range pairs {
		block, column := i/columns, i%columns
		for k := range pairs[i] {
			first := (block*rowsAtOnce+2*k)*columns + column
			pairs[i][k] = int64(weights[first]) + int64(weights[first+columns])<<32
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
func (r *matmul) pairedProducts(x []int16, row int) (sums [rowsAtOnce]int64) {
	pairs := r.pairs[row/rowsAtOnce*len(x):][:len(x)]
	var a, b, c, d int64 // in registers, where an array would not be
	for i, v := range x {
		v, p := int64(v), &pairs[i]
		a += v * p[0]
		b += v * p[1]
		c += v * p[2]
		d += v * p[3]
	}
	for k, total := range [pairsAtOnce]int64{a, b, c, d} {
		s := int64(int32(total))
		sums[2*k], sums[2*k+1] = s, (total-s)>>32
	}
	return sums
}
