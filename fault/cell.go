package fault

import (
	"maps"
	"slices"

	"rnnsim/internal/fixed"
)

// cell is one layer in one direction, as properties that faults set. A fault works on a copy: it replaces nodes and slices and
// never writes into shared ones.
type cell struct {
	graph    string
	layer    int
	backward bool
	nodes    []*node // in an order in which each comes after those that it reads at the same step
	params   []*param
	index    map[string]int // of nodes, by name
	// x, h and c are the places of input_0, input_1 and input_2; nextH and nextC of what becomes h and c. -1 is none.
	x, h, c, nextH, nextC int
	// sound is the cell without a fault. Where a fault can be is told by it, so that two faults are the same in either order.
	sound *cell
	// touched marks the nodes that a fault has altered.
	touched []bool
	// early is how many units are computed at a time by a cell that overwrites h while later units still read it; 0 is none.
	early int
}

// node is one column of a cell's trace: an op with the quantization point behind it.
type node struct {
	name, label, op string
	width           int
	format          fixed.Format
	reads           []operand
	point           point
	table           table   // of sigmoid and tanh
	product         product // of a matmul
	add             adder   // of add and sub
	state           state   // of input_1 and input_2
	// instead computes the node in a way that has nothing in common with its op; nil for none.
	instead func(f *Follower, n *node, out []int16) bool
}

// operand is a node that another one reads.
type operand struct {
	node     int          // place in the cell's nodes
	format   fixed.Format // of the node
	position int          // where its integers are taken to stand
	delay    int          // how many steps ago it is read: 0 is this step
	lens     lens         // how its integers are taken; nil is as they are
	// atStart replaces the node at the first step of a sequence; it is used where useStart is set.
	atStart  int
	useStart bool
}

// lens is a way to take an integer of a format.
type lens func(int16, fixed.Format) int64

func (o *operand) take(v int16) int64 {
	if o.lens == nil {
		return int64(v)
	}
	return o.lens(v, o.format)
}

// from lets an operand read another node of the cell, in every other way as before.
func (o *operand) from(c *cell, node int) {
	format := c.nodes[node].format
	o.position += format.Position - o.format.Position
	o.node, o.format = node, format
}

// param is a parameter of the cell, as integers.
type param struct {
	name, label string
	shape       []int
	format      fixed.Format
	values      []int16
}

// state says how an input of the cell follows from earlier steps.
type state struct {
	isState bool
	// resets is how many of a sequence's first steps read the initial state and not an earlier frame.
	resets int
}

// clone gives a copy that shares the nodes; touch separates them one by one.
func (c *cell) clone() *cell {
	copied := *c
	copied.nodes = slices.Clone(c.nodes)
	copied.touched = slices.Clone(c.touched)
	copied.index = maps.Clone(c.index)
	return &copied
}

// touch gives a node to be altered.
func (c *cell) touch(at int) *node {
	c.touched[at] = true
	n := *c.nodes[at]
	n.reads = slices.Clone(n.reads)
	c.nodes[at] = &n
	return &n
}

// becomesH is the place of the node whose values input_1 gets.
func (c *cell) becomesH() int { return c.nodes[c.h].reads[0].node }

// find gives the place of a node, -1 for none.
func (c *cell) find(name string) int {
	if at, ok := c.index[name]; ok {
		return at
	}
	return -1
}

// where lists the nodes for which a condition holds.
func (c *cell) where(holds func(*node) bool) []int {
	var places []int
	for i, n := range c.nodes {
		if holds(n) {
			places = append(places, i)
		}
	}
	return places
}

// everySoMany is more steps than any sequence has.
const everySoMany = 1 << 62
