package dump

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// columns gathers the frames of a cell until they make a record batch: one buffer a column, of room for all rows. A frame is
// appended by copying its slices; the buffers are handed to the library as they are.
type columns struct {
	nodes          []Node
	rows, room     int
	sequence, step []int32
	fixed          [][]int16   // a node; nil for a float node
	float          [][]float32 // a node; nil for an integer node
	saturations    []int32     // nil where the trace has none
}

func newColumns(nodes []Node, batchBytes int, saturations bool) *columns {
	row := 8
	for _, node := range nodes {
		row += node.Width * valueSize(node.Float)
		if saturations {
			row += 4
		}
	}
	room := max(1, batchBytes/row)
	c := &columns{
		nodes: nodes, room: room,
		sequence: make([]int32, room), step: make([]int32, room),
		fixed: make([][]int16, len(nodes)), float: make([][]float32, len(nodes)),
	}
	for i, node := range nodes {
		if node.Float {
			c.float[i] = make([]float32, room*node.Width)
		} else {
			c.fixed[i] = make([]int16, room*node.Width)
		}
	}
	if saturations {
		c.saturations = make([]int32, room*len(nodes))
	}
	return c
}

// valueSize is the number of bytes of a value of a node.
func valueSize(float bool) int {
	if float {
		return arrow.Float32SizeBytes
	}
	return arrow.Int16SizeBytes
}

// append takes a frame that fits the nodes, and reports whether the columns are full.
func (c *columns) append(f *Frame) (full bool) {
	row := c.rows
	c.sequence[row], c.step[row] = int32(f.Sequence), int32(f.Step)
	for i := range c.nodes {
		if values := c.fixed[i]; values != nil {
			copy(values[row*c.nodes[i].Width:], f.Fixed[i])
		} else {
			copy(c.float[i][row*c.nodes[i].Width:], f.Float[i])
		}
	}
	copy(c.saturations[row*min(1, len(c.saturations))*len(c.nodes):], f.Saturations)
	c.rows++
	return c.rows == c.room
}

// record gives the rows as a record batch over the buffers, valid until they are appended to again.
func (c *columns) record(schema *arrow.Schema) arrow.Record {
	fields := schema.Fields()
	values := []arrow.Array{
		array.MakeFromData(numbers(fields[0].Type, c.rows, arrow.Int32Traits.CastToBytes(c.sequence[:c.rows]))),
		array.MakeFromData(numbers(fields[1].Type, c.rows, arrow.Int32Traits.CastToBytes(c.step[:c.rows]))),
	}
	for i, node := range c.nodes {
		n := c.rows * node.Width
		var raw []byte
		if node.Float {
			raw = arrow.Float32Traits.CastToBytes(c.float[i][:n])
		} else {
			raw = arrow.Int16Traits.CastToBytes(c.fixed[i][:n])
		}
		values = append(values, lists(fields[2+i].Type, c.rows, raw))
	}
	if c.saturations != nil {
		raw := arrow.Int32Traits.CastToBytes(c.saturations[:c.rows*len(c.nodes)])
		values = append(values, lists(fields[len(fields)-1].Type, c.rows, raw))
	}
	return array.NewRecord(schema, values, int64(c.rows))
}

// numbers is an array without nulls over the bytes of its values.
func numbers(t arrow.DataType, n int, raw []byte) *array.Data {
	return array.NewData(t, n, []*memory.Buffer{nil, memory.NewBufferBytes(raw)}, nil, 0, 0)
}

// lists is an array of fixed-size lists without nulls over the bytes of their values.
func lists(t arrow.DataType, n int, raw []byte) arrow.Array {
	list := t.(*arrow.FixedSizeListType)
	values := numbers(list.Elem(), n*int(list.Len()), raw)
	return array.MakeFromData(array.NewData(t, n, []*memory.Buffer{nil}, []arrow.ArrayData{values}, 0, 0))
}
