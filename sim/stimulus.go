package sim

import (
	"fmt"
	"math"

	"rnnsim/dump"
)

// checkSequences holds every sequence against the plan before anything runs, so that bad input leaves no trace behind.
func (p *Plan) checkSequences(sequences []dump.Sequence) error {
	if len(sequences) == 0 {
		return fmt.Errorf("there are no sequences to run")
	}
	for i, s := range sequences {
		steps, err := p.checkRows(s, 0)
		if err == nil && steps == 0 {
			err = fmt.Errorf("it has no steps")
		}
		if err == nil {
			err = p.checkInitial(s.Initial)
		}
		if err != nil {
			return fmt.Errorf("sequence %d: %w", i, err)
		}
	}
	return nil
}

// checkRows checks the rows of x, the first of which is the given step, and counts them.
func (p *Plan) checkRows(s dump.Sequence, first int) (steps int, err error) {
	if s.Float != nil && s.Fixed != nil {
		return 0, fmt.Errorf("x is given twice, as real numbers and as integers")
	}
	features, grid := p.Input()
	given := len(s.Float) + len(s.Fixed)
	if given%features != 0 {
		return 0, fmt.Errorf("%d values of x are no whole number of steps of %d features", given, features)
	}
	for i, x := range s.Float {
		if v := float64(x); math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, fmt.Errorf("step %d, feature %d: %v cannot be quantized", first+i/features, i%features, x)
		}
	}
	if grid.Min() <= math.MinInt16 && grid.Max() >= math.MaxInt16 {
		return given / features, nil
	}
	for i, x := range s.Fixed {
		if v := int64(x); v < grid.Min() || v > grid.Max() {
			return 0, fmt.Errorf("step %d, feature %d: %d does not lie in the %d bits of input_0", first+i/features, i%features, x, grid.Bits)
		}
	}
	return given / features, nil
}

// checkInitial checks the initial states: none, or one a cell.
func (p *Plan) checkInitial(initial []dump.State) error {
	if len(initial) == 0 {
		return nil
	}
	if len(initial) != len(p.programs) {
		return fmt.Errorf("initial states for %d cells; the model has %d", len(initial), len(p.programs))
	}
	for i, given := range initial {
		c := p.programs[i].cell
		for j, values := range [][]int16{given.H, given.C} {
			if values == nil {
				continue
			}
			if j >= len(c.states) {
				return fmt.Errorf("initial state of %q: the cell has no input_%d", c.graph, j+1)
			}
			if len(values) != c.states[j].width {
				return fmt.Errorf("initial state of %q: %d values for input_%d; it has %d", c.graph, len(values), j+1, c.states[j].width)
			}
			if err := checkState(c, j, values); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkState(c *cell, j int, values []int16) error {
	grid := c.states[j].format
	for k, v := range values {
		if int64(v) < grid.Min() || int64(v) > grid.Max() {
			return fmt.Errorf("initial state of %q: value %d of input_%d, %d, does not lie in its %d bits", c.graph, k, j+1, v, grid.Bits)
		}
	}
	return nil
}
