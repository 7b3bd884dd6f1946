package machine

import (
	"fmt"
	"math"

	"rnnsim/dump"
	"rnnsim/sim/isa"
)

// steps checks a sequence and counts its steps.
func (m *Machine) steps(s dump.Sequence) (int, error) {
	if s.Float != nil && s.Fixed != nil {
		return 0, fmt.Errorf("x is given twice, as real numbers and as integers")
	}
	features, _ := m.Input()
	given := len(s.Float) + len(s.Fixed)
	switch {
	case given == 0:
		return 0, fmt.Errorf("it has no steps")
	case given%features != 0:
		return 0, fmt.Errorf("%d values of x are no whole number of steps of %d features", given, features)
	}
	for i, x := range s.Float {
		if v := float64(x); math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, fmt.Errorf("step %d, feature %d: %v cannot be quantized", i/features, i%features, x)
		}
	}
	for cell, state := range s.Initial {
		for _, values := range [][]int16{state.H, state.C} {
			for i, v := range values {
				if v != 0 {
					return 0, fmt.Errorf("initial state of cell %d: value %d is %d; compiled models begin at zero, which is in their instructions", cell, i, v)
				}
			}
		}
	}
	steps := given / features
	for i := range m.program.cells {
		c := &m.program.cells[i]
		if bytes := max(c.LoadX.Aligned, c.SaveH.Aligned); steps > isa.AreaSize/bytes {
			return 0, fmt.Errorf("%d steps of %d bytes do not fit into the %d bytes that a lane has for them; %d steps do", steps, bytes, isa.AreaSize, isa.AreaSize/bytes)
		}
	}
	return steps, nil
}

// step writes step t of x on the input grid into dst. Real numbers are floored and clamped, as the quantizer does.
func (m *Machine) step(dst []int16, s dump.Sequence, t int) {
	features, grid := m.Input()
	if s.Fixed != nil {
		copy(dst, s.Fixed[t*features:(t+1)*features])
		return
	}
	for i, x := range s.Float[t*features : (t+1)*features] {
		scaled := math.Floor(math.Ldexp(float64(x), grid.Position))
		dst[i] = int16(max(math.MinInt16, min(math.MaxInt16, scaled)))
	}
}
