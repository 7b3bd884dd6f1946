package verify

import (
	"fmt"
	"math"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
)

// Value is one value of a trace.
type Value struct {
	// Int is the integer of a fixed-point node; of a float node it is 0 and Float is true.
	Int   int64   `json:"int"`
	Real  float64 `json:"real"`
	Hex   string  `json:"hex"` // two's complement at the node's bit width, or the bits of the float32
	Float bool    `json:"float,omitempty"`
	// AtLimit says that the integer is the smallest or the largest of its format, as saturation leaves it.
	AtLimit bool `json:"at_limit,omitempty"`
}

// fixedValue describes the integer q of the format.
func fixedValue(q int64, f fixed.Format) Value {
	digits := (f.Bits + 3) / 4
	pattern := uint64(q) & (1<<min(f.Bits, 63) - 1)
	return Value{
		Int:     q,
		Real:    fixed.Real(q, f.Position),
		Hex:     fmt.Sprintf("0x%0*x", digits, pattern),
		AtLimit: q <= f.Min() || q >= f.Max(),
	}
}

func floatValue(v float32) Value {
	return Value{Real: finite(float64(v)), Hex: fmt.Sprintf("0x%08x", math.Float32bits(v)), Float: true}
}

// finite replaces what JSON cannot say; the bits in Hex still tell a NaN from an infinity.
func finite(v float64) float64 {
	switch {
	case math.IsNaN(v):
		return 0
	case math.IsInf(v, 1):
		return math.MaxFloat64
	case math.IsInf(v, -1):
		return -math.MaxFloat64
	}
	return v
}

// valueAt describes one value of a node's frame.
func valueAt(n dump.Node, values column, index int) Value {
	if values.floats != nil {
		return floatValue(values.floats[index])
	}
	return fixedValue(int64(values.ints[index]), fixed.Format{Bits: n.Bits, Position: n.Position})
}

// Divergence is a place where two runs differ: the values of one node at one step, told by the first value that differs.
type Divergence struct {
	Address Address `json:"address"`
	Graph   string  `json:"graph"`
	Label   string  `json:"label"` // the node as quant_info.json names it
	Op      string  `json:"op,omitempty"`
	Got     Value   `json:"got"`
	Want    Value   `json:"want"`
	// Delta is got - want in LSB of Format, an integer unless one side is float.
	Delta  float64 `json:"delta_lsb"`
	Format string  `json:"format"` // [bits,position] of the side that was wanted
	// Different of Width values of the node differ at this step.
	Different int `json:"different"`
	Width     int `json:"width"`
	// LastEqual is the last step before this one at which all compared nodes of the cell agreed, LastEqualNode the last at
	// which this node did; NoStep where there is none.
	LastEqual     int `json:"last_equal_step"`
	LastEqualNode int `json:"last_equal_step_of_node"`
	// GotSaturations and WantSaturations count the values of the node that were clamped at this step; -1 is unknown.
	GotSaturations  int `json:"got_saturations"`
	WantSaturations int `json:"want_saturations"`
	// Neighbours are the values around the address, and Inputs what the node read.
	Neighbours Neighbours `json:"neighbours"`
	Inputs     []Operand  `json:"inputs,omitempty"`
	// Course is the value at the steps around this one, of the first divergence, where details were asked for.
	Course *Course `json:"course,omitempty"`
	// Note says in words what is known beyond the numbers.
	Note string `json:"note,omitempty"`
}

// Neighbours is a window of a node's values around a divergence, as integers, or as reals where the side is float.
type Neighbours struct {
	First int       `json:"first"` // index of the first value shown
	Got   []float64 `json:"got"`
	Want  []float64 `json:"want"`
}

// Operand is a node that the diverging node reads, as both sides had it at this step.
type Operand struct {
	Node string `json:"node"`
	// Index is the place shown: the same as the address's where the op works element by element, otherwise the first place
	// that differs, or 0.
	Index int   `json:"index"`
	Got   Value `json:"got"`
	Want  Value `json:"want"`
	// Different of Width values of the operand differ. 0 says that both sides computed from the same inputs.
	Different int `json:"different"`
	Width     int `json:"width"`
}

const neighbourhood = 3

func neighbours(got, want column, index int) Neighbours {
	first := max(0, index-neighbourhood)
	end := min(got.len(), index+neighbourhood+1)
	return Neighbours{First: first, Got: got.window(first, end), Want: want.window(first, end)}
}
