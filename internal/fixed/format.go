package fixed

import "fmt"

// Limits of a format, as the quantizer and the .xmodel files use them.
const (
	MinBits     = 1
	MaxBits     = 32
	MinPosition = -32
	MaxPosition = 31
)

// Format is the bit width and the fix position of a tensor: the integer q stands for q / 2^Position and lies in
// [Min(), Max()].
type Format struct {
	Bits     int // width of the two's complement integer, 1 to 32
	Position int // fix position, -32 to 31
}

// Validate says what is wrong with a format that lies outside the limits.
func (f Format) Validate() error {
	if f.Bits < MinBits || f.Bits > MaxBits {
		return fmt.Errorf("bit width %d is outside %d to %d", f.Bits, MinBits, MaxBits)
	}
	if f.Position < MinPosition || f.Position > MaxPosition {
		return fmt.Errorf("fix position %d is outside %d to %d", f.Position, MinPosition, MaxPosition)
	}
	return nil
}

// Min is the smallest integer of the format, -2^(bits-1).
func (f Format) Min() int64 { return -1 << (f.Bits - 1) }

// Max is the largest integer of the format, 2^(bits-1) - 1.
func (f Format) Max() int64 { return 1<<(f.Bits-1) - 1 }

// String gives the form that quant_info.json uses: [bits,position].
func (f Format) String() string { return fmt.Sprintf("[%d,%d]", f.Bits, f.Position) }
