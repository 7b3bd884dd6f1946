package differential

import (
	"slices"

	"rnnsim/dump"
)

func halveUnits(c *Case, at int) bool {
	return c.eachLayer(at, func(units int) []int { return upTo((units + 1) / 2) })
}

// dropUnit takes away any one unit.
func dropUnit(c *Case, at int) bool {
	for l := range c.Layers {
		units := c.Layers[l][0].Hidden
		if units < 2 {
			continue
		}
		if at < units {
			c.keepUnits(l, without(units, at))
			return true
		}
		at -= units
	}
	return false
}

func (c *Case) eachLayer(at int, keep func(units int) []int) bool {
	for l := range c.Layers {
		if c.Layers[l][0].Hidden < 2 {
			continue
		}
		if at--; at < 0 {
			c.keepUnits(l, keep(c.Layers[l][0].Hidden))
			return true
		}
	}
	return false
}

func halveInputs(c *Case, at int) bool {
	if at > 0 || c.features() < 2 {
		return false
	}
	c.keepInputs(upTo((c.features() + 1) / 2))
	return true
}

func dropInput(c *Case, at int) bool {
	if c.features() < 2 || at >= c.features() {
		return false
	}
	c.keepInputs(without(c.features(), at))
	return true
}

func upTo(n int) []int {
	kept := make([]int, n)
	for i := range kept {
		kept[i] = i
	}
	return kept
}

func without(n, dropped int) []int { return slices.Delete(upTo(n), dropped, dropped+1) }

// keepUnits keeps some units of a layer, in all its directions, and the inputs of the layer above that they are.
func (c *Case) keepUnits(l int, kept []int) {
	first := 0
	for _, layer := range c.Layers[:l] {
		first += len(layer)
	}
	var above []int
	for d := range c.Layers[l] {
		spec := &c.Layers[l][d]
		old := spec.Hidden
		for label, values := range spec.Values {
			switch label[:min(len(label), len("weight_i"))] {
			case "weight_i":
				spec.Values[label] = pick(values, spec.Input, kept, upTo(spec.Input))
			case "weight_h":
				spec.Values[label] = pick(values, old, kept, kept)
			default:
				spec.Values[label] = pick(values, 1, kept, []int{0})
			}
		}
		spec.Hidden = len(kept)
		for _, k := range kept {
			above = append(above, d*old+k)
		}
		for i := range c.Sequences {
			if initial := c.Sequences[i].Initial; initial != nil {
				s := &initial[first+d]
				*s = dump.State{H: pick(s.H, 1, kept, []int{0}), C: pickAny(s.C, kept)}
			}
		}
	}
	if l+1 < len(c.Layers) {
		c.keepColumns(l+1, above)
	}
}

// keepInputs keeps some features of x.
func (c *Case) keepInputs(kept []int) {
	width := c.features()
	for i := range c.Sequences {
		s, rows := &c.Sequences[i], upTo(c.steps(i))
		if s.Float != nil {
			s.Float = pick(s.Float, width, rows, kept)
		} else {
			s.Fixed = pick(s.Fixed, width, rows, kept)
		}
	}
	c.keepColumns(0, kept)
}

func (c *Case) keepColumns(l int, kept []int) {
	for d := range c.Layers[l] {
		spec := &c.Layers[l][d]
		for label, values := range spec.Values {
			if label[:min(len(label), len("weight_i"))] == "weight_i" {
				spec.Values[label] = pick(values, spec.Input, upTo(spec.Hidden), kept)
			}
		}
		spec.Input = len(kept)
	}
}

// pick takes rows and columns of a row-major matrix.
func pick[T int16 | float32](values []T, width int, rows, columns []int) []T {
	out := make([]T, 0, len(rows)*len(columns))
	for _, r := range rows {
		for _, k := range columns {
			out = append(out, values[r*width+k])
		}
	}
	return out
}

func pickAny(values []int16, rows []int) []int16 {
	if values == nil {
		return nil
	}
	return pick(values, 1, rows, []int{0})
}
