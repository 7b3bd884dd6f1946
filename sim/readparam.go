package sim

import (
	"fmt"
	"math"
	"strings"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// readParam quantizes a const: clamp, else round half away from zero (method 3). Parameters as the quantizer writes them lie
// on the grid already.
func (r *reader) readParam(fix, constant *xmodel.Op, format fixed.Format) (*param, error) {
	values, err := xmodel.ConstFloats(constant)
	if err != nil {
		return nil, err
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("const %q has no values", constant.Name)
	}
	p := &param{
		name:      xmodel.NodeName(r.graph.Name, fix.Name),
		qualified: strings.HasPrefix(fix.Name, xmodel.OpName(r.graph.Name, "")),
		format:    format,
		values:    make([]int16, len(values)),
	}
	for _, size := range constant.Output.Shape {
		p.shape = append(p.shape, int(size))
	}
	for i, v := range values {
		if math.IsNaN(float64(v)) {
			return nil, fmt.Errorf("const %q: element %d is not a number", constant.Name, i)
		}
		p.values[i] = int16(fixed.HalfAway.Quantize(float64(v), format))
	}
	return p, nil
}
