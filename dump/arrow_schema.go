package dump

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"
)

// Names in the files of an Arrow trace.
const (
	arrowSuffix  = ".arrow"
	paramsFolder = "params" // holds the parameters, a file a cell, out of the way of a reader of *.arrow
	arrowVersion = "1"      // of the layout described here

	columnSequence    = "sequence"
	columnStep        = "step"
	columnSaturations = "saturations"
)

// Keys of a file's metadata. All other keys are the header's Meta.
const (
	keyVersion   = "format_version"
	keyGraph     = "graph"
	keyLayer     = "layer"
	keyDirection = "direction" // forward or backward
	keyCell      = "cell"      // the cell's place in execution order
)

var reservedKeys = []string{keyVersion, keyGraph, keyLayer, keyDirection, keyCell}

// Keys of a column's metadata.
const (
	keyBits     = "bit_width"
	keyPosition = "fix_position"
	keyOp       = "op_type"
	keyLabel    = "label"
	keyShape    = "shape" // of a parameter: dimensions with commas between
)

// arrowSchema is the schema of a cell's file.
func arrowSchema(h Header, index int, saturations bool) (*arrow.Schema, error) {
	cell := h.Cells[index]
	fields := []arrow.Field{
		{Name: columnSequence, Type: arrow.PrimitiveTypes.Int32},
		{Name: columnStep, Type: arrow.PrimitiveTypes.Int32},
	}
	for _, node := range cell.Nodes {
		if node.Name == columnSequence || node.Name == columnStep || node.Name == columnSaturations {
			return nil, fmt.Errorf("graph %q: node name %q is the name of another column", cell.Graph, node.Name)
		}
		fields = append(fields, arrow.Field{Name: node.Name, Type: listType(node.Width, node.Float), Metadata: metadata(map[string]string{
			keyBits: strconv.Itoa(node.Bits), keyPosition: strconv.Itoa(node.Position), keyOp: node.Op, keyLabel: node.Label,
		})})
	}
	if saturations {
		counts := arrow.FixedSizeListOf(int32(len(cell.Nodes)), arrow.PrimitiveTypes.Int32)
		fields = append(fields, arrow.Field{Name: columnSaturations, Type: counts})
	}
	about, err := cellMetadata(h, index)
	if err != nil {
		return nil, err
	}
	return arrow.NewSchema(fields, about), nil
}

// paramsSchema is the schema of the file of a cell's parameters: a column a parameter, and one row.
func paramsSchema(h Header, index int) (*arrow.Schema, error) {
	var fields []arrow.Field
	for _, p := range h.Cells[index].Params {
		fields = append(fields, arrow.Field{Name: p.Name, Type: listType(len(p.Values), false), Metadata: metadata(map[string]string{
			keyBits: strconv.Itoa(p.Bits), keyPosition: strconv.Itoa(p.Position), keyLabel: p.Label, keyShape: formatShape(p.Shape),
		})})
	}
	about, err := cellMetadata(h, index)
	if err != nil {
		return nil, err
	}
	return arrow.NewSchema(fields, about), nil
}

// listType is nullable inside, though no value is ever null: readers expect lists as the library makes them by default.
func listType(width int, float bool) arrow.DataType {
	if float {
		return arrow.FixedSizeListOf(int32(width), arrow.PrimitiveTypes.Float32)
	}
	return arrow.FixedSizeListOf(int32(width), arrow.PrimitiveTypes.Int16)
}

func cellMetadata(h Header, index int) (*arrow.Metadata, error) {
	cell := h.Cells[index]
	about := map[string]string{
		keyVersion:   arrowVersion,
		keyGraph:     cell.Graph,
		keyLayer:     strconv.Itoa(cell.Layer),
		keyDirection: direction(cell.Backward),
		keyCell:      strconv.Itoa(index),
	}
	for key, value := range h.Meta {
		if slices.Contains(reservedKeys, key) {
			return nil, fmt.Errorf("the trace's metadata have key %q, which is the format's own", key)
		}
		about[key] = value
	}
	m := metadata(about)
	return &m, nil
}

// metadata orders by key, so that the same trace gives the same bytes.
func metadata(pairs map[string]string) arrow.Metadata {
	var keys, values []string
	for key := range pairs {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		values = append(values, pairs[key])
	}
	return arrow.NewMetadata(keys, values)
}

func direction(backward bool) string {
	if backward {
		return "backward"
	}
	return "forward"
}
