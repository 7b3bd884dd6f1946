package golden

import "rnnsim/internal/fixed"

// node is one column of a cell's trace: an op of the graph with the fix op behind it.
type node struct {
	name   string
	op     string
	width  int
	format fixed.Format
	reads  []operand
	rule   rule // nil for an input
	at     int  // index in the cell's nodes and frames
}

// operand is what a node reads: another node of the cell, or a parameter.
type operand struct {
	node   *node // nil for a parameter
	param  *param
	width  int
	format fixed.Format
}

// param is a constant of the graph, on the grid of the fix op behind it.
type param struct {
	name   string
	label  string
	shape  []int
	format fixed.Format
	values []int16
}

// values gives the integers of the operand in a frame: one slice a node.
func (o *operand) values(frame [][]int16) []int16 {
	if o.node == nil {
		return o.param.values
	}
	return frame[o.node.at]
}

// rule computes a node from what it reads. It returns how many of the values it had to clamp.
type rule interface {
	compute(n *node, frame [][]int16, out []int16) (clamped int32)
}

// batch is how many values are worked out before they are quantized together. It is whole blocks of every packing.
const batch = 120

// elementwise is add, sub and mul. An operand of width 1 serves all elements.
type elementwise struct {
	quantizer
	combine combination
}

// combination works out what becomes of two operands element by element, not quantized yet.
type combination int

const (
	sum combination = iota
	difference
	product
)

func (r *elementwise) compute(n *node, frame [][]int16, out []int16) (clamped int32) {
	a, b := &n.reads[0], &n.reads[1]
	valuesA, valuesB := a.values(frame), b.values(frame)
	positionA, positionB := a.format.Position, b.format.Position
	sign := int64(1)
	if r.combine == difference {
		sign = -1
	}
	aligned := r.combine == product || near(positionA, positionB)
	position := positionA + positionB
	if r.combine != product {
		position = max(positionA, positionB)
	}
	var results [batch]int64
	var everyA, everyB [batch]int16
	for from := 0; from < len(out); from += batch {
		some := results[:min(batch, len(out)-from)]
		a, b := stretch(valuesA, from, everyA[:len(some)]), stretch(valuesB, from, everyB[:len(some)])
		a, b = a[:len(some)], b[:len(some)] // which the compiler does not see by itself
		switch {
		case !aligned:
			for i := range some {
				var c int32
				out[from+i], c = r.takeSum(int64(a[i]), positionA, sign*int64(b[i]), positionB)
				clamped += c
			}
			continue
		case r.combine == product:
			for i := range some {
				some[i] = int64(a[i]) * int64(b[i])
			}
		default:
			scaleA, scaleB := int64(1)<<(position-positionA), sign<<(position-positionB)
			for i := range some {
				some[i] = int64(a[i])*scaleA + int64(b[i])*scaleB
			}
		}
		clamped += r.takeAll(some, position, out[from:])
	}
	return clamped
}

// stretch gives the values from the given one on, as many as there is room for: of values, or of its only one over and over.
func stretch(values []int16, from int, room []int16) []int16 {
	if len(values) != 1 {
		return values[from:][:len(room)]
	}
	for i := range room {
		room[i] = values[0]
	}
	return room
}

// activation is sigmoid and tanh.
type activation struct {
	quantizer
	table *fixed.Table
}

func (r *activation) compute(n *node, frame [][]int16, out []int16) (clamped int32) {
	position := n.reads[0].format.Position
	values := n.reads[0].values(frame)[:len(out)]
	var entries [batch]int64
	for from := 0; from < len(out); from += batch {
		some := entries[:min(batch, len(out)-from)]
		lookAll(r.table, values[from:][:len(some)], position, some)
		clamped += r.takeAll(some, fixed.TablePosition, out[from:])
	}
	return clamped
}

// cut is a fix op behind another fix op: it brings integers from one format to another, as the 8-bit matmul inputs are.
type cut struct{ quantizer }

func (r *cut) compute(n *node, frame [][]int16, out []int16) (clamped int32) {
	return r.all(n.reads[0].values(frame), n.reads[0].format.Position, out)
}

func (q *quantizer) all(values []int16, position int, out []int16) (clamped int32) {
	var wide [batch]int64
	for from := 0; from < len(values); from += batch {
		some := wide[:min(batch, len(values)-from)]
		for i := range some {
			some[i] = int64(values[from+i])
		}
		clamped += q.takeAll(some, position, out[from:])
	}
	return clamped
}
