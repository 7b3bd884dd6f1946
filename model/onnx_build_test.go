package model

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"rnnsim/model/internal/onnxpb"
)

// Sizes of the graphs that tests build.
const (
	onnxTestInput  = 2
	onnxTestHidden = 3
)

// onnxTest builds a graph node by node.
type onnxTest struct {
	*onnxpb.ModelProto
	seed float32
}

func newONNXTest() *onnxTest {
	b := &onnxTest{ModelProto: &onnxpb.ModelProto{
		IrVersion: 8, OpsetImport: []*onnxpb.OperatorSetIdProto{{Version: 14}}, Graph: &onnxpb.GraphProto{},
	}}
	return b
}

// input adds an input; a dimension of 0 is open, as every one in a test of timesteps or batch is.
func (b *onnxTest) input(name string, elem int32, dims ...int64) *onnxTest {
	shape := &onnxpb.TensorShapeProto{}
	for i, d := range dims {
		dim := &onnxpb.TensorShapeProto_Dimension{DimValue: d}
		if d == 0 {
			dim.DimParam = fmt.Sprintf("open%d", i)
		}
		shape.Dim = append(shape.Dim, dim)
	}
	b.Graph.Input = append(b.Graph.Input, &onnxpb.ValueInfoProto{
		Name: name, Type: &onnxpb.TypeProto{TensorType: &onnxpb.TypeProto_TensorType{ElemType: elem, Shape: shape}},
	})
	return b
}

func (b *onnxTest) output(names ...string) *onnxTest {
	for _, name := range names {
		b.Graph.Output = append(b.Graph.Output, &onnxpb.ValueInfoProto{Name: name})
	}
	return b
}

// floats adds a tensor of floats that are all different, or, with a value, all the same.
func (b *onnxTest) floats(name string, dims []int64, value ...float32) *onnxTest {
	n := int64(1)
	for _, d := range dims {
		n *= d
	}
	t := &onnxpb.TensorProto{Name: name, DataType: onnxFloat, Dims: dims}
	for range n {
		b.seed += 0.125
		x := b.seed
		if len(value) > 0 {
			x = value[0]
		}
		t.RawData = binary.LittleEndian.AppendUint32(t.RawData, math.Float32bits(x))
	}
	b.Graph.Initializer = append(b.Graph.Initializer, t)
	return b
}

func (b *onnxTest) ints(name string, values ...int64) *onnxTest {
	b.Graph.Initializer = append(b.Graph.Initializer, &onnxpb.TensorProto{
		Name: name, DataType: onnxInt64, Dims: []int64{int64(len(values))}, Int64Data: values,
	})
	return b
}

// tensor gives an initializer, to be changed.
func (b *onnxTest) tensor(name string) *onnxpb.TensorProto {
	for _, t := range b.Graph.Initializer {
		if t.Name == name {
			return t
		}
	}
	return nil
}

func (b *onnxTest) node(op, name string, inputs, outputs []string, attributes ...*onnxpb.AttributeProto) *onnxTest {
	b.Graph.Node = append(b.Graph.Node, &onnxpb.NodeProto{OpType: op, Name: name, Input: inputs, Output: outputs, Attribute: attributes})
	return b
}

// last gives the node that was added last, to be changed.
func (b *onnxTest) last() *onnxpb.NodeProto { return b.Graph.Node[len(b.Graph.Node)-1] }

// recurrent adds an operator with weights of its own, named after it: x → y, y_h, y_c.
func (b *onnxTest) recurrent(op, name, x string, features int64, attributes ...*onnxpb.AttributeProto) *onnxTest {
	gates, directions := int64(4), int64(1)
	outputs := []string{name + ".y", name + ".h"}
	if op == "GRU" {
		gates = 3
		attributes = append(attributes, anInt("linear_before_reset", 1))
	} else {
		outputs = append(outputs, name+".c")
	}
	for _, a := range attributes {
		if a.Name == "direction" && string(a.S) == "bidirectional" {
			directions = 2
		}
	}
	b.floats(name+".W", []int64{directions, gates * onnxTestHidden, features})
	b.floats(name+".R", []int64{directions, gates * onnxTestHidden, onnxTestHidden})
	b.floats(name+".B", []int64{directions, 2 * gates * onnxTestHidden})
	return b.node(op, name, []string{x, name + ".W", name + ".R", name + ".B"}, outputs, attributes...)
}

// dense adds a Gemm with weights of its own: x → name.
func (b *onnxTest) dense(name, x string, inputs, outputs int64) *onnxTest {
	b.floats(name+".weight", []int64{outputs, inputs}).floats(name+".bias", []int64{outputs})
	return b.node("Gemm", "/"+name+"/Gemm", []string{x, name + ".weight", name + ".bias"}, []string{name}, anInt("transB", 1))
}

func anInt(name string, i int64) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: name, I: i}
}

func someInts(name string, list ...int64) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: name, Ints: list}
}

func aString(name, s string) *onnxpb.AttributeProto {
	return &onnxpb.AttributeProto{Name: name, S: []byte(s)}
}

func (b *onnxTest) bytes(t testing.TB) []byte {
	t.Helper()
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(b.ModelProto)
	require.NoError(t, err)
	return data
}

func (b *onnxTest) read(t testing.TB, rnn string) (*Network, error) {
	t.Helper()
	return readBytes(t, b.bytes(t), ReadOptions{RNN: rnn})
}

// oneLSTM is a graph of a single operator, x → lstm.y, lstm.h, lstm.c.
func oneLSTM() *onnxTest {
	return newONNXTest().input("x", onnxFloat, 0, 0, onnxTestInput).recurrent("LSTM", "lstm", "x", onnxTestInput)
}

func oneGRU() *onnxTest {
	return newONNXTest().input("x", onnxFloat, 0, 0, onnxTestInput).recurrent("GRU", "gru", "x", onnxTestInput)
}
