package main

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"rnnsim/bench"
	"rnnsim/internal/fixed"
)

// message is an ONNX protobuf message that is being written. Field numbers are those of onnx.proto, IR version 7.
type message []byte

func (m message) bytes(field protowire.Number, b []byte) message {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), b)
}

func (m message) text(field protowire.Number, texts ...string) message {
	for _, t := range texts {
		m = m.bytes(field, []byte(t))
	}
	return m
}

func (m message) number(field protowire.Number, numbers ...int) message {
	for _, n := range numbers {
		m = protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), uint64(n))
	}
	return m
}

// Element types of ONNX tensors.
const (
	onnxFloat = 1
	onnxInt8  = 3
)

func initializer(name string, elementType int, raw []byte, dims ...int) []byte {
	return message(nil).number(1, dims...).number(2, elementType).text(8, name).bytes(9, raw)
}

// valueInfo describes a float tensor that enters or leaves the graph.
func valueInfo(name string, dims ...int) []byte {
	var shape message
	for _, d := range dims {
		shape = shape.bytes(1, message(nil).number(1, d))
	}
	tensor := message(nil).number(1, onnxFloat).bytes(2, shape)
	return message(nil).text(1, name).bytes(2, message(nil).bytes(1, tensor))
}

func integerAttribute(name string, v int) []byte {
	return message(nil).text(1, name).number(3, v).number(20, 2)
}

func integersAttribute(name string, v ...int) []byte {
	return message(nil).text(1, name).number(8, v...).number(20, 7)
}

// writeONNX gives a model of LSTM layers: with float weights in the standard operator, or with 8-bit weights in ONNX Runtime's
// own, which quantizes its inputs anew at each step. Both read x and yield y as [timesteps, sequences, values].
func writeONNX(s bench.Shape, layers []bench.Layer, int8Weights bool) []byte {
	var graph message
	from := "x"
	for i, l := range layers {
		suffix := strconv.Itoa(i)
		inputs := []string{from, "w" + suffix, "r" + suffix, "b" + suffix}
		op, domain := "LSTM", ""
		bias := append(gateOrder(l.Bias), make([]int16, 4*l.Hidden)...)
		graph = graph.bytes(5, initializer("b"+suffix, onnxFloat, floats(bias, bench.Position), 1, 8*l.Hidden))
		if int8Weights {
			op, domain = "DynamicQuantizeLSTM", "com.microsoft"
			x, h, position := l.EightBits()
			graph = graph.bytes(5, initializer("w"+suffix, onnxInt8, transposedBytes(gateOrder(x), l.Inputs), 1, l.Inputs, 4*l.Hidden))
			graph = graph.bytes(5, initializer("r"+suffix, onnxInt8, transposedBytes(gateOrder(h), l.Hidden), 1, l.Hidden, 4*l.Hidden))
			graph = graph.bytes(5, initializer("scale"+suffix, onnxFloat, floats([]int16{1}, position), 1))
			graph = graph.bytes(5, initializer("zero"+suffix, onnxInt8, []byte{0}, 1))
			inputs = append(inputs, "", "", "", "", "scale"+suffix, "zero"+suffix, "scale"+suffix, "zero"+suffix)
		} else {
			graph = graph.bytes(5, initializer("w"+suffix, onnxFloat, floats(gateOrder(l.X), bench.Position), 1, 4*l.Hidden, l.Inputs))
			graph = graph.bytes(5, initializer("r"+suffix, onnxFloat, floats(gateOrder(l.H), bench.Position), 1, 4*l.Hidden, l.Hidden))
		}
		to := "h" + suffix
		if i == len(layers)-1 {
			to = "y"
		}
		lstm := message(nil).text(1, inputs...).text(2, "directions"+suffix).text(3, "lstm"+suffix).text(4, op)
		graph = graph.bytes(1, lstm.bytes(5, integerAttribute("hidden_size", l.Hidden)).text(7, domain))
		squeeze := message(nil).text(1, "directions"+suffix).text(2, to).text(3, "squeeze"+suffix).text(4, "Squeeze")
		graph = graph.bytes(1, squeeze.bytes(5, integersAttribute("axes", 1)))
		from = to
	}
	graph = graph.text(2, "lstm").bytes(11, valueInfo("x", s.Steps, s.Batch, s.Inputs))
	graph = graph.bytes(12, valueInfo("y", s.Steps, s.Batch, s.Hidden[len(s.Hidden)-1]))
	model := message(nil).number(1, 7).text(2, "rnnsim").bytes(7, graph)
	return model.bytes(8, message(nil).text(1, "").number(2, 12)).bytes(8, message(nil).text(1, "com.microsoft").number(2, 1))
}

// gateOrder brings rows from PyTorch's order of gates (i, f, g, o) to ONNX's (i, o, f, g).
func gateOrder(rows []int16) []int16 {
	quarter := len(rows) / 4
	return slices.Concat(rows[:quarter], rows[3*quarter:], rows[quarter:2*quarter], rows[2*quarter:3*quarter])
}

func transposedBytes(rows []int16, columns int) []byte {
	count := len(rows) / columns
	out := make([]byte, len(rows))
	for k, v := range rows {
		out[k%columns*count+k/columns] = byte(int8(v))
	}
	return out
}

// floats gives integers at a position as little-endian float32.
func floats(values []int16, position int) []byte {
	out := make([]byte, 0, 4*len(values))
	for _, v := range values {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(fixed.Real(int64(v), position))))
	}
	return out
}
