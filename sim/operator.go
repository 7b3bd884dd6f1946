package sim

import "rnnsim/internal/fixed"

// span is where a row lies in a frame's values.
type span struct{ from, to int }

func (s span) of(values []int16) []int16 { return values[s.from:s.to:s.to] }

// operator computes one node of a frame from what lies before it in the frame, and counts the values that were clamped.
type operator interface {
	compute(values []int16) (clamped int32)
	// fitsInt32 says that whatever the operands hold, no value needs more than 32 bits where it is clamped.
	fitsInt32() bool
}

// most is the largest magnitude of a value of a frame.
const most = 1 << 15

// linearOperator is x·W, quantized, then the bias added and quantized again.
type linearOperator struct {
	x, out  span
	weight  []int16 // one row an output
	product rescale
	bias    []int16 // nil for none
	biased  alignedSum
}

func (l *linearOperator) compute(values []int16) (clamped int32) {
	x, out := l.x.of(values), l.out.of(values)
	for i := range out {
		v, over := l.product.apply(dot(l.weight[i*len(x):(i+1)*len(x)], x))
		if l.bias != nil {
			var again int32
			v, again = l.biased.apply(int64(v), int64(l.bias[i]))
			over |= again
		}
		out[i] = v
		clamped += over
	}
	return clamped
}

// dot is the exact sum of products.
func dot(w, x []int16) (sum int64) {
	x = x[:len(w)]
	for i, v := range w {
		sum += int64(int32(v) * int32(x[i]))
	}
	return sum
}

// row is an operand of an elementwise op: a row of the node's width, or one value for all of it.
type row struct {
	span
	stride int
}

func newRow(s span) row {
	if s.to-s.from == 1 {
		return row{span: s}
	}
	return row{span: s, stride: 1}
}

// sumOperator is a + b, or a - b.
type sumOperator struct {
	a, b     row
	subtract bool
	out      span
	alignedSum
}

func (s *sumOperator) compute(values []int16) (clamped int32) {
	a, b, out := s.a.of(values), s.b.of(values), s.out.of(values)
	for i := range out {
		left, right := int64(a[i*s.a.stride]), int64(b[i*s.b.stride])
		if s.subtract {
			right = -right
		}
		v, over := s.apply(left, right)
		out[i] = v
		clamped += over
	}
	return clamped
}

// productOperator is a·b.
type productOperator struct {
	a, b row
	out  span
	rescale
}

func (p *productOperator) compute(values []int16) (clamped int32) {
	a, b, out := p.a.of(values), p.b.of(values), p.out.of(values)
	for i := range out {
		v, over := p.apply(int64(a[i*p.a.stride]) * int64(b[i*p.b.stride]))
		out[i] = v
		clamped += over
	}
	return clamped
}

// tableOperator is sigmoid or tanh by its table.
type tableOperator struct {
	table    *fixed.Table
	position int // of x
	x, out   span
	rescale  // from the table's position
}

func (t *tableOperator) compute(values []int16) (clamped int32) {
	x, out := t.x.of(values), t.out.of(values)
	for i := range out {
		v, over := t.apply(int64(t.table.Lookup(int64(x[i]), t.position)))
		out[i] = v
		clamped += over
	}
	return clamped
}

// rescaleOperator quantizes a node again, as the input of an 8-bit matmul is.
type rescaleOperator struct {
	x, out span
	rescale
}

func (r *rescaleOperator) compute(values []int16) (clamped int32) {
	x, out := r.x.of(values), r.out.of(values)
	for i := range out {
		v, over := r.apply(int64(x[i]))
		out[i] = v
		clamped += over
	}
	return clamped
}
