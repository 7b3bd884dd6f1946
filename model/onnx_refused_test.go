package model

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/model/internal/onnxpb"
)

// with adds inputs to the recurrent operator, in the places after B.
func (b *onnxTest) with(inputs ...string) *onnxTest {
	b.last().Input = append(b.last().Input, inputs...)
	return b
}

func (b *onnxTest) set(a *onnxpb.AttributeProto) *onnxTest {
	n := b.last()
	for i, old := range n.Attribute {
		if old.Name == a.Name {
			n.Attribute[i] = a
			return b
		}
	}
	n.Attribute = append(n.Attribute, a)
	return b
}

func (b *onnxTest) change(change func(*onnxTest)) *onnxTest {
	change(b)
	return b
}

func words(list ...string) *onnxpb.AttributeProto {
	a := &onnxpb.AttributeProto{Name: "activations"}
	for _, s := range list {
		a.Strings = append(a.Strings, []byte(s))
	}
	return a
}

func TestONNXCellsThatTheAcceleratorLacks(t *testing.T) {
	zeros := []int64{1, 2, onnxTestHidden}
	for name, c := range map[string]struct {
		graph *onnxTest
		want  string
	}{
		"peepholes":           {oneLSTM().with("", "", "", "P").floats("P", []int64{1, 3 * onnxTestHidden}), `op LSTM (node "lstm"): it has peepholes (P)`},
		"clip":                {oneLSTM().set(&onnxpb.AttributeProto{Name: "clip", F: 3}), `op LSTM (node "lstm"): clip is given`},
		"input_forget":        {oneLSTM().set(anInt("input_forget", 1)), "input_forget is given"},
		"hard sigmoid":        {oneLSTM().set(words("HardSigmoid", "Tanh", "Tanh")), "activation 0 is HardSigmoid: the accelerator has Sigmoid there"},
		"relu":                {oneLSTM().set(words("Sigmoid", "Tanh", "Relu")), "activation 2 is Relu: the accelerator has Tanh there"},
		"gru activations":     {oneGRU().set(words("Sigmoid", "Softsign")), "activation 1 is Softsign"},
		"too few activations": {oneLSTM().set(words("Sigmoid", "Tanh")), "it has 2 activations, 3 are wanted"},
		"alpha":               {oneLSTM().set(&onnxpb.AttributeProto{Name: "activation_alpha", Floats: []float32{1}}), "activation_alpha is given"},
		"beta":                {oneGRU().set(&onnxpb.AttributeProto{Name: "activation_beta", Floats: []float32{1}}), "activation_beta is given"},
		"reset before":        {oneGRU().set(anInt("linear_before_reset", 0)), `op GRU (node "gru"): linear_before_reset is 0`},
		"direction":           {oneLSTM().set(aString("direction", "sideways")), `its direction is "sideways"`},
		"layout":              {oneLSTM().set(anInt("layout", 2)), "its layout is 2"},
		"hidden size":         {oneLSTM().set(anInt("hidden_size", 4)), "hidden_size is 4, R has 3 units"},
		"nonzero h":           {oneLSTM().with("", "h0").floats("h0", zeros), "initial_h is constant and not zero"},
		"nonzero c":           {oneLSTM().with("", "", "c0").floats("c0", zeros), "initial_c is constant and not zero"},
		"random h": {newONNXTest().input("x", onnxFloat, 0, 0, onnxTestInput).node("RandomNormal", "noise", nil, []string{"h0"}).
			recurrent("LSTM", "lstm", "x", onnxTestInput).with("", "h0"), `initial_h depends on op RandomNormal (node "noise")`},
		"reversed padding": {newONNXTest().input("x", onnxFloat, 0, 0, onnxTestInput).input("lengths", onnxInt32, 0).
			ints("from", -1).ints("to", math.MinInt64).ints("axis", 0).ints("by", -1).node("Slice", "", []string{"x", "from", "to", "axis", "by"}, []string{"r"}).
			recurrent("LSTM", "lstm", "r", onnxTestInput).with("lengths"), "x is reversed as a whole, and sequence_lens is given"},
		"constant lengths": {oneLSTM().with("lengths").ints("lengths", 2, 3), "sequence_lens is constant and not the 2 timesteps of x"},
		"float weights": {oneLSTM().change(func(b *onnxTest) {
			w := b.tensor("lstm.W")
			w.DataType, w.RawData = onnxInt8, w.RawData[:len(w.RawData)/4]
		}), "its weights W are INT8, floats are wanted: if the model is quantized, read the float model"},
		"weights in": {oneLSTM().change(func(b *onnxTest) { b.last().Input[1] = "w" }).input("w", onnxFloat, 1, 12, 2), `its weights W are not in the file: they are input "w" of the graph`},
		"computed weights": {newONNXTest().input("x", onnxFloat, 0, 0, onnxTestInput).floats("w", []int64{1}).node("Einsum", "spell", []string{"w"}, []string{"s"}).
			recurrent("LSTM", "lstm", "x", onnxTestInput).change(func(b *onnxTest) { b.last().Input[1] = "s" }), `its weights W are not in the file: they depend on op Einsum (node "spell")`},
		"no weights":    {oneLSTM().change(func(b *onnxTest) { b.last().Input = b.last().Input[:2] }), "its weights R are missing"},
		"W":             {oneLSTM().change(func(b *onnxTest) { b.tensor("lstm.W").Dims = []int64{2, 6, 2} }), "its weights W have shape [2 6 2], [1, 12, input] is wanted"},
		"R":             {oneLSTM().change(func(b *onnxTest) { b.tensor("lstm.R").Dims = []int64{1, 3, 12} }), "its weights R have shape [1 3 12], [1, 4 × units, units] is wanted"},
		"B":             {oneLSTM().change(func(b *onnxTest) { b.tensor("lstm.B").Dims = []int64{2, 12} }), "its biases B have shape [2 12], [1, 24] is wanted"},
		"x":             {oneLSTM().change(func(b *onnxTest) { b.Graph.Input = nil }).input("x", onnxFloat, 0, 0, 5), "x has shape [2 3 5], W has [1 12 2]"},
		"not a number":  {oneLSTM().change(func(b *onnxTest) { copy(b.tensor("lstm.R").RawData, "\x00\x00\xc0\x7f") }), `op LSTM (node "lstm"): tensor "R": value 0 is NaN`},
		"plain RNN":     {newONNXTest().input("x", onnxFloat, 0, 0, 2).node("RNN", "rnn", []string{"x"}, []string{"y"}), `op RNN (node "rnn") is a plain RNN`},
		"quantized":     {newONNXTest().input("x", onnxFloat, 0, 0, 2).node("DynamicQuantizeLSTM", "q", []string{"x"}, []string{"y"}), "it was quantized: read the float model"},
		"no recurrence": {newONNXTest().input("x", onnxFloat, 0, 0, 2).node("Relu", "", []string{"x"}, []string{"y"}), `no LSTM or GRU is in the graph; its ops are "Relu"`},
		"old opset":     {oneLSTM().change(func(b *onnxTest) { b.OpsetImport[0].Version = 6 }), "version 6 of ONNX's operators; version 7 or later is read"},
		"no opset":      {oneLSTM().change(func(b *onnxTest) { b.OpsetImport[0].Domain = "com.example" }), "opset_import"},
		"sparse":        {oneLSTM().change(func(b *onnxTest) { b.Graph.SparseInitializer = []*onnxpb.SparseTensorProto{{Dims: []int64{1}}} }), "sparse initializers"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.graph.output(c.graph.last().Output[0]).read(t, "")
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestONNXWhatIsHarmlessIsTaken(t *testing.T) {
	plain, err := oneLSTM().output("lstm.y").read(t, "")
	require.NoError(t, err)
	for name, graph := range map[string]*onnxTest{
		"default activations": oneLSTM().set(words("sigmoid", "Tanh", "tanh")),
		"zero peepholes":      oneLSTM().with("", "", "", "P").floats("P", []int64{1, 3 * onnxTestHidden}, 0),
		"zero states":         oneLSTM().with("", "h0", "c0").floats("h0", []int64{1, 2, 3}, 0).floats("c0", []int64{1, 2, 3}, 0),
		"states of the run":   oneLSTM().with("", "h0").input("h0", onnxFloat, 1, 0, 3),
		"lengths of the run":  oneLSTM().with("lengths").input("lengths", onnxInt32, 0),
		"lengths of all x":    newONNXTest().input("x", onnxFloat, 4, 2, onnxTestInput).recurrent("LSTM", "lstm", "x", onnxTestInput).with("lengths").ints("lengths", 4, 4),
		"domain by name":      oneLSTM().change(func(b *onnxTest) { b.last().Domain, b.OpsetImport[0].Domain = "ai.onnx", "ai.onnx" }),
		"open features":       oneLSTM().change(func(b *onnxTest) { b.Graph.Input = nil }).input("x", onnxFloat, 0, 0, 0),
		"no shape":            oneLSTM().change(func(b *onnxTest) { b.Graph.Input[0].Type.TensorType.Shape = nil }),
		"listed initializers": oneLSTM().input("lstm.W", onnxFloat, 1, 12, 2),
	} {
		t.Run(name, func(t *testing.T) {
			network, err := graph.output("lstm.y").read(t, "")
			require.NoError(t, err)
			assert.Equal(t, plain, network)
		})
	}
}
