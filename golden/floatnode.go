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
	for i := range out {
		switch n.Op {
		case "add":
			out[i] = a[i] + b[i]
		case "sub":
			out[i] = a[i] - b[i]
		case "mul":
			out[i] = a[i] * b[i]
		case "sigmoid":
			out[i] = sigmoid(a[i])
		case "tanh":
			out[i] = math.Tanh(a[i])
		}
	}
}

func (n *floatNode) matmul(x, out []float64) {
	for i := range out {
		sum := 0.0
		if n.bias != nil {
			sum = n.bias[i]
		}
		for j, w := range n.weights[i*len(x) : (i+1)*len(x)] {
			sum += w * x[j]
		}
		out[i] = sum
	}
}

func sigmoid(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
