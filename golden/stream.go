package golden

import (
	"fmt"
	"math"
	"slices"

	"rnnsim/dump"
)

// stream is what the cells of a layer read: [steps, width] values in the order of time, either real or integers with a
// position a feature (the halves of a bidirectional layer's output need not have the same).
type stream struct {
	steps, width int
	real         []float32
	integers     []int16
	positions    []int
}

// stimulus makes the first layer's stream from a sequence.
func (e *Exact) stimulus(s *dump.Sequence) (*stream, error) {
	width, format := e.Input()
	length := len(s.Float) + len(s.Fixed)
	switch {
	case s.Float != nil && s.Fixed != nil:
		return nil, fmt.Errorf("it has both real and integer values")
	case length == 0:
		return nil, fmt.Errorf("it has no steps")
	case length%width != 0:
		return nil, fmt.Errorf("its %d values are not a whole number of steps of %d features", length, width)
	}
	for i, v := range s.Float {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, fmt.Errorf("step %d, feature %d is %v", i/width, i%width, v)
		}
	}
	q := newQuantizer(format, false)
	for i, v := range s.Fixed {
		if int64(v) < q.low || int64(v) > q.high {
			return nil, fmt.Errorf("step %d, feature %d is %d, outside the %d bits of the input", i/width, i%width, v, format.Bits)
		}
	}
	x := &stream{steps: length / width, width: width, real: s.Float, integers: s.Fixed}
	x.fill(format.Position)
	return x, nil
}

func (s *stream) fill(position int) { s.positions = slices.Repeat([]int{position}, s.width) }

// enter quantizes one step of the stream and returns how many values were clamped.
func (s *stream) enter(step int, q *quantizer, out []int16) (clamped int32) {
	at := step * s.width
	for i := range out {
		var c int32
		if s.real != nil {
			out[i], c = q.takeReal(s.real[at+i])
		} else {
			out[i], c = q.take(int64(s.integers[at+i]), s.positions[i])
		}
		clamped += c
	}
	return clamped
}

// through gives the stream as a cell leaves it in memory when it quantizes in place: on its input_0's grid, and then on the
// grids to which the input is cut for the matmuls.
func (s *stream) through(c *cell, wraps bool) *stream {
	position := c.x.format.Position
	q := newQuantizer(c.x.format, wraps)
	left := &stream{steps: s.steps, width: s.width, integers: make([]int16, s.steps*s.width)}
	for step := range s.steps {
		s.enter(step, &q, left.integers[step*s.width:][:s.width])
	}
	for _, cut := range c.cuts {
		q := newQuantizer(cut.format, wraps)
		q.all(left.integers, position, left.integers)
		position = cut.format.Position
	}
	left.fill(position)
	return left
}

// join puts the outputs of a layer's directions side by side.
func join(parts []*stream) *stream {
	if len(parts) == 1 {
		return parts[0]
	}
	whole := &stream{steps: parts[0].steps}
	for _, p := range parts {
		whole.width += p.width
		whole.positions = append(whole.positions, p.positions...)
	}
	whole.integers = make([]int16, 0, whole.steps*whole.width)
	for step := range whole.steps {
		for _, p := range parts {
			whole.integers = append(whole.integers, p.integers[step*p.width:][:p.width]...)
		}
	}
	return whole
}
