package golden

import "math"

// compute gives the values of a node from those of the nodes before it.
func (n *floatNode) compute(frame [][]float64, out []float64) {
	if n.Op == "matmul" {
		n.matmul(frame[n.reads[0]], out)
		return
	}
	a := frame[n.reads[0]]
	b := frame[n.reads[len(n.reads)-1]]
	a, b = a[:len(out)], b[:len(out)]
	switch n.Op {
	case "add":
		for i := range out {
			out[i] = a[i] + b[i]
		}
	case "sub":
		for i := range out {
			out[i] = a[i] - b[i]
		}
	case "mul":
		for i := range out {
			out[i] = a[i] * b[i]
		}
	case "sigmoid":
		for i := range out {
			out[i] = sigmoid(a[i])
		}
	case "tanh":
		for i := range out {
			out[i] = math.Tanh(a[i])
		}
	}
}

// matmul adds up four rows side by side: each sum has its own order, and none waits for another.
func (n *floatNode) matmul(x, out []float64) {
	const rows = 4
	i := 0
	for ; i+rows <= len(out); i += rows {
		var s0, s1, s2, s3 float64
		if n.bias != nil {
			s0, s1, s2, s3 = n.bias[i], n.bias[i+1], n.bias[i+2], n.bias[i+3]
		}
		w0, w1, w2, w3 := n.row(i, x), n.row(i+1, x), n.row(i+2, x), n.row(i+3, x)
		for j, v := range x {
			s0 += w0[j] * v
			s1 += w1[j] * v
			s2 += w2[j] * v
			s3 += w3[j] * v
		}
		out[i], out[i+1], out[i+2], out[i+3] = s0, s1, s2, s3
	}
	for ; i < len(out); i++ {
		sum := 0.0
		if n.bias != nil {
			sum = n.bias[i]
		}
		for j, w := range n.row(i, x) {
			sum += w * x[j]
		}
		out[i] = sum
	}
}

// row is the weights of an output, one an element of x.
func (n *floatNode) row(i int, x []float64) []float64 { return n.weights[i*len(x):][:len(x)] }

func sigmoid(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
