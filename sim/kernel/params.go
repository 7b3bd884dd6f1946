package kernel

import (
	"errors"
	"fmt"

	"rnnsim/internal/fixed"
)

// ErrNotFused marks a cell whose fix positions lie so far apart that 64-bit arithmetic does not hold its sums. Such a cell
// has to be run node by node.
var ErrNotFused = errors.New("the cell cannot be run as a whole")

// Gates in the order in which every array of gates here holds them. A GRU has the first three (PyTorch's r, z, n).
const (
	GateI = iota
	GateF
	GateG
	GateO
)

const gateNames = "ifgo"

// maxAlign bounds the left shift that aligns two 16-bit addends: both and their sum stay far inside 64 bits.
const maxAlign = 40

// Linear is one matrix product of a cell with what is quantized around it: out = sat16((Σ x·w) >> (p_x + p_w - p_out)), then,
// where there is a bias, a saturating addition of the bias.
type Linear struct {
	// Weights is [hidden, inputs], row-major, each value inside WeightFormat.
	Weights      []int16
	WeightFormat fixed.Format
	// Input is the format in which the product reads its input. It is the tensor's own (16 bits) for 16-bit weights. Where it
	// differs, the input is cut to it first: sat(x >> (p_tensor - p)), as with 8-bit weights.
	Input fixed.Format
	// Output is the fix position of the 16-bit result, before and after the bias.
	Output int
	// Bias is [hidden] 16-bit integers at BiasPosition, or nil.
	Bias         []int16
	BiasPosition int
}

// LSTMParams describes one LSTM cell. Positions are fix positions; every node of the cell is 16 bits wide; the outputs of the
// tables (it, ft, cct, ot, c_temp) are at position 15.
type LSTMParams struct {
	Inputs, Hidden int
	// Positions of the tensors that enter a step: input_0 (x), input_1 (h) and input_2 (c).
	Input0, Input1, Input2 int
	// InputLinear and StateLinear are the products with x and with h, by gate (i, f, g, o).
	InputLinear, StateLinear [4]Linear
	// Y is the position of the gate sums y_i, y_f, y_g, y_o.
	Y [4]int
	// Positions of it*cct, ft*input_2, c_next and h_next.
	ItCct, FtC, CNext, HNext int
	// CutInPlace makes each linear cut what the linear before it left of the tensor, as the original tool does.
	CutInPlace bool
	// Choice is which code runs the cell; the zero value leaves it to the environment, and then to the processor.
	Choice Choice
}

// GRUParams describes one GRU cell, with the conventions of LSTMParams. Gates i, f, g are PyTorch's r, z, n.
type GRUParams struct {
	Inputs, Hidden int
	// Positions of the tensors that enter a step: input_0 (x) and input_1 (h).
	Input0, Input1           int
	InputLinear, StateLinear [3]Linear
	// Y is the position of y_i, y_f, y_g.
	Y [3]int
	// Positions of it*(w_hg * input_1 + bias_hg), ft*cct, cct-ft*cct, ft*input_1 and h_next.
	ItH, FtCct, CctSub, FtH, HNext int
	// CutInPlace makes each linear cut what the linear before it left of the tensor, and ft*input_1 read the state after all
	// cuts, as the original tool does with 8-bit weights.
	CutInPlace bool
	// Choice is as for an LSTM.
	Choice Choice
}

func (p *LSTMParams) validate() error {
	if err := validateShape(p.Inputs, p.Hidden); err != nil {
		return err
	}
	for g := range 4 {
		if err := p.InputLinear[g].validate(p.Inputs, p.Hidden); err != nil {
			return fmt.Errorf("linear w_i%c: %w", gateNames[g], err)
		}
		if err := p.StateLinear[g].validate(p.Hidden, p.Hidden); err != nil {
			return fmt.Errorf("linear w_h%c: %w", gateNames[g], err)
		}
		if err := validateAdd("y_"+gateNames[g:g+1], p.InputLinear[g].Output, p.StateLinear[g].Output, p.Y[g]); err != nil {
			return err
		}
	}
	if err := validateAdd("c_next", p.ItCct, p.FtC, p.CNext); err != nil {
		return err
	}
	return validatePositions(p.Input0, p.Input1, p.Input2, p.HNext)
}

func (p *GRUParams) validate() error {
	if err := validateShape(p.Inputs, p.Hidden); err != nil {
		return err
	}
	for g := range 3 {
		if err := p.InputLinear[g].validate(p.Inputs, p.Hidden); err != nil {
			return fmt.Errorf("linear w_i%c: %w", gateNames[g], err)
		}
		if err := p.StateLinear[g].validate(p.Hidden, p.Hidden); err != nil {
			return fmt.Errorf("linear w_h%c: %w", gateNames[g], err)
		}
		state := p.StateLinear[g].Output
		if g == GateG {
			state = p.ItH
		}
		if err := validateAdd("y_"+gateNames[g:g+1], p.InputLinear[g].Output, state, p.Y[g]); err != nil {
			return err
		}
	}
	if err := validateAdd("cct-ft*cct", fixed.TablePosition, p.FtCct, p.CctSub); err != nil {
		return err
	}
	if err := validateAdd("h_next", p.CctSub, p.FtH, p.HNext); err != nil {
		return err
	}
	return validatePositions(p.Input0, p.Input1)
}

func validateShape(inputs, hidden int) error {
	if inputs < 1 || hidden < 1 {
		return fmt.Errorf("a cell needs at least one input and one unit, got %d inputs and %d units", inputs, hidden)
	}
	return nil
}

func (l *Linear) validate(inputs, hidden int) error {
	if len(l.Weights)/hidden != inputs || len(l.Weights)%hidden != 0 {
		return fmt.Errorf("%d weights do not make a [%d, %d] matrix", len(l.Weights), hidden, inputs)
	}
	if l.Bias != nil && len(l.Bias) != hidden {
		return fmt.Errorf("%d biases for %d units", len(l.Bias), hidden)
	}
	for _, f := range []fixed.Format{l.WeightFormat, l.Input} {
		if err := f.Validate(); err != nil {
			return err
		}
		if f.Bits > 16 {
			return fmt.Errorf("bit width %d is over 16", f.Bits)
		}
	}
	lo, hi := l.WeightFormat.Min(), l.WeightFormat.Max()
	for k, w := range l.Weights {
		if int64(w) < lo || int64(w) > hi {
			return fmt.Errorf("weight [%d, %d] is %d, outside %d bits", k/inputs, k%inputs, w, l.WeightFormat.Bits)
		}
	}
	if l.Bias != nil {
		return validateAdd("bias", l.Output, l.BiasPosition, l.Output)
	}
	return validatePositions(l.Output)
}

func validateAdd(node string, a, b, out int) error {
	if err := validatePositions(a, b, out); err != nil {
		return fmt.Errorf("node %s: %w", node, err)
	}
	if max(a-b, b-a) > maxAlign {
		return fmt.Errorf("node %s adds fix positions %d and %d: %w", node, a, b, ErrNotFused)
	}
	return nil
}

func validatePositions(positions ...int) error {
	for _, p := range positions {
		if err := (fixed.Format{Bits: 16, Position: p}).Validate(); err != nil {
			return err
		}
	}
	return nil
}
