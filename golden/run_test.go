package golden

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/dump"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

var q12 = fixed.Format{Bits: 16, Position: 12}

// accumulator is a cell whose h is x + h and whose c is x·w + b, one unit wide.
func accumulator(weight, bias int16) *sketch {
	s := newSketch("Accumulator")
	x, h := s.data(0, 1, q12), s.data(1, 1, q12)
	s.data(2, 1, q12)
	sum := s.op("sum", "add", 1, q12, nil, input(x, h))
	w := s.param("weight", q12, []int16{weight}, 1, 1)
	b := s.param("bias", q12, []int16{bias}, 1)
	product := s.op("product", "matmul", 1, q12, matmulAttrs(true), input(x, w), xmodel.Arg{Name: "bias", Ops: []string{b}})
	s.returns(sum, product)
	return s
}

func runOne(t *testing.T, s *sketch, compat xmodel.Compat, sequences ...dump.Sequence) *dump.Memory {
	t.Helper()
	exact, err := NewExact(s.model(), compat)
	require.NoError(t, err)
	memory := dump.NewMemory()
	require.NoError(t, exact.Run(context.Background(), sequences, memory))
	return memory
}

// column gives the values of a node of one unit, a frame each.
func column(m *dump.Memory, name string) (values []int16, saturations []int32) {
	for i, n := range m.Header.Cells[0].Nodes {
		if n.Name == name {
			for _, f := range m.Frames {
				values, saturations = append(values, f.Fixed[i][0]), append(saturations, f.Saturations[i])
			}
		}
	}
	return values, saturations
}

func TestBiasIsAddedToTheSaturatedProduct(t *testing.T) {
	// 4 · 4 saturates at 32767 before -1 (-4096) is added: one step would give 15, saturated to 32767.
	m := runOne(t, accumulator(4<<12, -1<<12), xmodel.Sane, dump.Sequence{Fixed: []int16{4 << 12, 1 << 12}})
	values, saturations := column(m, "product")
	assert.Equal(t, []int16{32767 - 4096, 3 << 12}, values)
	assert.Equal(t, []int32{1, 0}, saturations)
}

func TestStateIsFedBack(t *testing.T) {
	m := runOne(t, accumulator(0, 7), xmodel.Sane,
		dump.Sequence{Fixed: []int16{1, 2, 3}, Initial: []dump.State{{H: []int16{10}, C: []int16{5}}}})
	sums, _ := column(m, "sum")
	assert.Equal(t, []int16{11, 13, 16}, sums)
	c, _ := column(m, "input_2")
	assert.Equal(t, []int16{5, 7, 7}, c)
}

func TestSequencesAreIndependentOfEachOther(t *testing.T) {
	a, b := dump.Sequence{Fixed: []int16{1, 2, 3, 4, 5}}, dump.Sequence{Float: []float32{0.5, -0.25}}
	both := runOne(t, accumulator(5000, 1), xmodel.Sane, a, b)
	first, second := runOne(t, accumulator(5000, 1), xmodel.Sane, a), runOne(t, accumulator(5000, 1), xmodel.Sane, b)
	require.Len(t, both.Frames, 7)
	for _, f := range second.Frames {
		f.Sequence = 1
	}
	assert.Equal(t, append(first.Frames, second.Frames...), both.Frames)
}

func TestCastToInt32BeforeTheClamp(t *testing.T) {
	// 2^19 at position 12 is 2^31: just too much for an int32.
	for _, c := range []struct {
		x           float32
		sane, vai20 int16
	}{
		{1 << 19, 32767, -32768},
		{1<<19 - 1, 32767, 32767},
		{-1 << 30, -32768, -32768},
		{math.MaxFloat32, 32767, -32768},
	} {
		for compat, want := range map[xmodel.Compat]int16{xmodel.Sane: c.sane, xmodel.VAI20: c.vai20} {
			values, saturations := column(runOne(t, accumulator(0, 0), compat, dump.Sequence{Float: []float32{c.x}}), "input_0")
			assert.Equal(t, []int16{want}, values, "%v", c.x)
			assert.Equal(t, []int32{1}, saturations, "%v", c.x)
		}
	}
}

func TestRunRefusesBadSequences(t *testing.T) {
	exact, err := NewExact(accumulator(1, 1).model(), xmodel.Sane)
	require.NoError(t, err)
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for _, c := range []struct {
		sequence dump.Sequence
		message  string
	}{
		{dump.Sequence{}, "run the exact reference on sequence 1: it has no steps"},
		{dump.Sequence{Float: []float32{1}, Fixed: []int16{1}}, "both real and integer"},
		{dump.Sequence{Float: []float32{0, nan}}, "step 1, feature 0 is NaN"},
		{dump.Sequence{Float: []float32{inf}}, "step 0, feature 0 is -Inf"},
		{dump.Sequence{Fixed: []int16{1}, Initial: make([]dump.State, 2)}, "2 initial states for 1 cells"},
		{dump.Sequence{Fixed: []int16{1}, Initial: []dump.State{{H: []int16{1, 2}}}}, "initial h of graph Accumulator has 2 elements, 1 wanted"},
	} {
		memory := dump.NewMemory()
		err := exact.Run(context.Background(), []dump.Sequence{{Fixed: []int16{1}}, c.sequence}, memory)
		assert.ErrorContains(t, err, c.message)
		assert.False(t, memory.Closed)
		assert.Empty(t, memory.Frames, "the trace must have been aborted")
	}
}

func TestRunStopsWhenCancelled(t *testing.T) {
	exact, err := NewExact(accumulator(1, 1).model(), xmodel.Sane)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	memory := dump.NewMemory()
	require.ErrorIs(t, exact.Run(ctx, []dump.Sequence{{Fixed: []int16{1}}}, memory), context.Canceled)
	assert.False(t, memory.Closed)
}

// fullSink refuses the second frame, as a full disk would.
type fullSink struct {
	dump.Memory
	frames  int
	aborted bool
}

var errFull = errors.New("no space left on device")

func (s *fullSink) Begin(dump.Header) error { return nil }
func (s *fullSink) Abort() error            { s.aborted = true; return nil }
func (s *fullSink) Write(*dump.Frame) error {
	if s.frames++; s.frames > 1 {
		return errFull
	}
	return nil
}

func TestRunAbortsASinkThatFails(t *testing.T) {
	exact, err := NewExact(accumulator(1, 1).model(), xmodel.Sane)
	require.NoError(t, err)
	sink := &fullSink{}
	err = exact.Run(context.Background(), []dump.Sequence{{Fixed: []int16{1, 2, 3}}}, sink)
	require.ErrorIs(t, err, errFull)
	assert.ErrorContains(t, err, "write step 1 of graph Accumulator")
	assert.True(t, sink.aborted)
}

func TestReplayRefuses(t *testing.T) {
	exact, err := NewExact(accumulator(1, 1).model(), xmodel.Sane)
	require.NoError(t, err)
	given := map[string][]int16{"input_0": {1}}
	for _, c := range []struct {
		cell    int
		node    string
		message string
	}{
		{1, "sum", "there is no cell 1, the model has 1"},
		{0, "total", "graph Accumulator has no node total"},
		{0, "input_0", "is an input"},
		{0, "sum", "node sum reads input_1, which is not given"},
	} {
		_, err := exact.Node(c.cell, c.node, given)
		assert.ErrorContains(t, err, c.message)
	}
	_, err = exact.Node(0, "product", map[string][]int16{"input_0": {1, 2}})
	assert.ErrorContains(t, err, "reads 1 values of input_0, 2 are given")
}

func TestDescribe(t *testing.T) {
	exact, err := NewExact(accumulator(3, -9).model(), xmodel.Sane)
	require.NoError(t, err)
	info, err := exact.Describe(0, "product")
	require.NoError(t, err)
	assert.Equal(t, &NodeInfo{
		Name: "product", Op: "matmul", Width: 1, Format: q12,
		Reads:  []Read{{Name: "input_0", Format: q12}, {Name: "weight", Format: q12, Param: []int16{3}}, {Name: "bias", Format: q12, Param: []int16{-9}}},
		Matmul: &MatmulInfo{Weights: []int16{3}, WeightFormat: q12, Bias: []int16{-9}, BiasFormat: q12},
	}, info)
	assert.Nil(t, exact.Reads(0, "no such node"))
}
