package model

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/model/internal/onnxpb"
)

// convolved is a graph as PyTorch exports a convolution before a recurrent layer: the zeros that the layer starts from have the batch of
// what the convolution yields, which nobody knows here.
func convolved(zeros func(*onnxTest)) *onnxTest {
	b := newONNXTest().input("x", onnxFloat, 1, onnxTestInput, 7).floats("kernel", []int64{onnxTestInput, onnxTestInput, 1}).
		node("Conv", "conv", []string{"x", "kernel"}, []string{"c"}).
		node("Transpose", "", []string{"c"}, []string{"t"}, someInts("perm", 2, 0, 1)).
		node("Shape", "", []string{"t"}, []string{"shape"}).
		ints("one", 1).node("Gather", "", []string{"shape", "one"}, []string{"batch"}).ints("units", 3).
		node("Concat", "", []string{"one", "batch", "units"}, []string{"size"}, anInt("axis", 0))
	zeros(b)
	b.recurrent("GRU", "gru", "t", onnxTestInput)
	b.last().Input = append(b.last().Input[:3:3], "gru.B", "", "start")
	return b.joined("gru.h", "j").dense("end", "j", 3, 2).output("end")
}

func TestONNXStatesOfUnknownBatch(t *testing.T) {
	for name, c := range map[string]struct {
		zeros func(*onnxTest)
		want  string
	}{
		"expanded": {func(b *onnxTest) {
			b.floats("zero", []int64{1, 1, 3}, 0).node("Expand", "expand", []string{"zero", "size"}, []string{"start"})
		}, ""},
		"filled": {func(b *onnxTest) { b.node("ConstantOfShape", "fill", []string{"size"}, []string{"start"}) }, ""},
		"moved": {func(b *onnxTest) {
			b.node("ConstantOfShape", "fill", []string{"size"}, []string{"f"}).node("Transpose", "", []string{"f"}, []string{"start"}, someInts("perm", 0, 1, 2))
		}, ""},
		"ones": {func(b *onnxTest) {
			b.floats("zero", []int64{1, 1, 3}, 1).node("Expand", "expand", []string{"zero", "size"}, []string{"start"})
		}, `initial_h depends on op Expand (node "expand")`},
		"filled with ones": {func(b *onnxTest) {
			b.node("ConstantOfShape", "fill", []string{"size"}, []string{"start"}, &onnxpb.AttributeProto{Name: "value", T: &onnxpb.TensorProto{Dims: []int64{1}, DataType: onnxFloat, FloatData: []float32{1}}})
		}, `initial_h depends on op ConstantOfShape (node "fill")`},
		"a shape of zeros": {func(b *onnxTest) {
			b.node("ConstantOfShape", "fill", []string{"size"}, []string{"f"}).node("Shape", "", []string{"f"}, []string{"start"})
		}, "initial_h depends on"},
		"computed": {func(b *onnxTest) {
			b.node("ConstantOfShape", "fill", []string{"size"}, []string{"f"}).node("Cos", "cos", []string{"f"}, []string{"start"})
		}, "initial_h depends on"},
		"shifted": {func(b *onnxTest) {
			b.node("ConstantOfShape", "fill", []string{"size"}, []string{"f"}).floats("two", nil, 2).node("Add", "", []string{"f", "two"}, []string{"start"})
		}, "initial_h depends on"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := convolved(c.zeros).read(t, "")
			if c.want != "" {
				require.ErrorContains(t, err, c.want)
				return
			}
			require.ErrorContains(t, err, `op GRU (node "gru") reads op Conv (node "conv")`)
			network, err := convolved(c.zeros).read(t, "gru")
			require.NoError(t, err)
			assert.Len(t, network.Head, 1)
			require.Len(t, network.Notes, 1)
			assert.Contains(t, network.Notes[0], "what lies before it is left out")
		})
	}
}
