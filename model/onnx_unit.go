package model

import (
	"fmt"
	"slices"
	"sort"

	"rnnsim/model/internal/onnxpb"
)

// onnxUnit is something that yields data: an input of the graph, an embedding, a recurrent cell, or a dense layer. Its elements
// have numbers of their own, from first on, so that a tensor of numbers tells what its elements are.
type onnxUnit struct {
	what  string // in messages
	first int32
	count int // elements

	// What it is; an input of the graph is none of these.
	input     bool
	integer   bool // the input holds integers: token ids
	embedding *onnxEmbedding
	rnn       *onnxRNN
	direction int // of the cell in the operator
	state     bool
	dense     *onnxDense

	// Elements lie row by row, width in each. A cell and a dense layer have a row a (timestep, batch), in this order, and a cell with
	// sequence lengths behind them another for each batch: the last step of each sequence. A dense layer that reads the last step
	// has a row a batch. The rows of inputs and embeddings lie as the graph has them.
	width        int
	steps, batch int
}

func (r *onnxRun) newUnit(u *onnxUnit) (*onnxUnit, error) {
	if err := r.spend([]int{u.count}); err != nil {
		return nil, err
	}
	u.first = r.nextID
	// One number is left out, so that the elements of two units never follow one another.
	r.nextID += int32(u.count) + 1
	r.units = append(r.units, u)
	return u, nil
}

// value gives all elements of a unit in their order, as a tensor.
func (u *onnxUnit) value(shape []int, elem int32) *onnxValue {
	v := &onnxValue{shape: shape, elem: elem, ids: make([]int32, u.count)}
	for i := range v.ids {
		v.ids[i] = u.first + int32(i)
	}
	return v
}

// unit gives what yields the element of that number.
func (r *onnxRun) unit(id int32) *onnxUnit {
	return r.units[sort.Search(len(r.units), func(i int) bool { return r.units[i].first > id })-1]
}

// inputUnits gives the inputs of the graph their numbers.
func (r *onnxRun) inputUnits() error {
	sizes := newOnnxSizes(r.choice)
	for _, in := range r.inputs {
		shape, elem, err := r.inputShape(in, sizes)
		if err != nil {
			return fmt.Errorf("input %q of the graph: %w", clipText(in.Name), err)
		}
		if shape == nil {
			r.values[in.Name] = onnxOpaque(fmt.Sprintf("input %q of the graph, which is no tensor", clipText(in.Name)))
			continue
		}
		u := &onnxUnit{what: fmt.Sprintf("input %q", clipText(in.Name)), input: true, integer: !onnxIsFloat(elem)}
		if u.count, err = elements(shape); err == nil {
			u, err = r.newUnit(u)
		}
		if err != nil {
			return fmt.Errorf("input %q of the graph has shape %v: %w", clipText(in.Name), shape, err)
		}
		r.values[in.Name] = u.value(shape, elem)
		r.live += u.count
	}
	return nil
}

// inputShape is the shape of an input with sizes for its open dimensions. An input of floats whose last dimension is open gets the
// features that the first recurrent operator reads, if it has three dimensions as such an operator's x has.
func (r *onnxRun) inputShape(in *onnxpb.ValueInfoProto, sizes *onnxSizes) ([]int, int32, error) {
	tensor := in.GetType().GetTensorType()
	if tensor == nil {
		return nil, 0, nil
	}
	elem := tensor.ElemType
	dims := tensor.GetShape().GetDim()
	if tensor.Shape == nil {
		dims = make([]*onnxpb.TensorShapeProto_Dimension, 3)
		if !onnxIsFloat(elem) {
			dims = dims[:2]
		}
	}
	if len(dims) > maxOnnxRank {
		return nil, 0, fmt.Errorf("it has %d dimensions", len(dims))
	}
	shape := make([]int, len(dims))
	for i, d := range dims {
		switch size := d.GetDimValue(); {
		case size > maxOnnxLive:
			return nil, 0, fmt.Errorf("dimension %d is %d: %w", i, size, errOnnxBudget)
		case size > 0:
			shape[i] = int(size)
		case i == 2 && len(dims) == 3 && onnxIsFloat(elem) && r.features() > 0:
			shape[i] = r.features()
		default:
			r.open = true
			shape[i] = sizes.of(d.GetDimParam())
		}
	}
	return shape, elem, nil
}

// features is what the first recurrent operator reads, or 0 where its weights are computed.
func (r *onnxRun) features() int {
	for _, n := range r.nodes {
		if (n.OpType == "LSTM" || n.OpType == "GRU") && len(n.Input) > 1 {
			if w := r.tensors[n.Input[1]]; w != nil && len(w.Dims) == 3 && w.Dims[2] > 0 && w.Dims[2] < maxOnnxLive {
				return int(w.Dims[2])
			}
			return 0
		}
	}
	return 0
}

// onnxSizes gives open dimensions sizes, which are different from one another, and from those of another choice.
type onnxSizes struct {
	choice int
	named  map[string]int
	used   int
}

func newOnnxSizes(choice int) *onnxSizes { return &onnxSizes{choice: choice, named: map[string]int{}} }

func (s *onnxSizes) of(name string) int {
	if size := s.named[name]; size != 0 && name != "" {
		return size
	}
	choices := [2][]int{{2, 3, 5, 7}, {5, 4, 3, 2}}[s.choice]
	size := choices[s.used%len(choices)]
	s.used++
	s.named[name] = size
	return size
}

// tokens tells whether all elements are those of inputs that hold integers.
func (r *onnxRun) tokens(v *onnxValue) bool {
	return !slices.ContainsFunc(v.ids, func(id int32) bool { return !r.unit(id).integer })
}

// onnxEmbedding is a table that token ids are looked up in.
type onnxEmbedding struct{ table *onnxValue }

func (c *onnxCall) embedding(table, tokens *onnxValue, axis int) ([]*onnxValue, error) {
	switch {
	case axis != 0 || len(table.shape) != 2 || table.count() == 0:
		return nil, fmt.Errorf("it looks up along axis %d of a table of shape %v; axis 0 of [tokens, features] is wanted", axis, table.shape)
	case !c.run.tokens(tokens):
		return onnxComputed(c)
	case len(tokens.ids) == 0:
		return nil, fmt.Errorf("it looks up no token")
	}
	features, input := table.shape[1], c.run.unit(tokens.ids[0])
	shape := append(slices.Clone(tokens.shape), features)
	if err := c.run.spend(shape); err != nil {
		return nil, err
	}
	u, err := c.run.newUnit(&onnxUnit{
		what: "the embedding of " + onnxNodeName(c.node), count: input.count * features, width: features,
		embedding: &onnxEmbedding{table: table},
	})
	if err != nil {
		return nil, err
	}
	v := &onnxValue{shape: shape, elem: onnxFloat, ids: make([]int32, 0, len(tokens.ids)*features)}
	for _, id := range tokens.ids {
		if c.run.unit(id) != input {
			return nil, fmt.Errorf("its tokens are those of several inputs")
		}
		for f := range features {
			v.ids = append(v.ids, u.first+(id-input.first)*int32(features)+int32(f))
		}
	}
	return one(v), nil
}
