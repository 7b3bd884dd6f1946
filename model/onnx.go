package model

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// onnxFormat is ONNX: a graph of operators with its weights, a protobuf message without a magic number.
//
// The graph is not matched against the forms in which this or that exporter writes a network. It is run, on numbers that say of each
// element where it comes from (onnx_value.go), so that every way of transposing, cutting and joining is understood that comes to
// the same: which features a recurrent cell reads at which timestep, and which of its outputs a dense layer reads.
var onnxFormat = format{name: "ONNX", sniff: sniffONNX, read: readONNX}

// Fields of ModelProto, by their number, and the wire types that they have.
const (
	onnxModelGraph = 7
	onnxModelOpset = 8
)

var onnxModelFields = map[protowire.Number]protowire.Type{
	1: protowire.VarintType, 2: protowire.BytesType, 3: protowire.BytesType, 4: protowire.BytesType, 5: protowire.VarintType,
	6: protowire.BytesType, onnxModelGraph: protowire.BytesType, onnxModelOpset: protowire.BytesType,
	14: protowire.BytesType, 20: protowire.BytesType, 25: protowire.BytesType, 26: protowire.BytesType,
}

// sniffONNX walks the fields of the outermost message: all are ModelProto's, up to its graph, and the IR version is a small number.
func sniffONNX(src *source) bool {
	const most = 1000
	buffer := make([]byte, 2*10)
	at := int64(0)
	for range most {
		n, _ := src.file.ReadAt(buffer, at)
		if n == 0 {
			return false
		}
		number, wire, tag := protowire.ConsumeTag(buffer[:n])
		want, known := onnxModelFields[number]
		if tag < 0 || !known || wire != want {
			return false
		}
		value, length := protowire.ConsumeVarint(buffer[tag:n])
		if length < 0 {
			return false
		}
		at += int64(tag + length)
		switch {
		case number == onnxModelGraph:
			return true
		case number == 1 && (value == 0 || value > 1000):
			return false
		case wire == protowire.BytesType:
			if value > uint64(src.size-at) {
				return false
			}
			at += int64(value)
		}
	}
	return false
}

// readONNX reads the network of a graph. Dimensions that the graph leaves open are given sizes, and two choices of sizes must
// lead to the same network: a graph that takes the third step is not taken for one that takes the last of three.
func readONNX(src *source, opts ReadOptions) (*Network, error) {
	file, err := decodeONNX(src.file, src.size)
	if err != nil {
		return nil, err
	}
	graph, err := newOnnxGraph(file, filepath.Dir(src.path))
	if err != nil {
		return nil, err
	}
	defer graph.close()
	network, err := graph.network(opts, 0)
	if err != nil || !graph.open {
		return network, err
	}
	other, err := graph.network(opts, 1)
	if err != nil {
		return nil, err
	}
	if opts.RNN != "" && len(network.Head) > len(other.Head) {
		// Of a part that was asked for, the head is what does not depend on these sizes.
		network, other = other, network
	}
	same := *other
	if opts.RNN != "" {
		same.Head, same.LastStepOnly, same.Unused, same.Notes = network.Head, network.LastStepOnly, network.Unused, network.Notes
	}
	if !reflect.DeepEqual(network, &same) {
		return nil, errors.New("what the graph computes depends on the number of timesteps or on the batch: export it with these sizes fixed")
	}
	return network, nil
}

func (g *onnxGraph) network(opts ReadOptions, choice int) (*Network, error) {
	run := newOnnxRun(g, choice)
	if err := run.all(); err != nil {
		return nil, err
	}
	chains, err := run.chains()
	if err != nil {
		return nil, err
	}
	chain, err := chooseOnnxChain(chains, opts.RNN)
	if err != nil {
		return nil, err
	}
	return chain.network(run, opts.RNN != "")
}

// onnxModuleName makes the module path of a node's name: PyTorch names a node "/encoder/rnn/LSTM" or "/encoder/rnn/LSTM_1".
// Names that hold no path ("LSTM_12", "LSTM__51") give "".
func onnxModuleName(node string) string {
	parts := strings.FieldsFunc(node, func(r rune) bool { return r == '/' })
	if len(parts) < 2 {
		return ""
	}
	parts = parts[:len(parts)-1]
	for i, part := range parts {
		parts[i] = strings.Map(func(r rune) rune {
			if r == '.' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
				return r
			}
			return '_'
		}, part)
	}
	name := strings.Join(parts, ".")
	if strings.Trim(name, "._") == "" {
		return ""
	}
	return name
}

// chooseOnnxChain gives the chain of that name, or the only one.
func chooseOnnxChain(chains []*onnxChain, name string) (*onnxChain, error) {
	if name == "" {
		if len(chains) > 1 {
			return nil, fmt.Errorf("several recurrent modules are in the graph: %s: say which one is meant (--rnn NAME)", listOnnxChains(chains))
		}
		return chains[0], nil
	}
	wanted := slices.DeleteFunc(slices.Clone(chains), func(c *onnxChain) bool { return !c.named(name) })
	switch len(wanted) {
	case 0:
		return nil, fmt.Errorf("no recurrent module or node is named %q; there are %s", name, listOnnxChains(chains))
	case 1:
		return wanted[0], nil
	}
	return nil, fmt.Errorf("several recurrent modules are named %q: %s: name one of their nodes (--rnn NODE)", name, listOnnxChains(wanted))
}

func listOnnxChains(chains []*onnxChain) string {
	const most = 16
	var out []string
	for _, c := range chains[:min(most, len(chains))] {
		out = append(out, c.String())
	}
	if more := len(chains) - most; more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, ", ")
}
