package xmodel

// Graph is one cell as XIR says it: one timestep of one layer in one direction.
type Graph struct {
	Name  string
	Attrs Attrs
	// Ops is in topological order: an op reads only ops before it.
	Ops []*Op
	// Root is the root subgraph, or nil where the file has none.
	Root *Subgraph
}

// Op is a node of a graph.
type Op struct {
	Name   string
	Type   string // "const", "data", "fix", "matmul", "add", "sub", "mul", "sigmoid", "tanh", …
	Attrs  Attrs
	Args   []Arg
	Output Tensor
}

// Arg is a named argument of an op: the names of the ops it reads.
type Arg struct {
	Name string
	Ops  []string
}

// DataType is XIR's element type; the width in bits is kept apart from it.
type DataType int32

// XIR's element types, with their numbers in the file.
const (
	Int DataType = iota
	Uint
	XInt
	XUint
	Float
)

// Tensor is what an op yields.
type Tensor struct {
	Name     string
	Shape    []int32 // -1 is an unknown dimension
	Type     DataType
	BitWidth int32
	Attrs    Attrs
}

// Subgraph is a node of the tree that a file hangs over its ops.
type Subgraph struct {
	Name     string
	Ops      []string
	Attrs    Attrs
	Children []*Subgraph
}

// Attrs maps an attribute's name to its value. The dynamic type is one of those that XIR has: bool, int32, uint32, int64,
// uint64, float32, float64, string, []byte, []bool, []int32, []uint32, []int64, []uint64, []float32, []float64, []string,
// [][]byte, and map[string]T for T of int32, uint32, int64, uint64, string, []byte, []int32, []uint32, []int64, []uint64,
// []string. A nil value is an attribute that the file names without a value.
type Attrs map[string]any

// Model is the cells of one quantized network, in execution order: layer 0 forward, layer 0 backward, layer 1 forward, …
type Model struct {
	// Source is the folder or file that the model was read from, for messages.
	Source string
	Cells  []Cell
}

// Cell is one graph with its place in the network.
type Cell struct {
	Graph    *Graph
	Layer    int
	Backward bool
}

// Compat selects whose semantics a quantized cell has where the original tool has a fault.
type Compat int

const (
	// Sane is the integer datapath of the specification for every input.
	Sane Compat = iota
	// VAI20 reproduces Vitis AI 2.0 with its faults: quantization in place (a backward cell reads x on the forward cell's
	// grid; an 8-bit GRU's ft*input_1 reads the 8-bit h), the cast to int32 before the clamp, shared GRU parameter names.
	VAI20
)
