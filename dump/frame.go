package dump

// Header describes a trace: the cells in execution order and where the values came from.
type Header struct {
	Cells []Cell
	// Meta is provenance: "rnnsim.version", "rnnsim.model_digest", "rnnsim.stimulus_digest", "rnnsim.origin", … It never
	// holds anything that differs between two runs on the same inputs (no dates, no paths).
	Meta map[string]string
}

// Cell describes the columns of one cell: one layer in one direction.
type Cell struct {
	Graph    string // graph name, "Lstm_StandardLstmCell_layer_0_forward"
	Layer    int
	Backward bool // a backward cell's step 0 is the last timestep of the sequence
	Nodes    []Node
	// Params are the cell's parameters, which do not change from frame to frame. They may be absent (nil).
	Params []Param
}

// Node describes one column: an op of the cell's graph.
type Node struct {
	// Name is the op's name in the graph without the graph's prefix and without "_fix": "w_ii___input_0___bias_i",
	// "h_next", "w_ii___input_0___bias_i_pre_fix_i0" for an 8-bit matmul input.
	Name string
	// Label is the name as quant_info.json has it: "w_ii * input_0 + bias_i". Equal to Name where there is no other.
	Label    string
	Op       string // op type: "data", "matmul", "add", "sub", "mul", "sigmoid", "tanh", "fix"
	Width    int    // values a frame
	Bits     int    // bit width of the integers; 32 for a float trace
	Position int    // fix position; real value = integer / 2^Position
	Float    bool   // values are float32 (a float reference), not integers
	// Part says which units the values are of, where a recording has only some; nil is all. Width is then the number of these.
	Part *Part `json:",omitempty"`
}

// Part is some of the units of a node.
type Part struct {
	Units []int // ascending
	Of    int   // how many the node has
}

// Param is one parameter tensor of a cell.
type Param struct {
	Name           string // as Node.Name: "weight_ii", "bias_i"
	Label          string // the full quant_info name, with the graph prefix where the original has one
	Shape          []int
	Bits, Position int
	Values         []int16
}

// Frame is what the nodes of one cell held at one step.
type Frame struct {
	Cell     int // index into Header.Cells
	Sequence int
	Step     int // in execution order
	// Fixed holds one slice a node, in the order of Cell.Nodes; nil for a float node.
	Fixed [][]int16
	// Float holds one slice a node for float traces; nil otherwise.
	Float [][]float32
	// Saturations counts, a node, the values that were clamped. Nil where the producer cannot know.
	Saturations []int32
}

// Sink takes the frames of a run. Begin is called once, then Write for each frame; within a cell, they come in the order that Order
// describes. Write must not keep the frame's slices after it returns. Close makes the result whole and visible;
// Abort drops everything that was written. Exactly one of the two is called.
type Sink interface {
	Begin(Header) error
	Write(*Frame) error
	Close() error
	Abort() error
}

// Source yields the frames of a recorded run, in the order in which a Sink gets them: cell by cell within what the recording
// interleaves. Next fills the frame, whose slices are valid until the following call, and returns io.EOF after the last.
type Source interface {
	Header() Header
	Next(*Frame) error
	Close() error
}

// Noter is a source that has something to say of what it does not yield.
type Noter interface {
	// Notes are sentences, without a capital and a period.
	Notes() []string
}

// Sequence is one stimulus: the steps of x, row-major [steps, features], either as real numbers or as integers that are
// already on the first cell's input grid; and the initial states.
type Sequence struct {
	Float []float32
	Fixed []int16
	// Initial is the state of each cell before its first step, by index of the cell in execution order; nil is all zero.
	Initial []State
}

// State is h and c of a cell, as integers on the grids of its input_1 and input_2. C is nil for a GRU. A nil H or C is zero.
type State struct {
	H, C []int16
}
