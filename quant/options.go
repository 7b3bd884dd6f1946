package quant

import (
	"fmt"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// Widths of the tensors, in bits. Only the weights' (and with it that of the matmul inputs) is a choice.
const (
	activationBits   = 16
	biasBits         = 16
	narrowWeightBits = 8
	wideWeightBits   = 16
)

// DefaultMaxFixPosition is the largest fix position that calibration gives, unless told otherwise.
const DefaultMaxFixPosition = 12

// Options says how to calibrate. The zero value is 16-bit weights, positions up to 12, and sane semantics.
type Options struct {
	// WeightBits is the width of the weights, 16 or 8; 0 is 16. With 8, the input of each matmul is cut to 8 bits as well.
	WeightBits int
	// MaxFixPosition is the largest fix position, 1 to 31; 0 is DefaultMaxFixPosition.
	MaxFixPosition int
	// Compat selects whether the faults of the original tool are reproduced.
	Compat xmodel.Compat
	// Progress, if any, is told how many timesteps of cells are done, of how many.
	Progress func(done, total int)
}

func (o Options) withDefaults() (Options, error) {
	if o.WeightBits == 0 {
		o.WeightBits = wideWeightBits
	}
	if o.WeightBits != wideWeightBits && o.WeightBits != narrowWeightBits {
		return o, fmt.Errorf("weights of %d bits: only %d and %d bits are possible", o.WeightBits, wideWeightBits, narrowWeightBits)
	}
	if o.MaxFixPosition == 0 {
		o.MaxFixPosition = DefaultMaxFixPosition
	}
	if o.MaxFixPosition < 1 || o.MaxFixPosition > fixed.MaxPosition {
		return o, fmt.Errorf("a largest fix position of %d: choose 1 to %d", o.MaxFixPosition, fixed.MaxPosition)
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	return o, nil
}
