package golden

import (
	"fmt"
	"math"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// readParam gives the integers of a const op in the format of the fix op behind it: clamped, rounded half away from zero. What
// a quantizer wrote lies on the grid already.
func readParam(op *xmodel.Op, format fixed.Format) (*param, error) {
	reals, err := xmodel.ConstFloats(op)
	if err != nil {
		return nil, err
	}
	p := &param{format: format, values: make([]int16, len(reals))}
	for _, d := range op.Output.Shape {
		p.shape = append(p.shape, int(d))
	}
	elements := 1
	for _, d := range p.shape {
		if d < 1 || elements > len(reals)/d {
			return nil, fmt.Errorf("const %s has %d values, its shape %v wants others", op.Name, len(reals), p.shape)
		}
		elements *= d
	}
	if elements != len(reals) || elements == 0 {
		return nil, fmt.Errorf("const %s has %d values, its shape %v wants %d", op.Name, len(reals), p.shape, elements)
	}
	low, high := -math.Ldexp(1, format.Bits-1), math.Ldexp(1, format.Bits-1)-1
	for i, real := range reals {
		v := float64(real)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("const %s holds %v at element %d", op.Name, v, i)
		}
		p.values[i] = int16(math.Round(math.Max(low, math.Min(high, math.Ldexp(v, format.Position)))))
	}
	return p, nil
}

// formatOf gives the format of a fix op, as far as a trace can hold it.
func formatOf(fix *xmodel.Op) (fixed.Format, error) {
	f, err := xmodel.FixFormat(fix)
	if err != nil {
		return f, err
	}
	if f.Bits > 16 {
		return f, fmt.Errorf("fix %s has %d bits; a trace holds at most 16", fix.Name, f.Bits)
	}
	return f, nil
}
