package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// network assembles tensors of those shapes, all of them ones.
func network(t *testing.T, shapes map[string][]int, opts ReadOptions) (*Network, error) {
	t.Helper()
	var tensors []tensor
	for name, shape := range shapes {
		tensors = append(tensors, tensor{name: name, shape: shape, values: func() ([]float32, error) {
			n, err := elements(shape)
			return make([]float32, n), err
		}})
	}
	rand.Shuffle(len(tensors), func(i, j int) { tensors[i], tensors[j] = tensors[j], tensors[i] })
	n, err := assemble([]stateDict{{tensors: tensors}}, opts)
	if err == nil {
		require.NoError(t, n.Validate())
	}
	return n, err
}

// around gives an LSTM of 3 features and hidden units with further tensors.
func around(hidden int, shapes map[string][]int) map[string][]int {
	shapes["rnn.weight_ih_l0"] = []int{4 * hidden, 3}
	shapes["rnn.weight_hh_l0"] = []int{4 * hidden, hidden}
	return shapes
}

func TestEmbeddingAndHead(t *testing.T) {
	for name, c := range map[string]struct {
		hidden    int
		shapes    map[string][]int
		embedding int // tokens
		head      []string
		unused    []string
	}{
		"nothing":                {hidden: 2, shapes: map[string][]int{}},
		"embedding":              {2, map[string][]int{"words.weight": {9, 3}}, 9, nil, nil},
		"head without bias":      {2, map[string][]int{"out.weight": {9, 2}}, 0, []string{"out"}, nil},
		"either":                 {3, map[string][]int{"x.weight": {9, 3}}, 0, []string{"x"}, nil},
		"either, named":          {3, map[string][]int{"tokEmbed.weight": {9, 3}}, 9, nil, nil},
		"both, named":            {3, map[string][]int{"emb.weight": {9, 3}, "out.weight": {9, 3}}, 9, []string{"out"}, nil},
		"two named":              {2, map[string][]int{"emb1.weight": {9, 3}, "emb2.weight": {8, 3}}, 0, nil, []string{"emb1.weight", "emb2.weight"}},
		"tied":                   {3, map[string][]int{"encoder.weight": {9, 3}, "decoder.weight": {9, 3}, "decoder.bias": {9}}, 0, nil, []string{"decoder.bias", "decoder.weight", "encoder.weight"}},
		"tied, other sizes":      {2, map[string][]int{"encoder.weight": {9, 3}, "decoder.weight": {9, 2}, "decoder.bias": {9}}, 9, []string{"decoder"}, nil},
		"chain":                  {2, map[string][]int{"a.weight": {5, 4}, "a.bias": {5}, "z.weight": {4, 2}, "z.bias": {4}}, 0, []string{"z", "a"}, nil},
		"chain of equals":        {2, map[string][]int{"fc1.weight": {2, 2}, "fc2.weight": {2, 2}, "fc10.weight": {2, 2}}, 0, []string{"fc1", "fc2", "fc10"}, nil},
		"equals without numbers": {2, map[string][]int{"a.weight": {2, 2}, "b.weight": {2, 2}}, 0, nil, []string{"a.weight", "b.weight"}},
		"two heads":              {2, map[string][]int{"mean.weight": {5, 2}, "variance.weight": {5, 2}}, 0, nil, []string{"mean.weight", "variance.weight"}},
		"dense before":           {2, map[string][]int{"in.weight": {3, 7}, "in.bias": {3}, "out.weight": {5, 2}}, 0, nil, []string{"in.bias", "in.weight", "out.weight"}},
		"normalization":          {2, map[string][]int{"norm.weight": {2}, "norm.bias": {2}, "out.weight": {5, 2}}, 0, nil, []string{"norm.bias", "norm.weight", "out.weight"}},
		"odd bias":               {2, map[string][]int{"out.weight": {5, 2}, "out.bias": {4}}, 0, nil, []string{"out.bias", "out.weight"}},
		"bias alone":             {2, map[string][]int{"out.bias": {4}}, 0, nil, []string{"out.bias"}},
		"empty matrix":           {2, map[string][]int{"out.weight": {0, 2}}, 0, nil, []string{"out.weight"}},
		"no shape":               {2, map[string][]int{"scale": {}}, 0, nil, []string{"scale"}},
		"many equals":            {2, equals(9), 0, nil, []string{"a.weight", "b.weight", "c.weight", "d.weight", "e.weight", "f.weight", "g.weight", "h.weight", "i.weight"}},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := network(t, around(c.hidden, c.shapes), ReadOptions{})
			require.NoError(t, err)
			tokens := 0
			if n.Embedding != nil {
				tokens = n.Embedding.Tokens
			}
			assert.Equal(t, c.embedding, tokens)
			var head []string
			for _, d := range n.Head {
				head = append(head, d.Name)
			}
			assert.Equal(t, c.head, head)
			assert.Equal(t, c.unused, n.Unused)
			assert.Equal(t, len(head) > 0, n.LastStepOnly)
		})
	}
}

func equals(n int) map[string][]int {
	shapes := map[string][]int{}
	for i := range n {
		shapes[string(rune('a'+i))+".weight"] = []int{2, 2}
	}
	return shapes
}

func TestModulesThatDoNotFit(t *testing.T) {
	for name, c := range map[string]struct {
		shapes map[string][]int
		want   string
	}{
		"two":          {map[string][]int{"a.weight_hh_l0": {8, 2}, "a.weight_ih_l0": {8, 1}, "b.weight_hh_l0": {6, 2}}, "several recurrent modules"},
		"gates":        {map[string][]int{"weight_hh_l0": {10, 2}}, "neither the 4 gates"},
		"ragged":       {map[string][]int{"weight_hh_l0": {9, 2}}, "[gates × hidden, hidden] is wanted"},
		"vector":       {map[string][]int{"weight_hh_l0": {8}}, "[gates × hidden, hidden] is wanted"},
		"no units":     {map[string][]int{"weight_hh_l0": {0, 0}}, "[gates × hidden, hidden] is wanted"},
		"rows":         {map[string][]int{"weight_hh_l0": {8, 2}, "weight_ih_l0": {6, 3}}, `"weight_ih_l0" has shape [6 3], [8, input] is wanted`},
		"no features":  {map[string][]int{"weight_hh_l0": {8, 2}, "weight_ih_l0": {8, 0}}, "[8, input] is wanted"},
		"bias":         {map[string][]int{"weight_hh_l0": {8, 2}, "weight_ih_l0": {8, 3}, "bias_ih_l0": {8}, "bias_hh_l0": {6}}, `"bias_hh_l0" has shape [6], [8] is wanted`},
		"other hidden": {map[string][]int{"weight_hh_l0": {8, 2}, "weight_ih_l0": {8, 3}, "weight_hh_l1": {12, 3}, "weight_ih_l1": {8, 2}}, `"weight_hh_l1" has shape [12 3], [8 2] is wanted`},
		"other input":  {map[string][]int{"weight_hh_l0": {8, 2}, "weight_ih_l0": {8, 3}, "weight_hh_l1": {8, 2}, "weight_ih_l1": {8, 3}}, "layer 1 reads 3 features, the layer before it yields 2"},
		"gap":          {map[string][]int{"weight_hh_l0": {8, 2}, "weight_ih_l0": {8, 3}, "weight_hh_l2": {8, 2}, "weight_ih_l2": {8, 2}}, "weight_ih_l1 is missing"},
		"far layer":    {map[string][]int{"weight_hh_l0": {8, 2}, "weight_ih_l0": {8, 3}, "weight_hh_l999": {8, 2}}, "it has a layer 999, and 3 tensors in all"},
		"no reverse":   {map[string][]int{"weight_hh_l0": {8, 2}, "weight_ih_l0": {8, 3}, "weight_hh_l0_reverse": {8, 2}}, "weight_ih_l0_reverse is missing"},
		"cell and l0":  {map[string][]int{"weight_hh_l0": {8, 2}, "weight_hh": {8, 2}}, "is there twice"},
		"other name":   {map[string][]int{"weight_hh_l0": {8, 2}, "weight_ih_l01": {8, 2}}, "weight_ih_l0 is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := network(t, c.shapes, ReadOptions{})
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestManyModulesAreListedInPart(t *testing.T) {
	shapes := map[string][]int{}
	for i := range 40 {
		shapes[fmt.Sprintf("cell%d.weight_hh", i)] = []int{8, 2}
	}
	_, err := network(t, shapes, ReadOptions{})
	require.ErrorContains(t, err, "and 24 more: say which one is meant")
}

func TestWeightsThatAreNoNumbers(t *testing.T) {
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(-1))} {
		values := tensor{name: "w", values: func() ([]float32, error) { return []float32{1, bad}, nil }}
		_, err := values.load()
		require.ErrorContains(t, err, `tensor "w": value 1 is`)
	}
}

func TestWrappersAreTakenOff(t *testing.T) {
	shapes := map[string][]int{"module._orig_mod.rnn.weight_hh_l0": {8, 2}, "module._orig_mod.rnn.weight_ih_l0": {8, 3}}
	n, err := network(t, shapes, ReadOptions{})
	require.NoError(t, err)
	assert.Equal(t, "rnn", n.Name)
	shapes["scale"] = []int{1}
	n, err = network(t, shapes, ReadOptions{})
	require.NoError(t, err)
	assert.Equal(t, "module._orig_mod.rnn", n.Name)
}
