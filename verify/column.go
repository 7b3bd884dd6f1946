package verify

import "rnnsim/dump"

// column is the values of one node in one frame: integers or floats, never both.
type column struct {
	ints   []int16
	floats []float32
}

func columnOf(frame *dump.Frame, node int) column {
	var c column
	if node < len(frame.Fixed) {
		c.ints = frame.Fixed[node]
	}
	if c.ints == nil && node < len(frame.Float) {
		c.floats = frame.Float[node]
	}
	return c
}

func (c column) len() int { return max(len(c.ints), len(c.floats)) }

func (c column) window(first, end int) []float64 {
	values := make([]float64, 0, end-first)
	for i := first; i < end; i++ {
		if c.floats != nil {
			values = append(values, finite(float64(c.floats[i])))
		} else {
			values = append(values, float64(c.ints[i]))
		}
	}
	return values
}

// copyFrame copies a frame into another and reuses the memory that is there.
func copyFrame(to, from *dump.Frame) {
	to.Cell, to.Sequence, to.Step = from.Cell, from.Sequence, from.Step
	to.Fixed = copyColumns(to.Fixed, from.Fixed)
	to.Float = copyColumns(to.Float, from.Float)
	if from.Saturations == nil {
		to.Saturations = nil
	} else {
		to.Saturations = append(to.Saturations[:0], from.Saturations...)
	}
}

// copyColumns gives new columns memory in one piece.
func copyColumns[T any](to, from [][]T) [][]T {
	if from == nil {
		return nil
	}
	if cap(to) < len(from) {
		size := 0
		for _, values := range from {
			size += len(values)
		}
		to = make([][]T, len(from))
		room := make([]T, size)
		for i, values := range from {
			to[i], room = room[:0:len(values)], room[len(values):]
		}
	}
	to = to[:len(from)]
	for i, values := range from {
		if values == nil {
			to[i] = nil
			continue
		}
		to[i] = append(to[i][:0], values...)
		if to[i] == nil {
			to[i] = []T{}
		}
	}
	return to
}

// frameBytes is the memory that a kept frame takes, closely enough to hold a limit.
func frameBytes(f *dump.Frame) int64 {
	const header = 128
	size := int64(header)
	for _, values := range f.Fixed {
		size += 24 + 2*int64(len(values))
	}
	for _, values := range f.Float {
		size += 24 + 4*int64(len(values))
	}
	return size
}
