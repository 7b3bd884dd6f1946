package kernel

import "fmt"

// Sequence is one sequence of timesteps, or a stretch of one: the state goes in and comes out, so that a long sequence can be
// run stretch by stretch.
type Sequence struct {
	// X is [steps, inputs], row-major, 16-bit integers at the position of input_0, in the order of execution.
	X []int16
	// H and C are [hidden]: the state before the first step, replaced by the state after the last, on the grids of input_1
	// and input_2. A GRU has no C.
	H, C []int16
	// Output takes h_next of each step, [steps, hidden], at its own position. It may be nil.
	Output []int16
	// Trace takes every node of each step, one row of Trace().Row values a step; or is nil. Rows are laid out as Layout says.
	Trace []int16
}

// Layout is how a row of Sequence.Trace holds the nodes of one step: node n of unit u is value n·Stride + u. Values between
// the last unit and the stride are padding, and have no meaning.
type Layout struct {
	Nodes  []string // node names, as the graph has them
	Stride int      // values from one node to the next, at least the number of units
	Row    int      // values a step, len(Nodes)·Stride
}

func newLayout(nodes []string, hidden int) Layout {
	stride := roundUp(hidden, blockUnits)
	return Layout{Nodes: nodes, Stride: stride, Row: len(nodes) * stride}
}

// Indices of the nodes of an LSTM in its trace. The sums of gate g are at 3g, 3g+1 and 3g+2: the product with x, the product
// with h, and y.
const (
	lstmGates = 12 + iota // it, ft, cct, ot
	_
	_
	_
	lstmItCct
	lstmFtC
	lstmCNext
	lstmCTemp
	lstmHNext
	lstmNodeCount
)

var lstmNodes = []string{
	"w_ii___input_0___bias_i", "w_hi___input_1", "y_i",
	"w_if___input_0___bias_f", "w_hf___input_1", "y_f",
	"w_ig___input_0___bias_g", "w_hg___input_1", "y_g",
	"w_io___input_0___bias_o", "w_ho___input_1", "y_o",
	"it", "ft", "cct", "ot",
	"it_cct", "ft_input_2", "c_next", "c_temp", "h_next",
}

// Indices of the nodes of a GRU in its trace.
const (
	gruInputI = iota
	gruStateI
	gruYI
	gruInputF
	gruStateF
	gruYF
	gruIt
	gruFt
	gruInputG
	gruStateG
	gruItH
	gruYG
	gruCct
	gruFtCct
	gruCctSub
	gruFtH
	gruHNext
	gruNodeCount
)

var gruNodes = []string{
	"w_ii___input_0___bias_ii", "w_hi___input_1___bias_hi", "y_i",
	"w_if___input_0___bias_if", "w_hf___input_1___bias_hf", "y_f",
	"it", "ft",
	"w_ig___input_0___bias_ig", "w_hg___input_1___bias_hg", "it__w_hg___input_1___bias_hg_", "y_g",
	"cct", "ft_cct", "cct_ft_cct", "ft_input_1", "h_next",
}

// steps checks a sequence against the cell's shape and gives its number of steps. stateC is the length that C must have.
func (s *Sequence) steps(inputs, hidden, stateC, traceRow int) (int, error) {
	if len(s.X)%inputs != 0 {
		return 0, fmt.Errorf("%d values of x are no whole number of steps of %d inputs", len(s.X), inputs)
	}
	steps := len(s.X) / inputs
	if len(s.H) != hidden || len(s.C) != stateC {
		return 0, fmt.Errorf("the state has %d values of h and %d of c; the cell needs %d and %d", len(s.H), len(s.C), hidden, stateC)
	}
	if s.Output != nil && len(s.Output) != steps*hidden {
		return 0, fmt.Errorf("the output has room for %d values; %d steps of %d units need %d", len(s.Output), steps, hidden, steps*hidden)
	}
	if s.Trace != nil && len(s.Trace) != steps*traceRow {
		return 0, fmt.Errorf("the trace has room for %d values; %d steps need %d", len(s.Trace), steps, steps*traceRow)
	}
	return steps, nil
}

func roundUp(n, multiple int) int { return (n + multiple - 1) / multiple * multiple }
