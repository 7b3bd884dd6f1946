package xmodel

import (
	"errors"
	"fmt"
)

// FileKind is what an .xmodel file holds.
type FileKind int

// The kinds of .xmodel file.
const (
	// CellGraph is a quantized cell: one timestep, of ops that can be run.
	CellGraph FileKind = iota
	// CompiledRNN is what the compiler made of a quantized network: instructions and a weight blob.
	CompiledRNN
	// OtherGraph is any other XIR graph, a CNN for example.
	OtherGraph
)

// String describes the kind for a person.
func (k FileKind) String() string {
	switch k {
	case CellGraph:
		return "quantized cell"
	case CompiledRNN:
		return "compiled RNN model"
	}
	return "graph of another network"
}

// Sniff tells what the bytes of an .xmodel file hold. An error says that they are no sound .xmodel at all.
func Sniff(data []byte) (FileKind, error) {
	g, err := Parse(data)
	if err != nil {
		return OtherGraph, err
	}
	return g.FileKind(), nil
}

// FileKind tells what the graph is. A graph all of whose ops can be run is taken for a cell: customized cells have no mark.
func (g *Graph) FileKind() FileKind {
	if g.Root != nil {
		_, weights := g.Root.Attrs["weights"]
		_, end := g.Root.Attrs["end_bin_instr"]
		if weights || end {
			return CompiledRNN
		}
	}
	if g.firstForeign() != nil {
		return OtherGraph
	}
	return CellGraph
}

// firstForeign is the first op of a type that no cell has, or nil.
func (g *Graph) firstForeign() *Op {
	for _, op := range g.Ops {
		if !Runnable(op.Type) {
			return op
		}
	}
	return nil
}

// requireCell refuses what cannot be run as a cell, and says what it is.
func requireCell(g *Graph) error {
	switch g.FileKind() {
	case CompiledRNN:
		return errors.New("this is a compiled RNN model, not a quantized cell: run executes it and verify proves it, each as the only model; inspect explains it, and inspect --lift recovers its cells")
	case OtherGraph:
		op := g.firstForeign()
		return fmt.Errorf("graph %q is not an RNN cell: op %q has type %s, which cannot be run: inspect shows the graph", g.Name, op.Name, op.Type)
	}
	return nil
}
