package model

import "testing"

func FuzzReadONNX(f *testing.F) {
	fuzzRead(f, "onnx/hand-lstm-lengths.onnx", "onnx/hand-gru-two-operators.onnx", "onnx/hand-lstm-layout.onnx", "onnx/hand-external.onnx",
		"onnx/hand-float16.onnx", "onnx/torch-classifier-lstm-9.onnx", "onnx/torch-gru-1-bi-bias-steps.onnx", "onnx/torch-tagger.onnx",
		"onnx/torch-late-step.onnx", "onnx/torch-stateful.onnx", "onnx/keras-lstm.onnx", "onnx/keras-bidirectional-gru.onnx")
}
