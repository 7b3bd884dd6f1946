package quant

// matVec computes out[r] = Σ_k w[r][k]·x[k] + bias[r] for w of shape [len(out), len(x)], row-major; bias may be nil. Each sum
// runs over k in order, in float32, and the bias is added last: the original leaves the order to its BLAS, and this is the one
// order that depends on no machine. Four rows advance together to hide the latency of the additions; the order within a row
// stays.
func matVec(out, w, x, bias []float32) {
	n := len(x)
	r := 0
	for ; r+4 <= len(out); r += 4 {
		block := w[r*n : (r+4)*n]
		w0, w1, w2, w3 := block[:n], block[n:2*n], block[2*n:3*n], block[3*n:4*n]
		w0, w1, w2, w3 = w0[:len(x)], w1[:len(x)], w2[:len(x)], w3[:len(x)]
		var s0, s1, s2, s3 float32
		for k, v := range x {
			s0 += float32(w0[k] * v)
			s1 += float32(w1[k] * v)
			s2 += float32(w2[k] * v)
			s3 += float32(w3[k] * v)
		}
		out[r], out[r+1], out[r+2], out[r+3] = s0, s1, s2, s3
	}
	for ; r < len(out); r++ {
		var s float32
		for k, v := range w[r*n : (r+1)*n] {
			s += float32(v * x[k])
		}
		out[r] = s
	}
	for i, b := range bias {
		out[i] += b
	}
}
