package quant

import (
	"fmt"

	"rnnsim/internal/fixed"
	"rnnsim/model"
	"rnnsim/xmodel"
)

// calibratedCell runs one cell in calibration: a timestep at a time, searching every node and quantizing it at once.
type calibratedCell struct {
	placedCell
	program *program
	options Options

	values   [][]float32 // a node's values at this timestep
	trackers []*tracker  // a node's history; nil for tables
	weights  [][]float32 // a linear's weight and bias, quantized
	biases   [][]float32

	// With 8-bit weights, x and h are cut to 8 bits for the matmuls. All linears that read the same input search the same
	// values, so they share a history.
	narrow         [2][]float32
	narrowTrackers [2]*tracker
}

func newCalibratedCell(kind model.Kind, placed placedCell, options Options, params *paramSearch) (*calibratedCell, error) {
	p := programOf(kind)
	c := &calibratedCell{
		placedCell: placed, program: p, options: options,
		values:   make([][]float32, len(p.ops)),
		trackers: make([]*tracker, len(p.ops)),
		weights:  make([][]float32, len(p.ops)),
		biases:   make([][]float32, len(p.ops)),
	}
	for i, o := range p.ops {
		c.values[i] = make([]float32, placed.Hidden)
		if !o.isTable() {
			c.trackers[i] = &tracker{}
		}
		if o.kind != opLinear {
			continue
		}
		weight, bias := paramTensors(kind, placed.Cell, o)
		var err error
		if c.weights[i], err = params.quantized(placed.graph, o.Weight, weight, options.WeightBits); err != nil {
			return nil, err
		}
		if bias == nil {
			continue
		}
		if c.biases[i], err = params.quantized(placed.graph, o.Bias, bias, biasBits); err != nil {
			return nil, err
		}
	}
	c.values[nodeX] = make([]float32, placed.Input)
	if options.WeightBits != activationBits {
		c.narrow = [2][]float32{make([]float32, placed.Input), make([]float32, placed.Hidden)}
		c.narrowTrackers = [2]*tracker{{}, {}}
	}
	return c, nil
}

// reset begins a sequence: h and c are zero.
func (c *calibratedCell) reset() {
	clear(c.values[c.program.hNext])
	if c.program.cNext >= 0 {
		clear(c.values[c.program.cNext])
	}
}

// step executes a timestep on x. Under VAI20 x is overwritten with its quantized values, as the original overwrites it, so
// that the next cell that reads the same x sees them.
func (c *calibratedCell) step(x []float32) error {
	copy(c.values[nodeX], x)
	copy(c.values[nodeH], c.values[c.program.hNext])
	if c.program.cNext >= 0 {
		copy(c.values[nodeC], c.values[c.program.cNext])
	}
	for i := range c.program.ops {
		if err := c.execute(i); err != nil {
			return err
		}
	}
	if c.options.Compat == xmodel.VAI20 {
		copy(x, c.values[nodeX])
	}
	return nil
}

func (c *calibratedCell) execute(node int) error {
	o := &c.program.ops[node]
	out := c.values[node]
	a, b := c.values[o.a], c.values[o.b]
	candidates := nodeCandidates
	switch o.kind {
	case opInput:
		candidates = inputCandidates
	case opLinear:
		matVec(out, c.weights[node], c.matmulInput(o.a), c.biases[node])
	case opAdd:
		for i := range out {
			out[i] = a[i] + b[i]
		}
	case opSub:
		for i := range out {
			out[i] = a[i] - b[i]
		}
	case opMul:
		for i := range out {
			out[i] = a[i] * b[i]
		}
	case opSigmoid:
		lookupAll(out, a, fixed.Sigmoid)
		return nil
	case opTanh:
		lookupAll(out, a, fixed.Tanh)
		return nil
	}
	if err := c.quantize(out, c.trackers[node], activationBits, candidates); err != nil {
		return fmt.Errorf("node %q of %s: %w", o.Label, c.graph, err)
	}
	if o.kind == opInput && node != nodeC && c.narrow[node] != nil {
		copy(c.narrow[node], out)
		if err := c.quantize(c.narrow[node], c.narrowTrackers[node], c.options.WeightBits, inputCandidates); err != nil {
			return fmt.Errorf("the %d-bit matmul input from %q of %s: %w", c.options.WeightBits, o.Label, c.graph, err)
		}
	}
	return nil
}

// matmulInput is what a linear really multiplies: the input node, or with 8-bit weights its 8-bit form.
func (c *calibratedCell) matmulInput(node int) []float32 {
	if c.narrow[node] != nil {
		return c.narrow[node]
	}
	return c.values[node]
}

// quantize searches a position for the values, adds it to the history, and quantizes them at the position then in force.
func (c *calibratedCell) quantize(values []float32, history *tracker, bits, candidates int) error {
	low, high, finite := extremes(values)
	if !finite {
		return fmt.Errorf("value %d is a NaN or an infinity: the weights or inputs are too large for float32, scale the model", firstNonFinite(values))
	}
	history.add(searchFloor(values, low, high, bits, candidates, c.options.MaxFixPosition))
	if history.mode < fixed.MinPosition {
		return fmt.Errorf("values from %g to %g want fix position %d, the lowest is %d: scale the model or its inputs",
			low, high, history.mode, fixed.MinPosition)
	}
	g := gridOf(bits, history.mode)
	g.floorAll(values, c.options.Compat == xmodel.VAI20)
	return nil
}
