package differential

import (
	"context"
	"maps"
	"slices"

	"rnnsim/xmodel"
)

// A reduction makes a case smaller in its at-th way, and says false where there is no such way.
type reduction func(c *Case, at int) bool

// reductions are tried in this order: what takes most away first.
var reductions = []reduction{
	dropSequence, dropLayer, dropDirection, halveSteps, dropFirstStep, dropLastStep, halveUnits, halveInputs, dropUnit, dropInput,
	dropStates, dropBias, oneThread, saneSemantics, zeroTensor, zeroValue, zeroStimulus,
}

func dropSequence(c *Case, at int) bool {
	if len(c.Sequences) < 2 || at >= len(c.Sequences) {
		return false
	}
	c.Sequences = slices.Delete(c.Sequences, at, at+1)
	return true
}

// dropLayer takes the last layer away, or the first, whose output then becomes the stimulus.
func dropLayer(c *Case, at int) bool {
	if at > 1 || len(c.Layers) < 2 {
		return false
	}
	if at == 1 {
		return c.dropFirstLayer()
	}
	c.Layers = c.Layers[:len(c.Layers)-1]
	c.keepStates()
	return true
}

func (c *Case) dropFirstLayer() bool {
	first := c.clone()
	first.Layers = first.Layers[:1]
	first.keepStates()
	m, err := first.Model()
	if err != nil {
		return false
	}
	w, err := reference(context.Background(), first, m)
	if err != nil {
		return false
	}
	below, above := &c.Layers[0][0], &c.Layers[1][0]
	for i := range c.Sequences {
		s := &c.Sequences[i]
		s.Float = nil
		s.Fixed = requantize(w.output[i], below.Formats["h_next"].Position, above.Formats["input_0"], c.Compat)
		if s.Initial != nil {
			s.Initial = s.Initial[len(c.Layers[0]):]
		}
	}
	c.Layers = c.Layers[1:]
	return true
}

// dropDirection makes a bidirectional network of one layer go one way.
func dropDirection(c *Case, at int) bool {
	if len(c.Layers) > 1 || len(c.Layers[0]) < 2 || at > 1 {
		return false
	}
	for i := range c.Sequences {
		if initial := c.Sequences[i].Initial; initial != nil {
			c.Sequences[i].Initial = initial[1-at : 2-at]
		}
	}
	c.Layers[0] = c.Layers[0][1-at : 2-at]
	return true
}

// keepStates cuts the initial states to the cells that are left.
func (c *Case) keepStates() {
	for i := range c.Sequences {
		if s := &c.Sequences[i]; s.Initial != nil {
			s.Initial = s.Initial[:len(c.cells())]
		}
	}
}

func halveSteps(c *Case, at int) bool {
	return c.cutSteps(at, func(steps int) (from, to int) { return 0, (steps + 1) / 2 })
}

func dropFirstStep(c *Case, at int) bool {
	return c.cutSteps(at, func(steps int) (from, to int) { return 1, steps })
}

func dropLastStep(c *Case, at int) bool {
	return c.cutSteps(at, func(steps int) (from, to int) { return 0, steps - 1 })
}

// cutSteps keeps a range of the steps of the at-th sequence that has more than one.
func (c *Case) cutSteps(at int, keep func(steps int) (from, to int)) bool {
	for i := range c.Sequences {
		if c.steps(i) < 2 {
			continue
		}
		if at--; at >= 0 {
			continue
		}
		from, to := keep(c.steps(i))
		s, width := &c.Sequences[i], c.features()
		if s.Float != nil {
			s.Float = s.Float[from*width : to*width]
		} else {
			s.Fixed = s.Fixed[from*width : to*width]
		}
		return true
	}
	return false
}

func dropStates(c *Case, at int) bool {
	for i := range c.Sequences {
		if c.Sequences[i].Initial == nil {
			continue
		}
		if at--; at < 0 {
			c.Sequences[i].Initial = nil
			return true
		}
	}
	return false
}

func dropBias(c *Case, at int) bool {
	cells := c.cells()
	if at >= len(cells) || !cells[at].Bias {
		return false
	}
	cell := cells[at]
	cell.Bias = false
	maps.DeleteFunc(cell.Values, func(label string, _ []float32) bool {
		return !slices.Contains(xmodel.Parameters(cell.Kind, false), label)
	})
	return true
}

func oneThread(c *Case, at int) bool {
	if at > 1 || c.Threads <= 1+at {
		return false
	}
	c.Threads = 1 + at
	return true
}

func saneSemantics(c *Case, at int) bool {
	if at > 0 || c.Compat == xmodel.Sane {
		return false
	}
	c.Compat = xmodel.Sane
	return true
}

// zeroTensor sets a whole parameter to zero.
func zeroTensor(c *Case, at int) bool {
	return c.eachParameter(func(values []float32) bool {
		if isZero(values) {
			return false
		}
		if at--; at >= 0 {
			return false
		}
		clear(values)
		return true
	})
}

// zeroValue sets one value of a parameter to zero.
func zeroValue(c *Case, at int) bool {
	return c.eachParameter(func(values []float32) bool {
		for i, v := range values {
			if v == 0 {
				continue
			}
			if at--; at < 0 {
				values[i] = 0
				return true
			}
		}
		return false
	})
}

func (c *Case) eachParameter(change func(values []float32) bool) bool {
	for _, cell := range c.cells() {
		for _, label := range xmodel.Parameters(cell.Kind, cell.Bias) {
			if change(cell.Values[label]) {
				return true
			}
		}
	}
	return false
}

// zeroStimulus sets one value of x or of a state to zero.
func zeroStimulus(c *Case, at int) bool {
	for i := range c.Sequences {
		s := &c.Sequences[i]
		for k, v := range s.Float {
			if v != 0 {
				if at--; at < 0 {
					s.Float[k] = 0
					return true
				}
			}
		}
		tensors := [][]int16{s.Fixed}
		for _, state := range s.Initial {
			tensors = append(tensors, state.H, state.C)
		}
		for _, values := range tensors {
			for k, v := range values {
				if v != 0 {
					if at--; at < 0 {
						values[k] = 0
						return true
					}
				}
			}
		}
	}
	return false
}

func isZero(values []float32) bool {
	return !slices.ContainsFunc(values, func(v float32) bool { return v != 0 })
}
