package dump

import (
	"fmt"
	"math"

	"rnnsim/internal/numberset"
)

// Order holds the frames of one cell to the order of a trace: the frames of a sequence stand together, by ascending step. The
// sequences may come in any order. The zero value is ready for the first frame.
type Order struct {
	last  position
	begun bool
	ended numberset.Set // sequences that others follow
}

type position struct{ sequence, step int }

// Take takes the next frame, or says what is wrong with its place.
func (o *Order) Take(sequence, step int) error {
	switch {
	case sequence < 0 || step < 0 || sequence > math.MaxInt32 || step > math.MaxInt32:
		return fmt.Errorf("sequence %d, step %d: both are counted from 0, in 31 bits", sequence, step)
	case !o.begun:
	case sequence == o.last.sequence:
		if step <= o.last.step {
			return fmt.Errorf("sequence %d, step %d comes after sequence %d, step %d: the steps of a sequence must ascend", sequence, step, sequence, o.last.step)
		}
	case o.ended.Has(sequence):
		return fmt.Errorf("sequence %d, step %d comes after sequence %d, step %d, and other frames of sequence %d before that: a sequence must be in one piece, and once",
			sequence, step, o.last.sequence, o.last.step, sequence)
	default:
		o.ended.Add(o.last.sequence)
	}
	o.last, o.begun = position{sequence, step}, true
	return nil
}

// Last is the frame that was taken last; -1, -1 before the first.
func (o *Order) Last() (sequence, step int) {
	if !o.begun {
		return -1, -1
	}
	return o.last.sequence, o.last.step
}
