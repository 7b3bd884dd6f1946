package model

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"rnnsim/model/internal/onnxpb"
)

// onnxGraph is a graph that is whole: each tensor has one origin, which comes before its users.
type onnxGraph struct {
	*onnxFile
	tensors map[string]*onnxpb.TensorProto
	decoded map[string]*onnxValue // initializers that were used
	weights int                   // the floats in them
	uses    map[string]int        // how many nodes and outputs read a tensor
	open    bool                  // an input has a dimension without a size

	folder string // where external data lie
	root   *os.Root
	files  map[string]*os.File
}

// minOnnxOpset is the version from which LSTM, GRU and their neighbours mean what they do today.
const minOnnxOpset = 7

func newOnnxGraph(file *onnxFile, folder string) (*onnxGraph, error) {
	g := &onnxGraph{
		onnxFile: file, folder: folder, tensors: map[string]*onnxpb.TensorProto{}, decoded: map[string]*onnxValue{}, uses: map[string]int{},
	}
	switch {
	case len(file.nodes) == 0:
		return nil, fmt.Errorf("the graph has no node: the file is damaged, or holds weights only")
	case file.opset == 0:
		return nil, fmt.Errorf("the file does not say which version of ONNX's operators it uses (opset_import)")
	case file.opset < minOnnxOpset:
		return nil, fmt.Errorf("it uses version %d of ONNX's operators; version %d or later is read: export it again", file.opset, minOnnxOpset)
	case file.sparse > 0:
		return nil, fmt.Errorf("it has sparse initializers, which are not read: save them dense")
	}
	origin := map[string]string{}
	for i, t := range file.initializers {
		if t.Name == "" {
			return nil, fmt.Errorf("initializer %d has no name", i)
		}
		if origin[t.Name] != "" {
			return nil, fmt.Errorf("two initializers are named %q", clipText(t.Name))
		}
		origin[t.Name], g.tensors[t.Name] = "an initializer", t
	}
	inputs := file.inputs[:0:0]
	for _, in := range file.inputs {
		// Files of IR version 3 list their initializers among the inputs.
		if g.tensors[in.Name] != nil {
			continue
		}
		if origin[in.Name] != "" {
			return nil, fmt.Errorf("two inputs are named %q", clipText(in.Name))
		}
		origin[in.Name] = "an input of the graph"
		inputs = append(inputs, in)
	}
	g.inputs = inputs
	return g, g.order(origin)
}

// order checks that each tensor has one origin, and that nodes read only what nodes before them have computed.
func (g *onnxGraph) order(origin map[string]string) error {
	producer := map[string]int{}
	for i, n := range g.nodes {
		for _, name := range n.Output {
			if name == "" {
				continue
			}
			if origin[name] != "" {
				return fmt.Errorf("%s yields %q, which is %s as well", onnxNodeName(n), clipText(name), origin[name])
			}
			if other, twice := producer[name]; twice {
				return fmt.Errorf("%s and %s both yield %q", onnxNodeName(g.nodes[other]), onnxNodeName(n), clipText(name))
			}
			producer[name] = i
		}
	}
	for i, n := range g.nodes {
		for _, name := range n.Input {
			if name == "" {
				continue
			}
			g.uses[name]++
			if origin[name] != "" {
				continue
			}
			by, ok := producer[name]
			if !ok {
				return fmt.Errorf("%s reads %q, which nothing in the graph yields: the graph is cut out of another, or damaged", onnxNodeName(n), clipText(name))
			}
			if by >= i {
				return fmt.Errorf("%s reads %q of %s, which comes after it: the graph has a cycle or is not sorted: check it with onnx.checker", onnxNodeName(n), clipText(name), onnxNodeName(g.nodes[by]))
			}
		}
	}
	for _, out := range g.outputs {
		if _, ok := producer[out.Name]; !ok && origin[out.Name] == "" {
			return fmt.Errorf("the graph's output %q is yielded by nothing in it", clipText(out.Name))
		}
		g.uses[out.Name]++
	}
	return nil
}

// onnxNodeName shows a node in messages: `op LSTM (node "/lstm/LSTM")`. A node without a name is told by its first output.
func onnxNodeName(n *onnxpb.NodeProto) string {
	op := n.OpType
	if n.Domain != "" && n.Domain != "ai.onnx" {
		op = n.Domain + "." + op
	}
	switch {
	case n.Name != "":
		return fmt.Sprintf("op %s (node %q)", clipText(op), clipText(n.Name))
	case len(n.Output) > 0:
		return fmt.Sprintf("op %s (the node that yields %q)", clipText(op), clipText(n.Output[0]))
	}
	return fmt.Sprintf("op %s (a node without name and output)", clipText(op))
}

// initializer decodes an initializer, once.
func (g *onnxGraph) initializer(name string) (*onnxValue, error) {
	if v := g.decoded[name]; v != nil {
		return v, nil
	}
	v, err := g.constant(g.tensors[name])
	if err != nil {
		return nil, fmt.Errorf("initializer %q: %w", clipText(name), err)
	}
	v.from = []string{name}
	g.tensors[name].RawData = nil
	g.decoded[name] = v
	g.weights += len(v.floats)
	return v, nil
}

// unused names the matrices and vectors of floats that are not among those used.
func (g *onnxGraph) unused(used map[string]bool) []string {
	var names []string
	for name, t := range g.tensors {
		if !used[name] && onnxIsFloat(t.DataType) && len(t.Dims) > 0 {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, strings.Compare)
	return names
}
