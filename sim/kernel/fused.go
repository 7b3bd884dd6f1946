package kernel

import (
	"fmt"
	"sync"
)

// fused is a cell whose nodes all have one fix position, in the form that the routines read.
type fused struct {
	r              *routines
	isLSTM         bool
	inputs, hidden int
	stride         int // units rounded up to whole blocks
	gates          int
	layout         Layout
	at             *positionArgs

	input, state       *matrix
	inputCut, stateCut int  // right shifts to the 8-bit inputs of the products
	readsCut           bool // ft*input_1 of a GRU reads the state as it was cut
	stateBound         int  // what |h| can reach after the first step
	divide             bool // among all threads, whether it pays or not

	workspaces sync.Pool
	paceLock   sync.Mutex
	pace       pace
}

// alignment collects the conditions of the fused path; the first that fails is the reason for the general path.
type alignment struct {
	position int
	reason   string
}

func (a *alignment) require(ok bool, format string, args ...any) {
	if !ok && a.reason == "" {
		a.reason = fmt.Sprintf(format, args...)
	}
}

// node requires a node to be at the common position.
func (a *alignment) node(name string, position int) {
	a.require(position == a.position, "%s is at position %d, h_next at %d", name, position, a.position)
}

// linears requires what the products with one tensor need: outputs and biases at the common position, one input format, and
// shifts that the 32-bit routines have.
func (a *alignment) linears(name string, linears []Linear, tensor, inputs int) {
	a.require(inputs <= maxInputs, "w_%s%c has %d inputs, over %d", name, gateNames[0], inputs, maxInputs)
	for g := range linears {
		l, n := &linears[g], fmt.Sprintf("w_%s%c", name, gateNames[g])
		a.node(n, l.Output)
		if l.Bias != nil {
			a.node("the bias of "+n, l.BiasPosition)
		}
		a.require(l.Input == linears[0].Input, "%s reads its input as %v, w_%s%c as %v", n, l.Input, name, gateNames[0], linears[0].Input)
		a.require(l.WeightFormat.Bits == linears[0].WeightFormat.Bits, "%s has weights of %d bits", n, l.WeightFormat.Bits)
		shift := l.Input.Position + l.WeightFormat.Position - l.Output
		a.require(shift >= 0 && shift <= 16, "%s shifts its sums by %d", n, shift)
		if l.Input.Bits == 16 {
			a.require(l.Input.Position == tensor, "%s reads its input at position %d, the tensor is at %d", n, l.Input.Position, tensor)
			continue
		}
		cut := tensor - l.Input.Position
		a.require(l.Input.Bits == 8 && l.WeightFormat.Bits <= 8, "%s multiplies %d-bit weights with %d-bit inputs", n, l.WeightFormat.Bits, l.Input.Bits)
		a.require(cut >= 0 && cut <= 15, "%s cuts its input by %d", n, cut)
	}
}

func newLSTMFused(p *LSTMParams, r *routines) (*fused, string) {
	a := alignment{position: p.HNext}
	a.require(p.HNext >= minFusedPosition && p.HNext <= maxFusedPosition, "h_next is at position %d, outside %d to %d",
		p.HNext, minFusedPosition, maxFusedPosition)
	a.node("input_1", p.Input1)
	a.node("input_2", p.Input2)
	for g := range 4 {
		a.node("y_"+gateNames[g:g+1], p.Y[g])
		a.require(p.StateLinear[g].Bias == nil, "w_h%c has a bias", gateNames[g])
	}
	a.node("it*cct", p.ItCct)
	a.node("ft*input_2", p.FtC)
	a.node("c_next", p.CNext)
	a.linears("i", p.InputLinear[:], p.Input0, p.Inputs)
	a.linears("h", p.StateLinear[:], p.Input1, p.Hidden)
	if a.reason != "" {
		return nil, a.reason
	}
	f := newFused(r, p.Inputs, p.Hidden, p.HNext, p.InputLinear[:], p.StateLinear[:], p.Input0, p.Input1)
	f.isLSTM, f.stateBound, f.layout = true, 1<<p.HNext, newLayout(lstmNodes, p.Hidden)
	return f, ""
}

func newGRUFused(p *GRUParams, r *routines) (*fused, string) {
	a := alignment{position: p.HNext}
	a.require(p.HNext >= minFusedPosition && p.HNext <= maxFusedPosition, "h_next is at position %d, outside %d to %d",
		p.HNext, minFusedPosition, maxFusedPosition)
	a.node("input_1", p.Input1)
	for g := range 3 {
		a.node("y_"+gateNames[g:g+1], p.Y[g])
	}
	a.node("it*(w_hg * input_1 + bias_hg)", p.ItH)
	a.node("ft*cct", p.FtCct)
	a.node("cct-ft*cct", p.CctSub)
	a.node("ft*input_1", p.FtH)
	a.linears("i", p.InputLinear[:], p.Input0, p.Inputs)
	a.linears("h", p.StateLinear[:], p.Input1, p.Hidden)
	if a.reason != "" {
		return nil, a.reason
	}
	f := newFused(r, p.Inputs, p.Hidden, p.HNext, p.InputLinear[:], p.StateLinear[:], p.Input0, p.Input1)
	f.stateBound, f.layout = 1<<15, newLayout(gruNodes, p.Hidden)
	f.readsCut = p.CutInPlace && p.StateLinear[0].Input.Bits == 8
	return f, ""
}

// newFused packs what both kinds of cell have.
func newFused(r *routines, inputs, hidden, position int, in, state []Linear, input0, input1 int) *fused {
	f := &fused{
		r: r, inputs: inputs, hidden: hidden, stride: roundUp(hidden, blockUnits), gates: len(in), at: newPositionArgs(position),
		input: newMatrix(in, inputs, hidden), state: newMatrix(state, hidden, hidden),
		inputCut: input0 - in[0].Input.Position, stateCut: input1 - state[0].Input.Position,
	}
	return f
}
