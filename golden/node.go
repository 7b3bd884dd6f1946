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

// elementwise is add, sub and mul. An operand of width 1 serves all elements.
type elementwise struct {
	quantizer
	combine func(q *quantizer, a int64, positionA int, b int64, positionB int) (int16, int32)
}

func add(q *quantizer, a int64, positionA int, b int64, positionB int) (int16, int32) {
	return q.takeSum(a, positionA, b, positionB)
}

func sub(q *quantizer, a int64, positionA int, b int64, positionB int) (int16, int32) {
	return q.takeSum(a, positionA, -b, positionB)
}

func mul(q *quantizer, a int64, positionA int, b int64, positionB int) (int16, int32) {
	return q.take(a*b, positionA+positionB)
}

func (r *elementwise) compute(n *node, frame [][]int16, out []int16) (clamped int32) {
	a, b := &n.reads[0], &n.reads[1]
	valuesA, valuesB := a.values(frame), b.values(frame)
	for i := range out {
		var c int32
		out[i], c = r.combine(&r.quantizer, pick(valuesA, i), a.format.Position, pick(valuesB, i), b.format.Position)
		clamped += c
	}
	return clamped
}

func pick(values []int16, i int) int64 {
	if len(values) == 1 {
		return int64(values[0])
	}
	return int64(values[i])
}

// activation is sigmoid and tanh.
type activation struct {
	quantizer
	table *fixed.Table
}

func (r *activation) compute(n *node, frame [][]int16, out []int16) (clamped int32) {
	position := n.reads[0].format.Position
	for i, v := range n.reads[0].values(frame) {
		var c int32
		out[i], c = r.take(look(r.table, int64(v), position), fixed.TablePosition)
		clamped += c
	}
	return clamped
}

// cut is a fix op behind another fix op: it brings integers from one format to another, as the 8-bit matmul inputs are.
type cut struct{ quantizer }

func (r *cut) compute(n *node, frame [][]int16, out []int16) (clamped int32) {
	return r.all(n.reads[0].values(frame), n.reads[0].format.Position, out)
}

func (q *quantizer) all(values []int16, position int, out []int16) (clamped int32) {
	for i, v := range values {
		var c int32
		out[i], c = q.take(int64(v), position)
		clamped += c
	}
	return clamped
}
