package quant

import (
	"fmt"
	"strings"

	"rnnsim/model"
	"rnnsim/xmodel"
)

// placedCell is a cell of a network with its place in it and the name of its graph.
type placedCell struct {
	*model.Cell
	graph    string
	layer    int
	backward bool
}

// placedCells gives the cells of a network in execution order: layer 0 forward, layer 0 backward, layer 1 forward, …
func placedCells(net *model.Network) []placedCell {
	var cells []placedCell
	for i, layer := range net.Layers {
		if layer.Forward != nil {
			cells = append(cells, placedCell{layer.Forward, GraphName(net, i, false), i, false})
		}
		if layer.Backward != nil {
			cells = append(cells, placedCell{layer.Backward, GraphName(net, i, true), i, true})
		}
	}
	return cells
}

// GraphName is the name of a cell's graph, "<Scope>_StandardLstmCell_layer_<l>_<forward|backward>". Scope is the module path
// of the network split at "." and "_", each word capitalised ("encoder.rnn" gives "EncoderRnn").
func GraphName(net *model.Network, layer int, backward bool) string {
	name, cell, direction := net.Name, "StandardLstmCell", "forward"
	if name == "" {
		name = net.Kind.String()
	}
	if net.Kind == model.GRU {
		cell = "StandardGruCell"
	}
	if backward {
		direction = "backward"
	}
	return fmt.Sprintf("%s_%s_layer_%d_%s", scope(name), cell, layer, direction)
}

func scope(path string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '_' }) {
		runes := []rune(word)
		b.WriteString(strings.ToUpper(string(runes[:1])))
		b.WriteString(strings.ToLower(string(runes[1:])))
	}
	return b.String()
}

// paramKey is the key of a parameter in quant_info.json. The original gives GRU parameters no graph prefix, so that all GRU
// cells of a network share one entry a parameter; VAI20 keeps that, Sane gives every cell its own.
func paramKey(kind model.Kind, compat xmodel.Compat, graph, param string) string {
	if kind == model.GRU && compat == xmodel.VAI20 {
		return param
	}
	return nodeKey(graph, param)
}

// nodeKey is the key of a node in quant_info.json.
func nodeKey(graph, node string) string { return graph + "::" + node }
