package dump

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"rnnsim/internal/npy"
)

// Names of arrays in an .npz trace that belong to no node.
const (
	npzHeader  = "rnnsim_header"
	npzLengths = "lengths"
)

// npzDescription is what an .npz trace says about itself, as JSON, so that it can be read without its model.
type npzDescription struct {
	Version int               `json:"format_version"`
	Meta    map[string]string `json:"meta"`
	Cells   []npzCell         `json:"cells"`
}

type npzCell struct {
	Graph     string     `json:"graph"`
	Layer     int        `json:"layer"`
	Direction string     `json:"direction"`
	FirstStep int        `json:"first_step"`
	Nodes     []npzArray `json:"nodes"`
	Params    []npzArray `json:"params,omitempty"`
}

type npzArray struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Op       string `json:"op_type,omitempty"`
	Bits     int    `json:"bit_width"`
	Position int    `json:"fix_position"`
	Float    bool   `json:"float,omitempty"`
}

const npzVersion = 1

// nodeKey is the name of a node's array: that of its file in a deploy_check folder.
func nodeKey(graph string, node Node) string {
	key := graph + "__" + node.Name
	if node.Float || isPreFix(node.Name) {
		return key
	}
	return key + "_fix"
}

func paramKey(graph string, p Param) string { return graph + "__" + p.Name + "_fix" }

func saturationsKey(graph string) string { return graph + "__" + columnSaturations }

func describeNpz(h Header, firstSteps []int) ([]byte, error) {
	d := npzDescription{Version: npzVersion, Meta: h.Meta}
	for i, cell := range h.Cells {
		c := npzCell{Graph: cell.Graph, Layer: cell.Layer, Direction: direction(cell.Backward), FirstStep: firstSteps[i]}
		for _, n := range cell.Nodes {
			c.Nodes = append(c.Nodes, npzArray{n.Name, n.Label, n.Op, n.Bits, n.Position, n.Float})
		}
		for _, p := range cell.Params {
			c.Params = append(c.Params, npzArray{Name: p.Name, Label: p.Label, Bits: p.Bits, Position: p.Position})
		}
		d.Cells = append(d.Cells, c)
	}
	return json.Marshal(d) // maps are written in the order of their keys
}

// readDescription gives the header of an .npz trace, without the widths of the nodes and the values of the parameters.
func readDescription(z *npy.Zip) (h Header, firstSteps []int, err error) {
	a, err := z.Array(npzHeader)
	if err != nil {
		return Header{}, nil, err
	}
	text, ok := a.Data.([]uint8)
	if !ok {
		return Header{}, nil, fmt.Errorf("array %q is no uint8", npzHeader)
	}
	var d npzDescription
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return Header{}, nil, fmt.Errorf("array %q: %w", npzHeader, err)
	}
	if _, err := decoder.Token(); err != io.EOF || d.Version != npzVersion {
		return Header{}, nil, fmt.Errorf("array %q is no description of version %d", npzHeader, npzVersion)
	}
	h.Meta = d.Meta
	for _, c := range d.Cells {
		cell := Cell{Graph: c.Graph, Layer: c.Layer, Backward: c.Direction == direction(true)}
		for _, n := range c.Nodes {
			cell.Nodes = append(cell.Nodes, Node{Name: n.Name, Label: n.Label, Op: n.Op, Bits: n.Bits, Position: n.Position, Float: n.Float})
		}
		for _, p := range c.Params {
			cell.Params = append(cell.Params, Param{Name: p.Name, Label: p.Label, Bits: p.Bits, Position: p.Position})
		}
		h.Cells, firstSteps = append(h.Cells, cell), append(firstSteps, c.FirstStep)
	}
	return h, firstSteps, nil
}
