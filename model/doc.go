// Package model holds a float recurrent network in memory, and a reader for each file format that such networks come in.
//
// Readers convert to one canonical form: PyTorch's gate order (i, f, g, o for an LSTM; r, z, n for a GRU), row-major weights
// of shape [gates × hidden, input]. Nothing downstream knows where a network came from.
//
// [Read] tells formats by content. A format is a file here: how it is recognized, and how it is read into a [Network]; those that
// have PyTorch's names hand their tensors to assemble, which finds the recurrent module (rnn.go) and what lies before and
// behind it (rest.go). Keras's files say what their layers are, and keras_build.go has the rule by which those become a network.
// A graph of ONNX is run on the origins of its data instead of numbers (onnx.go), which shows what its cells and dense layers read.
// Tensors are described first and read when used, so that a checkpoint's optimizer costs nothing.
//
// It imports nothing of the project but internal leaves.
package model
