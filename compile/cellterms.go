package compile

import (
	"fmt"
	"math"

	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// quantity is what an op of a cell graph yields: blocks at a fix position, or for a const its values.
type quantity struct {
	blocks   []termID
	position int
	shape    []int32
	values   []int16 // of a const
	columns  []int   // of x: where its values lie in the blocks
}

// cellState is what a cell graph reads: x, h and c, block by block.
type cellState struct {
	x, h, c []termID
	columns []int // where the values of x lie in its blocks
}

// evaluateGraph gives the expressions of all quantized ops of a cell graph, each padded to whole blocks. The graph is the one that
// the quantizer writes: every op that computes has a fix behind it, of 16 bits. Errors name the op.
func (t *terms) evaluateGraph(g *xmodel.Graph, state cellState) (map[string]quantity, error) {
	values, raw := map[string]quantity{}, map[string]*xmodel.Op{}
	for _, op := range g.Ops {
		if op.Type != "fix" {
			raw[op.Name] = op
			continue
		}
		f, err := xmodel.FixFormat(op)
		if err == nil && f.Bits != 16 {
			err = fmt.Errorf("it quantizes to %d bits; the instructions compute with 16", f.Bits)
		}
		if err == nil {
			source := raw[op.Input("input")[0]]
			if source == nil {
				err = fmt.Errorf("it quantizes a value a second time, which no instruction does")
			} else {
				values[op.Name], err = t.evaluateOp(g, source, f.Position, values, state)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("graph %q, op %q: %w", g.Name, op.Name, err)
		}
	}
	return values, nil
}

func (t *terms) evaluateOp(g *xmodel.Graph, op *xmodel.Op, position int, values map[string]quantity, state cellState) (quantity, error) {
	q := quantity{position: position, shape: op.Output.Shape}
	read := func(n int) quantity { return values[op.Input("input")[n]] }
	switch op.Type {
	case "const":
		reals, err := xmodel.ConstFloats(op)
		for _, v := range reals {
			q.values = append(q.values, int16(fixed.HalfAway.Quantize(float64(v), fixed.Format{Bits: 16, Position: position})))
		}
		return q, err
	case "data":
		q.blocks = map[string][]termID{"input_0": state.x, "input_1": state.h, "input_2": state.c}[xmodel.NodeName(g.Name, op.Name)]
		if xmodel.NodeName(g.Name, op.Name) == "input_0" {
			q.columns = state.columns
		}
		return q, nil
	case "matmul":
		return t.evaluateMatmul(op, q, values)
	}
	a := read(0)
	switch op.Type {
	case "sigmoid", "tanh":
		kind := map[string]operation{"sigmoid": opSigmoid, "tanh": opTanh}[op.Type]
		for _, x := range a.blocks {
			q.blocks = append(q.blocks, t.rescale(t.activation(kind, x, a.position), fixed.TablePosition-position))
		}
		return q, nil
	case "mul":
		b := read(1)
		for i := range a.blocks {
			q.blocks = append(q.blocks, t.elementwise(opMultiply, a.blocks[i], b.blocks[i], a.position+b.position-position))
		}
		return q, nil
	case "add", "sub":
		kind := map[string]operation{"add": opAdd, "sub": opSubtract}[op.Type]
		return t.alignedSum(kind, a, read(1), q)
	}
	return q, fmt.Errorf("no instruction does what op %q (%s) says", op.Name, op.Type)
}

// alignedSum brings the operands to the coarser one's position before it adds. That is exact where the result is no finer than
// both: floor((a·2^k + b) / 2^n) = floor((a + floor(b / 2^k)) / 2^(n-k)) for n ≥ k.
func (t *terms) alignedSum(op operation, a, b, q quantity) (quantity, error) {
	coarse := min(a.position, b.position)
	if a.position != b.position && (coarse < q.position || op == opSubtract && b.position != coarse) {
		return q, fmt.Errorf("operands at fix positions %d and %d, and the result at %d, cannot be aligned exactly with 16 bits", a.position, b.position, q.position)
	}
	for i := range a.blocks {
		x, y := t.rescale(a.blocks[i], a.position-coarse), t.rescale(b.blocks[i], b.position-coarse)
		q.blocks = append(q.blocks, t.elementwise(op, x, y, coarse-q.position))
	}
	return q, nil
}

// evaluateMatmul is the linear in its two steps: the product, then the bias.
func (t *terms) evaluateMatmul(op *xmodel.Op, q quantity, values map[string]quantity) (quantity, error) {
	x, weight := values[op.Input("input")[0]], values[op.Input("input")[1]]
	width, height := int(weight.shape[1]), int(weight.shape[0])
	for block := range (height + blockValues - 1) / blockValues {
		var r rows
		for i := range r.values {
			r.values[i] = make([]int16, len(x.blocks)*blockValues)
			if row := block*blockValues + i; row < height {
				copy(r.values[i], weight.values[row*width:(row+1)*width])
				if x.columns != nil {
					clear(r.values[i])
				}
				for feature, column := range x.columns {
					r.values[i][column] = weight.values[row*width+feature]
				}
			}
		}
		q.blocks = append(q.blocks, t.product(r, x.blocks, x.position+weight.position-q.position))
	}
	if len(op.Input("bias")) == 0 {
		return q, nil
	}
	bias, err := t.alignedBias(values[op.Input("bias")[0]], q.position)
	for i := range q.blocks {
		if err == nil {
			q.blocks[i] = t.elementwise(opAdd, q.blocks[i], bias[i], 0)
		}
	}
	return q, err
}

// alignedBias gives a bias at the position of the sums it is added to.
func (t *terms) alignedBias(b quantity, position int) ([]termID, error) {
	blocks := make([]termID, (len(b.values)+blockValues-1)/blockValues)
	for block := range blocks {
		var c constant
		for i := range c {
			if at := block*blockValues + i; at < len(b.values) {
				v, err := alignBias(b.values[at], b.position, position)
				if err != nil {
					return nil, fmt.Errorf("value %d: %w", at, err)
				}
				c[i] = v
			}
		}
		blocks[block] = t.constant(c)
	}
	return blocks, nil
}

// alignBias gives a value of a bias at the position of the sums it is added to. To a coarser one that is exact, as in alignedSum.
func alignBias(v int16, from, to int) (int16, error) {
	aligned := fixed.ShiftRight(int64(v), from-to)
	if aligned < math.MinInt16 || aligned > math.MaxInt16 {
		return 0, fmt.Errorf("a bias of %d at fix position %d does not fit 16 bits at %d, the position of the sums it is added to", v, from, to)
	}
	return int16(aligned), nil
}
