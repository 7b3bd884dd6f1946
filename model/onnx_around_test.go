package model

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"rnnsim/model/internal/onnxpb"
)

var bidirectional = aString("direction", "bidirectional")

// lastStep adds a Gather of the step with that number from an operator's Y: name.y → step, [directions, batch, units].
func (b *onnxTest) lastStep(name string, step int64) *onnxTest {
	b.Graph.Initializer = append(b.Graph.Initializer, &onnxpb.TensorProto{Name: "step.at", DataType: onnxInt64, Int64Data: []int64{step}})
	return b.node("Gather", "take", []string{name + ".y", "step.at"}, []string{"step"})
}

// joined adds what makes [batch, directions × units] of [directions, batch, units].
func (b *onnxTest) joined(from, to string) *onnxTest {
	return b.node("Transpose", "", []string{from}, []string{to + ".t"}, someInts("perm", 1, 0, 2)).node("Flatten", "", []string{to + ".t"}, []string{to})
}

func TestONNXHeads(t *testing.T) {
	lstm := func(options ...*onnxpb.AttributeProto) *onnxTest {
		return newONNXTest().input("x", onnxFloat, 0, 0, onnxTestInput).recurrent("LSTM", "lstm", "x", onnxTestInput, options...)
	}
	for name, c := range map[string]struct {
		graph  *onnxTest
		layers int
		last   bool
	}{
		"every step":               {lstm().ints("one", 1).node("Squeeze", "", []string{"lstm.y", "one"}, []string{"s"}).floats("D", []int64{3, 2}).node("MatMul", "", []string{"s", "D"}, []string{"end"}), 1, false},
		"last state":               {lstm().joined("lstm.h", "j").dense("end", "j", 3, 2), 1, true},
		"last step":                {lstm().lastStep("lstm", -1).joined("step", "j").dense("end", "j", 3, 2), 1, true},
		"both last states":         {lstm(bidirectional).joined("lstm.h", "j").dense("end", "j", 6, 2), 1, true},
		"two layers":               {lstm().joined("lstm.h", "j").dense("a", "j", 3, 4).node("Relu", "", []string{"a"}, []string{"r"}).dense("end", "r", 4, 2), 2, true},
		"logits and softmax":       {lstm().joined("lstm.h", "j").dense("a", "j", 3, 4).output("a").node("Softmax", "", []string{"a"}, []string{"end"}), 1, true},
		"and the states":           {lstm().output("lstm.c", "lstm.h").joined("lstm.h", "j").dense("end", "j", 3, 2), 1, true},
		"bias of one number":       {lstm().joined("lstm.h", "j").floats("D", []int64{3, 2}).node("MatMul", "", []string{"j", "D"}, []string{"m"}).floats("d", nil).node("Add", "", []string{"m", "d"}, []string{"end"}), 1, true},
		"batch first, last states": {lstm(bidirectional, anInt("layout", 1)).node("Flatten", "", []string{"lstm.h"}, []string{"j"}).dense("end", "j", 6, 2), 1, true},
		"batch first, every step": {lstm(bidirectional, anInt("layout", 1)).ints("joined", 0, 0, 6).node("Reshape", "", []string{"lstm.y", "joined"}, []string{"j"}).
			floats("D", []int64{6, 2}).node("MatMul", "", []string{"j", "D"}, []string{"end"}), 1, false},
		"dropout and casting": {lstm().joined("lstm.h", "j").node("Dropout", "", []string{"j"}, []string{"k"}).node("Cast", "", []string{"k"}, []string{"l"}, anInt("to", onnxFloat16)).dense("end", "l", 3, 2), 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			network, err := c.graph.output("end").read(t, "")
			require.NoError(t, err)
			assert.Len(t, network.Head, c.layers)
			assert.Equal(t, c.last, network.LastStepOnly)
			assert.Empty(t, network.Unused)
			assert.Empty(t, network.Notes)
		})
	}
	scaled := lstm().joined("lstm.h", "j").dense("end", "j", 3, 2)
	plain, err := scaled.output("end").read(t, "")
	require.NoError(t, err)
	scaled.last().Attribute = append(scaled.last().Attribute, &onnxpb.AttributeProto{Name: "alpha", F: 2}, &onnxpb.AttributeProto{Name: "beta", F: -1})
	network, err := scaled.read(t, "")
	require.NoError(t, err)
	assert.Equal(t, "end", network.Head[0].Name)
	for i, w := range plain.Head[0].Weight {
		assert.Equal(t, 2*w, network.Head[0].Weight[i])
	}
	for i, b := range plain.Head[0].Bias {
		assert.Equal(t, -b, network.Head[0].Bias[i])
	}
}

// TestONNXSurroundings holds that what has no place in a network is refused by name, and left out where the RNN is named.
func TestONNXSurroundings(t *testing.T) {
	for name, c := range map[string]struct {
		graph  *onnxTest
		want   string
		layers int // when named
		head   int
	}{
		"scaled input": {newONNXTest().input("x", onnxFloat, 0, 0, onnxTestInput).floats("two", nil, 2).node("Mul", "scale", []string{"x", "two"}, []string{"s"}).
			recurrent("LSTM", "lstm", "s", onnxTestInput).joined("lstm.h", "j").dense("end", "j", 3, 2),
			`op LSTM (node "lstm") reads op Mul (node "scale"), which has no place in a network of recurrent and dense layers: export the recurrent layers without it, or take them alone (--rnn "lstm")`, 1, 1},
		"a dense layer before": {newONNXTest().input("x", onnxFloat, 0, 0, onnxTestInput).floats("D", []int64{2, 2}).node("MatMul", "project", []string{"x", "D"}, []string{"s"}).
			recurrent("LSTM", "lstm", "s", onnxTestInput).joined("lstm.h", "end"), `reads op MatMul (node "project"), which reads input "x"`, 1, 0},
		"half of the features": {newONNXTest().input("x", onnxFloat, 0, 0, 4).ints("from", 0).ints("to", 2).ints("axis", 2).
			node("Slice", "cut", []string{"x", "from", "to", "axis"}, []string{"s"}).recurrent("LSTM", "lstm", "s", 2).joined("lstm.h", "end"), `reads input "x" in`, 1, 0},
		"activation of the cell": {oneLSTM().node("Relu", "squash", []string{"lstm.h"}, []string{"r"}).joined("r", "j").dense("end", "j", 3, 2),
			`output "end" of the graph depends on op Relu (node "squash")`, 1, 0},
		"log of the classes": {oneLSTM().joined("lstm.h", "j").dense("a", "j", 3, 2).node("LogSoftmax", "log", []string{"a"}, []string{"end"}),
			`output "end" of the graph depends on op LogSoftmax (node "log")`, 1, 1},
		"two heads": {oneLSTM().joined("lstm.h", "j").dense("a", "j", 3, 2).output("a").dense("end", "j", 3, 2), "while a network has one head", 1, 1},
		"the backward cell's first step": {newONNXTest().input("x", onnxFloat, 0, 0, onnxTestInput).recurrent("LSTM", "lstm", "x", onnxTestInput, bidirectional).
			lastStep("lstm", -1).joined("step", "j").dense("end", "j", 6, 2), `reads the last timestep of the backward cell of op LSTM (node "lstm"), which is the first that it executes`, 1, 0},
		"the last timestep of padded sequences": {oneLSTM().with("lengths").input("lengths", onnxInt32, 0).lastStep("lstm", -1).joined("step", "j").dense("end", "j", 3, 2),
			"which lies behind the end of shorter sequences", 1, 0},
		"the third step":  {oneLSTM().lastStep("lstm", 1).joined("step", "j").dense("end", "j", 3, 2), "that are neither all nor the last executed ones", 1, 0},
		"one direction":   {newONNXTest().input("x", onnxFloat, 0, 0, onnxTestInput).recurrent("LSTM", "lstm", "x", onnxTestInput, bidirectional).ints("zero", 0).node("Gather", "", []string{"lstm.h", "zero"}, []string{"f"}).node("Squeeze", "", []string{"f", "zero"}, []string{"s"}).dense("end", "s", 3, 2), "which reads other cells than those of the last recurrent layer", 1, 0},
		"a normalization": {oneLSTM().node("LayerNormalization", "norm", []string{"lstm.h"}, []string{"n"}).joined("n", "j").dense("end", "j", 3, 2), `op LayerNormalization (node "norm")`, 1, 0},
		"an own domain": {oneLSTM().node("Gelu", "own", []string{"lstm.h"}, []string{"end"}).change(func(b *onnxTest) { b.last().Domain = "com.microsoft" }),
			`op com.microsoft.Gelu (node "own")`, 1, 0},
		"softmax over the batch": {oneLSTM().joined("lstm.h", "j").dense("a", "j", 3, 2).node("Softmax", "", []string{"a"}, []string{"end"}, anInt("axis", 0)), "sums over other axes", 1, 1},
		"an old softmax over timesteps": {oneLSTM().node("Squeeze", "", []string{"lstm.y"}, []string{"s"}, someInts("axes", 1)).floats("D", []int64{3, 2}).
			node("MatMul", "", []string{"s", "D"}, []string{"m"}).node("Softmax", "", []string{"m"}, []string{"end"}).
			change(func(b *onnxTest) { b.OpsetImport[0].Version = 11 }), "sums over other axes", 1, 1},
		"every step and the last one": {oneLSTM().node("Squeeze", "", []string{"lstm.y"}, []string{"s"}, someInts("axes", 1)).floats("D", []int64{3, 2}).
			node("MatMul", "", []string{"s", "D"}, []string{"m"}).output("m").ints("at", -1).node("Gather", "", []string{"m", "at"}, []string{"l"}).
			node("Relu", "", []string{"l"}, []string{"end"}), "while a network has one head", 1, 1},
		"negative features cut": {newONNXTest().input("x", onnxFloat, 0, 0, onnxTestInput).floats("zero", nil, 0).node("Less", "sign", []string{"x", "zero"}, []string{"n"}).
			node("Where", "cut", []string{"n", "zero", "x"}, []string{"p"}).recurrent("LSTM", "lstm", "p", onnxTestInput).joined("lstm.h", "end"), `op Where (node "cut")`, 1, 0},
		"floats for tokens": {newONNXTest().input("x", onnxFloat, 0, 0).floats("table", []int64{5, 2}).node("Gather", "look", []string{"table", "x"}, []string{"e"}).
			recurrent("LSTM", "lstm", "e", 2).joined("lstm.h", "end"), `op Gather (node "look")`, 1, 0},
		"two activations": {oneLSTM().joined("lstm.h", "j").dense("a", "j", 3, 2).node("Relu", "", []string{"a"}, []string{"r"}).node("Tanh", "", []string{"r"}, []string{"end"}), "it follows the activation relu", 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.graph.output("end").read(t, "")
			require.ErrorContains(t, err, c.want)
			network, err := c.graph.read(t, "lstm")
			require.NoError(t, err)
			assert.Len(t, network.Layers, c.layers)
			assert.Len(t, network.Head, c.head)
			require.NotEmpty(t, network.Notes)
			assert.Contains(t, network.Notes[0], "left out: ")
		})
	}
}

func TestONNXSeveralModules(t *testing.T) {
	graph := newONNXTest().input("x", onnxFloat, 0, 0, onnxTestInput).
		recurrent("LSTM", "/encoder/rnn/LSTM", "x", onnxTestInput).recurrent("GRU", "/decoder/rnn/GRU", "x", onnxTestInput).recurrent("GRU", "other", "x", onnxTestInput).
		output("/encoder/rnn/LSTM.y", "/decoder/rnn/GRU.y", "other.y")
	_, err := graph.read(t, "")
	require.ErrorContains(t, err, `several recurrent modules are in the graph: encoder.rnn (lstm, 3 units, node "/encoder/rnn/LSTM"), decoder.rnn (gru, 3 units, node "/decoder/rnn/GRU"), gru (gru, 3 units, node "other"): say which one is meant (--rnn NAME)`)
	for name, want := range map[string]string{"encoder.rnn": "encoder.rnn", "/decoder/rnn/GRU": "decoder.rnn", "other": "gru", "gru": "gru"} {
		network, err := graph.read(t, name)
		require.NoError(t, err)
		assert.Equal(t, want, network.Name)
		assert.Len(t, network.Unused, 6, "the weights of the other two")
	}
	_, err = graph.read(t, "middle")
	require.ErrorContains(t, err, `no recurrent module or node is named "middle"; there are encoder.rnn`)

	graph = newONNXTest().input("x", onnxFloat, 0, 0, onnxTestInput).recurrent("LSTM", "a", "x", onnxTestInput).recurrent("LSTM", "b", "x", onnxTestInput).output("a.y", "b.y")
	_, err = graph.read(t, "lstm")
	require.ErrorContains(t, err, `several recurrent modules are named "lstm": lstm (lstm, 3 units, node "a"), lstm (lstm, 3 units, node "b"): name one of their nodes`)

	_, err = oneLSTM().recurrent("LSTM", "decoder", "x", onnxTestInput).with("", "lstm.h").output("decoder.y").read(t, "decoder")
	require.ErrorContains(t, err, `op LSTM (node "decoder"): initial_h is made of the forward cell of op LSTM (node "lstm")`)
}

func TestONNXStacks(t *testing.T) {
	squeeze := func(b *onnxTest, from, to string) *onnxTest {
		return b.node("Squeeze", "", []string{from}, []string{to}, someInts("axes", 1))
	}
	stack := func(second string) *onnxTest {
		return squeeze(oneLSTM(), "lstm.y", "s").recurrent(second, "top", "s", onnxTestHidden).output("top.y")
	}
	network, err := stack("LSTM").read(t, "")
	require.NoError(t, err)
	assert.Len(t, network.Layers, 2)
	_, err = stack("GRU").read(t, "top")
	require.NoError(t, err)
	_, err = stack("GRU").read(t, "")
	require.ErrorContains(t, err, "several recurrent modules")

	// Layers with lengths of their own would read one another's padding.
	padded := squeeze(oneLSTM().with("lengths").input("lengths", onnxInt32, 0), "lstm.y", "s").recurrent("LSTM", "top", "s", onnxTestHidden).output("top.y")
	_, err = padded.read(t, "")
	require.ErrorContains(t, err, `op LSTM (node "top") has other sequence lengths than op LSTM (node "lstm")`)
	network, err = padded.with("lengths").read(t, "")
	require.NoError(t, err)
	assert.Len(t, network.Layers, 2)

	// A batch that is taken for timesteps by the second layer is no stack.
	turned := squeeze(oneLSTM(), "lstm.y", "s").node("Transpose", "turn", []string{"s"}, []string{"t"}, someInts("perm", 1, 0, 2)).recurrent("LSTM", "top", "t", onnxTestHidden).output("top.y")
	_, err = turned.read(t, "lstm")
	require.Error(t, err)
	_, err = turned.read(t, "")
	require.ErrorContains(t, err, "several recurrent modules")

	// Two operators in opposite directions are a layer only if they read the same.
	pair := func(second string) *onnxTest {
		return oneLSTM().input("z", onnxFloat, 0, 0, onnxTestInput).recurrent("LSTM", "back", second, onnxTestInput, aString("direction", "reverse")).
			node("Concat", "", []string{"lstm.y", "back.y"}, []string{"both"}, anInt("axis", 3)).ints("one", 1).node("Squeeze", "", []string{"both", "one"}, []string{"s"}).
			recurrent("LSTM", "top", "s", 2*onnxTestHidden).output("top.y")
	}
	network, err = pair("x").read(t, "")
	require.NoError(t, err)
	assert.Len(t, network.Layers, 2)
	assert.NotNil(t, network.Layers[0].Backward)
	network, err = pair("z").read(t, "top")
	require.NoError(t, err)
	assert.Len(t, network.Layers, 1)
	assert.Contains(t, network.Notes[0], `the forward cell of op LSTM (node "lstm") joined with the backward cell of op LSTM (node "back")`)
}
