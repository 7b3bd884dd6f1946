package sim

import "rnnsim/internal/fixed"

// cell is a graph as the simulator reads it: one node for each quantization point.
type cell struct {
	graph    string
	layer    int
	backward bool
	nodes    []*node // in the order in which they run and are recorded
	params   []*param
	input    *node   // x
	states   []*node // h, and c where the cell has one: input_1, input_2
	next     []*node // what each state is at the following step; next[0] is the cell's output
}

func (c *cell) output() *node { return c.next[0] }

// Kinds of nodes: the op types whose results are quantized, and fix itself for a value that is quantized again.
const (
	kindData    = "data"
	kindFix     = "fix"
	kindMatmul  = "matmul"
	kindAdd     = "add"
	kindSub     = "sub"
	kindMul     = "mul"
	kindSigmoid = "sigmoid"
	kindTanh    = "tanh"
)

// node is an op together with the fix op that quantizes its result.
type node struct {
	name   string // as dump.Node.Name
	kind   string
	width  int
	format fixed.Format
	args   []operand // as the graph has them: x and the matrix for a matmul
	weight *param    // a matmul's matrix, one row an output
	bias   *param    // a matmul's bias, or nil
}

// operand is what an op reads: the values of a node of the same step, or a parameter.
type operand struct {
	node  *node
	param *param
}

func (o operand) width() int {
	if o.node != nil {
		return o.node.width
	}
	return len(o.param.values)
}

func (o operand) position() int {
	if o.node != nil {
		return o.node.format.Position
	}
	return o.param.format.Position
}

// param is a quantized const.
type param struct {
	name      string // as dump.Param.Name
	qualified bool   // the op carries the graph's name in front
	shape     []int
	format    fixed.Format
	values    []int16
}
