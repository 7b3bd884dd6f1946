package sim

import "math"

// most is the largest magnitude of a value of a frame.
const most = 1 << 15

// Bounds on what reaches a quantization point. They matter only where the cast to int32 is reproduced: a cell in which it
// can never show runs like any other.

func (l *linearOperator) fitsInt32() bool {
	columns := l.x.to - l.x.from
	for from := 0; from < len(l.weight); from += columns {
		sum := int64(0)
		for _, w := range l.weight[from : from+columns] {
			sum += max(int64(w), -int64(w))
		}
		if !l.product.fits(sum * most) {
			return false
		}
	}
	return l.bias == nil || l.biased.value(most, most) <= math.MaxInt32
}

func (s *sumOperator) fitsInt32() bool     { return s.value(most, most) <= math.MaxInt32 }
func (p *productOperator) fitsInt32() bool { return p.fits(most * most) }
func (t *tableOperator) fitsInt32() bool   { return t.fits(most) }
func (r *rescaleOperator) fitsInt32() bool { return r.fits(most) }

// fitsInt32 says that no value of the cell, whatever its inputs, needs more than 32 bits where it is clamped.
func (p *program) fitsInt32() bool {
	for _, o := range p.operators {
		if o != nil && !o.fitsInt32() {
			return false
		}
	}
	for _, c := range p.carry {
		if !c.fits(most) {
			return false
		}
	}
	return true
}
