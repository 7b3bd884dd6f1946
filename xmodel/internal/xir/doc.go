// Package xir is the container of .xmodel files, generated from xir.proto. It is a leaf, and holds no code of its own.
package xir

//go:generate protoc --go_out=. --go_opt=paths=source_relative xir.proto
