package model

import (
	"errors"
	"fmt"

	"rnnsim/model/internal/onnxpb"
)

const (
	// maxOnnxLive bounds the elements that are there at one time, maxOnnxWork those that are computed in all: a network of six
	// bidirectional layers of 512 units computes 20 million for a thousand timesteps. Weights come on top, since exporters may leave
	// it to the graph to bring them into their order.
	maxOnnxLive = 4 << 20
	maxOnnxWork = 64 << 20
	// How often the weights may be there, and be computed.
	onnxWeightsLive, onnxWeightsWork = 3, 16
)

// onnxRun is one run of a graph, with sizes for the dimensions that it leaves open.
type onnxRun struct {
	*onnxGraph
	choice int
	values map[string]*onnxValue
	left   map[string]int // how many nodes and outputs will still read a tensor
	live   int
	work   int

	units  []*onnxUnit // in the order of the numbers of their elements
	nextID int32
	rnns   []*onnxRNN
	dense  []*onnxUnit
}

func newOnnxRun(g *onnxGraph, choice int) *onnxRun {
	r := &onnxRun{onnxGraph: g, choice: choice, values: map[string]*onnxValue{}, left: map[string]int{}}
	for name, n := range g.uses {
		r.left[name] = n
	}
	return r
}

// onnxCall is one node that is run.
type onnxCall struct {
	run  *onnxRun
	node *onnxpb.NodeProto
	in   []*onnxValue // nil where an optional input is left out
	attr map[string]*onnxpb.AttributeProto
}

// onnxOp computes the outputs of a node. Its error makes them opaque: it is reported if the network depends on them.
type onnxOp func(*onnxCall) ([]*onnxValue, error)

var errOnnxBudget = errors.New("the sizes in the graph are too large to follow its data through it: export it with a batch of 1, few timesteps, or dynamic axes")

func (r *onnxRun) all() error {
	if err := r.inputUnits(); err != nil {
		return err
	}
	for _, n := range r.nodes {
		out, err := r.call(n)
		if err != nil {
			return err
		}
		for i, name := range n.Output {
			if name == "" || r.left[name] == 0 {
				continue
			}
			v := onnxOpaque(onnxNodeName(n) + ", of which the output " + fmt.Sprint(i) + " is not understood")
			if i < len(out) && out[i] != nil {
				v = out[i]
			}
			r.values[name] = v
			r.live += v.size()
		}
		for _, name := range n.Input {
			if r.left[name]--; r.left[name] == 0 && r.values[name] != nil {
				r.live -= r.values[name].size()
				delete(r.values, name)
			}
		}
		if r.live > r.maxLive() || r.work > r.maxWork() {
			return fmt.Errorf("%s: %w", onnxNodeName(n), errOnnxBudget)
		}
	}
	return nil
}

func (r *onnxRun) maxLive() int { return maxOnnxLive + onnxWeightsLive*r.weights }
func (r *onnxRun) maxWork() int { return maxOnnxWork + onnxWeightsWork*r.weights }

// size is what a value counts among those that are there.
func (v *onnxValue) size() int { return len(v.ids) + 2*len(v.ints) + len(v.floats) }

// spend counts elements before they are computed.
func (r *onnxRun) spend(shape []int) error {
	n, err := elements(shape)
	if err != nil {
		return err
	}
	if n > r.maxLive()/2 {
		r.work = r.maxWork()
	}
	// What an op costs beside its elements counts as well.
	if r.work += n + 16; r.work > r.maxWork() {
		return errOnnxBudget
	}
	return nil
}

func (r *onnxRun) call(n *onnxpb.NodeProto) ([]*onnxValue, error) {
	name := onnxNodeName(n)
	op := onnxOps[n.OpType]
	if op == nil || n.Domain != "" && n.Domain != "ai.onnx" {
		return r.unknown(n, name), nil
	}
	c := &onnxCall{run: r, node: n, attr: map[string]*onnxpb.AttributeProto{}}
	for _, a := range n.Attribute {
		if c.attr[a.Name] != nil {
			return nil, fmt.Errorf("%s has two attributes %q", name, clipText(a.Name))
		}
		c.attr[a.Name] = a
	}
	for _, in := range n.Input {
		v, err := r.value(in)
		if err != nil {
			return nil, err
		}
		c.in = append(c.in, v)
	}
	out, err := op(c)
	if err != nil {
		return fillOnnx(n, onnxOpaque(fmt.Sprintf("%s: %v", name, err))), nil
	}
	return out, nil
}

// unknown makes the outputs of a node that is not understood opaque. The first such op on the way is the one that is reported.
func (r *onnxRun) unknown(n *onnxpb.NodeProto, name string) []*onnxValue {
	for _, in := range n.Input {
		if v := r.values[in]; v != nil && v.opaque() {
			return fillOnnx(n, onnxOpaque(v.why))
		}
	}
	return fillOnnx(n, onnxOpaque(name+", which has no place in a network of recurrent and dense layers"))
}

func fillOnnx(n *onnxpb.NodeProto, v *onnxValue) []*onnxValue {
	out := make([]*onnxValue, len(n.Output))
	for i := range out {
		out[i] = v
	}
	return out
}

func (r *onnxRun) value(name string) (*onnxValue, error) {
	if name == "" {
		return nil, nil
	}
	if v := r.values[name]; v != nil {
		return v, nil
	}
	return r.initializer(name)
}

// need gives an input that is not optional.
func (c *onnxCall) need(i int) (*onnxValue, error) {
	if i >= len(c.in) || c.in[i] == nil {
		return nil, fmt.Errorf("input %d is missing", i)
	}
	return c.in[i], nil
}

// maybe gives an optional input, or nil.
func (c *onnxCall) maybe(i int) *onnxValue {
	if i >= len(c.in) {
		return nil
	}
	return c.in[i]
}

func (c *onnxCall) int(name string, otherwise int64) int64 {
	if a := c.attr[name]; a != nil {
		return a.I
	}
	return otherwise
}

// ints gives a list that older versions of an op have as an attribute and newer ones as an input; ok is false if it is in neither.
func (c *onnxCall) ints(name string, input int) (list []int64, ok bool, err error) {
	if a := c.attr[name]; a != nil {
		return a.Ints, true, nil
	}
	v := c.maybe(input)
	if v == nil {
		return nil, false, nil
	}
	list, err = v.integers()
	return list, true, err
}

// axis turns an axis, perhaps counted from the end, into a number below rank.
func onnxAxis(axis int64, rank int) (int, error) {
	if axis < -int64(rank) || axis >= int64(rank) {
		return 0, fmt.Errorf("axis %d of a tensor of %d dimensions", axis, rank)
	}
	if axis < 0 {
		axis += int64(rank)
	}
	return int(axis), nil
}

// moved is an input whose elements an op moves about. An opaque one of unknown shape stays what it is.
func (c *onnxCall) moved(i int) (v *onnxValue, known bool, err error) {
	v, err = c.need(i)
	if err != nil {
		return nil, false, err
	}
	return v, v.shaped(), nil
}

// pick gives elements of v as a tensor of that shape, by strides.
func (c *onnxCall) pick(v *onnxValue, shape, strides []int, offset int) (*onnxValue, error) {
	if v.opaque() {
		_, err := elements(shape)
		return v.as(shape), err
	}
	if err := c.run.spend(shape); err != nil {
		return nil, err
	}
	return v.pick(shape, onnxIndex(shape, strides, offset)), nil
}

func one(v *onnxValue) []*onnxValue { return []*onnxValue{v} }
