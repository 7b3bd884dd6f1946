// Package onnxpb is the part of ONNX's file format that the ONNX reader needs, generated from onnx.proto. It is a leaf, and holds
// no code of its own.
package onnxpb

//go:generate protoc --go_out=. --go_opt=paths=source_relative onnx.proto
