package sim

import (
	"math"

	"rnnsim/internal/fixed"
)

// span is where a row lies in a frame's values.
type span struct{ from, to int }

func (s span) of(values []int16) []int16 { return values[s.from:s.to:s.to] }

// operator computes the values of one node from what lies before it in the frame.
type operator interface {
	// at gives the value at an index, and 1 where it was clamped, else 0.
	at(values []int16, i int) (value int16, clamped int32)
	// ends are what values that were clamped have become.
	ends() ends
	// fitsInt32 says that whatever the operands hold, no value needs more than 32 bits where it is clamped.
	fitsInt32() bool
}

// compute fills out, which lies in values, and counts the values that were clamped.
func compute(o operator, values, out []int16) (clamped int32) {
	if cut, isCut := o.(*rescaleOperator); isCut && cut.shift >= 0 && cut.x.stride == 1 {
		return cut.all(values[cut.x.from:][:len(out)], out)
	}
	for i := range out {
		v, over := o.at(values, i)
		out[i] = v
		clamped += over
	}
	return clamped
}

// ends are the values that a clamped value of a node can have: an end of the range, or what the bias has made of it. Few
// values do, so that those of a node that is known already are counted without computing it again.
type ends struct {
	low, high   int16
	lows, highs []int16 // an output, where there is a bias
}

// least is the smallest magnitude of any of them.
func (e *ends) least() int {
	least := math.MaxInt
	for _, values := range [][]int16{{e.low, e.high}, e.lows, e.highs} {
		for _, v := range values {
			least = min(least, max(int(v), -int(v)))
		}
	}
	return least
}

// recount counts the clamped values of a node whose values are known.
func recount(o operator, e *ends, values, out []int16) (clamped int32) {
	for i, v := range out {
		if v == e.low || v == e.high || len(e.lows) > 0 && (v == e.lows[i] || v == e.highs[i]) {
			_, over := o.at(values, i)
			clamped += over
		}
	}
	return clamped
}

// linearOperator is x·W, quantized, then the bias added and quantized again.
type linearOperator struct {
	x       span
	weight  []int16 // one row an output
	product rescale
	bias    []int16 // nil for none
	biased  alignedSum
	// lows and highs are what the bias makes of a product that was clamped.
	lows, highs []int16
}

func newLinearOperator(x span, weight []int16, product rescale) *linearOperator {
	return &linearOperator{x: x, weight: weight, product: product}
}

func (l *linearOperator) addBias(bias []int16, sum alignedSum) {
	l.bias, l.biased = bias, sum
	for _, b := range bias {
		low, _ := sum.apply(sum.low, int64(b))
		high, _ := sum.apply(sum.high, int64(b))
		l.lows, l.highs = append(l.lows, low), append(l.highs, high)
	}
}

func (l *linearOperator) at(values []int16, i int) (int16, int32) {
	x := l.x.of(values)
	v, clamped := l.product.apply(dot(l.weight[i*len(x):(i+1)*len(x)], x))
	if l.bias != nil {
		sum, again := l.biased.apply(int64(v), int64(l.bias[i]))
		return sum, clamped | again
	}
	return v, clamped
}

func (l *linearOperator) ends() ends {
	e := l.product.ends()
	e.lows, e.highs = l.lows, l.highs
	return e
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
	from, stride int
}

func newRow(s span) row {
	if s.to-s.from == 1 {
		return row{from: s.from}
	}
	return row{from: s.from, stride: 1}
}

func (r row) at(values []int16, i int) int64 { return int64(values[r.from+i*r.stride]) }

// sumOperator is a + b, or a - b.
type sumOperator struct {
	a, b     row
	subtract bool
	alignedSum
}

func (s *sumOperator) at(values []int16, i int) (int16, int32) {
	a, b := s.a.at(values, i), s.b.at(values, i)
	if s.subtract {
		b = -b
	}
	return s.apply(a, b)
}

// productOperator is a·b.
type productOperator struct {
	a, b row
	rescale
}

func (p *productOperator) at(values []int16, i int) (int16, int32) {
	return p.apply(p.a.at(values, i) * p.b.at(values, i))
}

// tableOperator is sigmoid or tanh by its table.
type tableOperator struct {
	table    *fixed.Table
	position int // of x
	x        row
	rescale  // from the table's position
}

func (t *tableOperator) at(values []int16, i int) (int16, int32) {
	return t.apply(int64(t.table.Lookup(t.x.at(values, i), t.position)))
}

// rescaleOperator quantizes a node again, as the input of an 8-bit matmul is.
type rescaleOperator struct {
	x row
	rescale
}

func (r *rescaleOperator) at(values []int16, i int) (int16, int32) { return r.apply(r.x.at(values, i)) }

// all quantizes a row to a grid that is no finer: the kernels do not show these rows, and so they are made for every step of a trace.
func (r *rescaleOperator) all(x, out []int16) (clamped int32) {
	shift, low, high := min(r.shift, 15), r.low, r.high
	out = out[:len(x)]
	for i, v := range x {
		q := int64(v) >> shift
		if q < low || q > high {
			q16, over := r.clamp.apply(q)
			q, clamped = int64(q16), clamped+over
		}
		out[i] = int16(q)
	}
	return clamped
}
