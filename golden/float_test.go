package golden

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/internal/npy"
	"rnnsim/model"
)

// torchHidden is the units of the recorded cells; the recorded x says the rest.
const torchHidden = 3

// torchRecord is what PyTorch computed in float64; testdata/record.py says what lies in it.
type torchRecord struct{ archive *npy.Zip }

func openTorch(t *testing.T) *torchRecord {
	t.Helper()
	archive, err := npy.OpenZip(filepath.Join("testdata", "torch.npz"))
	require.NoError(t, err)
	t.Cleanup(func() { archive.Close() })
	return &torchRecord{archive}
}

func (r *torchRecord) floats(t *testing.T, name string) ([]float64, []int) {
	t.Helper()
	array, err := r.archive.Array(name)
	require.NoError(t, err)
	values, err := array.Float64s()
	require.NoError(t, err)
	return values, array.Shape
}

func (r *torchRecord) params(t *testing.T, name string) *cutter {
	t.Helper()
	array, err := r.archive.Array(name)
	require.NoError(t, err)
	values, err := array.Float32s()
	require.NoError(t, err)
	return &cutter{values}
}

// cutter takes tensors off a row of parameters.
type cutter struct{ rest []float32 }

func (c *cutter) take(n int) []float32 {
	taken := c.rest[:n]
	c.rest = c.rest[n:]
	return taken
}

// network takes a network off its parameters, which lie in PyTorch's order.
func (c *cutter) network(kind model.Kind, layers, input int, bidirectional, bias bool) *model.Network {
	net := &model.Network{Name: "rnn", Kind: kind}
	for range layers {
		cell := func() *model.Cell {
			rows := kind.Gates() * torchHidden
			taken := &model.Cell{Input: input, Hidden: torchHidden, WeightIH: c.take(rows * input), WeightHH: c.take(rows * torchHidden)}
			if bias {
				taken.BiasIH, taken.BiasHH = c.take(rows), c.take(rows)
			}
			return taken
		}
		layer := model.Layer{Forward: cell()}
		if bidirectional {
			layer.Backward = cell()
		}
		net.Layers = append(net.Layers, layer)
		input = layer.Output()
	}
	return net
}

// torchTolerance is what PyTorch's own order of additions may move; the values are of the order of 1.
const torchTolerance = 1e-12

func TestFloatEqualsPyTorch(t *testing.T) {
	record := openTorch(t)
	x, shape := record.floats(t, "x")
	h0, _ := record.floats(t, "h0")
	c0, _ := record.floats(t, "c0")
	lengths, _ := record.floats(t, "lengths")
	batch, steps, input := shape[0], shape[1], shape[2]
	cases := 0
	for _, name := range record.archive.Names() {
		name, isCase := strings.CutSuffix(name, "/params")
		if !isCase {
			continue
		}
		cases++
		t.Run(name, func(t *testing.T) {
			form := strings.Split(name, "-")
			kind, layers := model.LSTM, 0
			if form[0] == "gru" {
				kind = model.GRU
			}
			layers, err := strconv.Atoi(form[1])
			require.NoError(t, err)
			params := record.params(t, name+"/params")
			net := params.network(kind, layers, input, form[2] == "bi", form[3] == "bias")
			require.Empty(t, params.rest)
			reference, err := NewFloat(net, nil)
			require.NoError(t, err)

			output, outputShape := record.floats(t, name+"/output")
			hn, _ := record.floats(t, name+"/hn")
			var cn []float64
			if kind == model.LSTM {
				cn, _ = record.floats(t, name+"/cn")
			}
			width := outputShape[2]
			for b := range batch {
				length := steps
				if form[5] == "packed" {
					length = int(lengths[b])
				}
				sequence := FloatSequence{X: x[b*steps*input:][:length*input]}
				row := func(states []float64, cell int) []float64 {
					return states[(cell*batch+b)*torchHidden:][:torchHidden]
				}
				for cell := range reference.cells {
					if form[4] != "init" {
						break
					}
					state := FloatState{H: row(h0, cell)}
					if kind == model.LSTM {
						state.C = row(c0, cell)
					}
					sequence.Initial = append(sequence.Initial, state)
				}
				result, err := reference.Infer(context.Background(), sequence)
				require.NoError(t, err)
				assert.InDeltaSlice(t, output[b*steps*width:][:length*width], result.Output, torchTolerance)
				for cell, final := range result.Final {
					assert.InDeltaSlice(t, row(hn, cell), final.H, torchTolerance)
					if kind == model.LSTM {
						assert.InDeltaSlice(t, row(cn, cell), final.C, torchTolerance)
					}
				}
			}
		})
	}
	require.Equal(t, 64, cases)
}

func TestFloatNetworkEqualsPyTorch(t *testing.T) {
	record := openTorch(t)
	tokens, _ := record.floats(t, "network/tokens")
	embedding := record.params(t, "network/embedding").rest
	features := len(embedding) / 10
	net := record.params(t, "network/rnn").network(model.LSTM, 1, features, true, true)
	net.Embedding = &model.Embedding{Tokens: 10, Features: features, Weight: embedding}
	dense, last := record.params(t, "network/dense"), record.params(t, "network/last")
	net.Head = []model.Dense{
		{Name: "dense", Input: 2 * torchHidden, Output: 4, Weight: dense.take(8 * torchHidden), Bias: dense.take(4)},
		{Name: "last", Input: 4, Output: 3, Weight: last.take(12), Bias: last.take(3), Activation: "softmax"},
	}
	sequence := FloatSequence{}
	for _, token := range tokens {
		sequence.Tokens = append(sequence.Tokens, int(token))
	}
	for _, reads := range []string{"steps", "final"} {
		for _, activation := range []string{"relu", "tanh", "sigmoid", ""} {
			t.Run(reads+" "+activation, func(t *testing.T) {
				net.LastStepOnly, net.Head[0].Activation = reads == "final", activation
				reference, err := NewFloat(net, nil)
				require.NoError(t, err)
				result, err := reference.Infer(context.Background(), sequence)
				require.NoError(t, err)
				var got []float64
				for _, row := range result.Head {
					got = append(got, row...)
				}
				want, _ := record.floats(t, fmt.Sprintf("network/%s/%s", reads, activation))
				assert.InDeltaSlice(t, want, got, torchTolerance)
			})
		}
	}
}

func TestFloatRefuses(t *testing.T) {
	net := func() *model.Network {
		c := &cutter{make([]float32, 200)}
		n := c.network(model.GRU, 1, 2, false, true)
		n.Embedding = &model.Embedding{Tokens: 3, Features: 2, Weight: c.take(6)}
		n.Head = []model.Dense{{Name: "dense", Input: torchHidden, Output: 1, Weight: c.take(torchHidden)}}
		return n
	}
	broken, odd := net(), net()
	broken.Layers[0].Forward.WeightIH = nil
	odd.Head[0].Activation = "gelu"
	_, err := NewFloat(broken, nil)
	require.ErrorContains(t, err, "make the float reference: layer 0, cell 0: weight_ih")
	_, err = NewFloat(odd, nil)
	require.ErrorContains(t, err, `dense layer 0 (dense) has the activation "gelu"`)
	_, err = NewFloat(net(), []string{"one", "two"})
	require.ErrorContains(t, err, "2 graphs are named, the network has 1 cells")

	reference, err := NewFloat(net(), []string{"one"})
	require.NoError(t, err)
	assert.Equal(t, "one", reference.Header().Cells[0].Graph)
	for _, c := range []struct {
		sequence FloatSequence
		message  string
	}{
		{FloatSequence{}, "its 0 values are not one step of 2 features"},
		{FloatSequence{X: []float64{1, 2, 3}}, "its 3 values"},
		{FloatSequence{X: []float64{1, 2, 3, math.Inf(1)}}, "step 1, feature 1 is +Inf"},
		{FloatSequence{X: []float64{1, 2}, Tokens: []int{1}}, "it has tokens"},
		{FloatSequence{Tokens: []int{1, 3}}, "token 1 is 3, the embedding has 3"},
		{FloatSequence{Tokens: []int{1}, Initial: make([]FloatState, 2)}, "2 initial states for 1 cells"},
		{FloatSequence{Tokens: []int{1}, Initial: []FloatState{{H: []float64{1}}}}, "initial h of cell 0 has 1 elements, 3 wanted"},
		{FloatSequence{Tokens: []int{1}, Initial: []FloatState{{C: []float64{1}}}}, "initial c of cell 0 has 1 elements, 0 wanted"},
	} {
		_, err := reference.Infer(context.Background(), c.sequence)
		assert.ErrorContains(t, err, c.message)
		memory := dump.NewMemory()
		_, err = reference.Run(context.Background(), []FloatSequence{c.sequence}, memory)
		assert.ErrorContains(t, err, c.message)
		assert.False(t, memory.Closed)
	}
}
