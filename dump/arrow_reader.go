package dump

import (
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"

	"rnnsim/dump/internal/ipc"
)

// windowBytes is about how much of a cell is held.
const windowBytes = 1 << 20

// arrowReader reads the file of one cell, a window of rows at a time.
type arrowReader struct {
	path        string
	file        *ipc.File
	cell        Cell
	place       int // the cell's place in execution order, as the file says
	index       int // in the header
	nodes       []int
	all         []int // every column
	sequences   int   // indices of columns; -1 where there is none
	steps       int
	saturations int
	order       Order

	next   int // the batch after the present one
	batch  *ipc.Batch
	first  int64 // row of the batch at which the next window begins
	left   int64 // how many rows windows may have from there on
	row    int   // of the window
	rows   int
	values [][]byte // the window, a column
	room   [][]byte // memory for it
}

// newArrowReader reads the description of a cell from the schema.
func newArrowReader(path string, file *ipc.File) (*arrowReader, map[string]string, error) {
	r := &arrowReader{path: path, file: file, sequences: -1, steps: -1, saturations: -1, left: math.MaxInt64}
	meta, err := r.readMetadata(file.Schema.Metadata)
	if err != nil {
		return nil, nil, err
	}
	for i, column := range file.Schema.Columns {
		r.all = append(r.all, i)
		switch column.Name {
		case columnSequence:
			r.sequences = i
		case columnStep:
			r.steps = i
		case columnSaturations:
			r.saturations = i
		default:
			node, err := readNode(column)
			if err != nil {
				return nil, nil, fmt.Errorf("column %q: %w", column.Name, err)
			}
			r.cell.Nodes, r.nodes = append(r.cell.Nodes, node), append(r.nodes, i)
		}
	}
	for name, i := range map[string]int{columnSequence: r.sequences, columnStep: r.steps} {
		if i < 0 {
			return nil, nil, fmt.Errorf("it has no column %q: it is no trace", name)
		}
		if c := file.Schema.Columns[i]; c.List > 0 || c.Kind != ipc.Int32 && c.Kind != ipc.Int64 {
			return nil, nil, fmt.Errorf("column %q is no int32 or int64", name)
		}
	}
	if i := r.saturations; i >= 0 {
		if c := file.Schema.Columns[i]; c.Kind != ipc.Int32 || c.List != len(r.nodes) {
			return nil, nil, fmt.Errorf("column %q is no list of %d int32, one a node", columnSaturations, len(r.nodes))
		}
	}
	if err := checkHeader(Header{Cells: []Cell{r.cell}}); err != nil {
		return nil, nil, err
	}
	r.values, r.room = make([][]byte, len(file.Schema.Columns)), make([][]byte, len(file.Schema.Columns))
	return r, meta, nil
}

func (r *arrowReader) readMetadata(metadata map[string]string) (meta map[string]string, err error) {
	if version := metadata[keyVersion]; version != arrowVersion {
		return nil, fmt.Errorf("its metadata have %s %q, not %q: it is no trace, or one of another version", keyVersion, version, arrowVersion)
	}
	r.cell.Graph = metadata[keyGraph]
	if r.cell.Layer, err = strconv.Atoi(metadata[keyLayer]); err != nil || r.cell.Layer < 0 {
		return nil, fmt.Errorf("its metadata have %s %q, no number", keyLayer, metadata[keyLayer])
	}
	if r.place, err = strconv.Atoi(metadata[keyCell]); err != nil {
		return nil, fmt.Errorf("its metadata have %s %q, no number", keyCell, metadata[keyCell])
	}
	switch metadata[keyDirection] {
	case direction(false):
	case direction(true):
		r.cell.Backward = true
	default:
		return nil, fmt.Errorf("its metadata have %s %q, neither forward nor backward", keyDirection, metadata[keyDirection])
	}
	meta = map[string]string{}
	for key, value := range metadata {
		meta[key] = value
	}
	for _, key := range reservedKeys {
		delete(meta, key)
	}
	return meta, nil
}

func readNode(column ipc.Column) (Node, error) {
	if column.List < 1 || column.Kind != ipc.Int16 && column.Kind != ipc.Float32 {
		return Node{}, fmt.Errorf("it is no fixed-size list of int16 or float32")
	}
	bits, position, err := readFormat(column.Metadata)
	return Node{
		Name: column.Name, Label: orElse(column.Metadata[keyLabel], column.Name), Op: column.Metadata[keyOp],
		Width: column.List, Bits: bits, Position: position, Float: column.Kind == ipc.Float32,
	}, err
}

func readFormat(metadata map[string]string) (bits, position int, err error) {
	if bits, err = strconv.Atoi(metadata[keyBits]); err != nil || bits < 1 || bits > 32 {
		return 0, 0, fmt.Errorf("its metadata have %s %q, no number from 1 to 32", keyBits, metadata[keyBits])
	}
	if position, err = strconv.Atoi(metadata[keyPosition]); err != nil || position < -32 || position > 31 {
		return 0, 0, fmt.Errorf("its metadata have %s %q, no number from -32 to 31", keyPosition, metadata[keyPosition])
	}
	return bits, position, nil
}

// fill makes sure that the window has a row.
func (r *arrowReader) fill() error {
	for r.row >= r.rows {
		if r.left == 0 {
			return io.EOF
		}
		if r.batch == nil || r.first >= r.batch.Rows {
			if r.next >= r.file.Batches() {
				return io.EOF
			}
			var err error
			if r.batch, err = r.file.Batch(r.next); err != nil {
				return err
			}
			r.next, r.first = r.next+1, 0
		}
		if err := r.window(); err != nil {
			return fmt.Errorf("batch %d: %w", r.next-1, err)
		}
	}
	return nil
}

// window reads the next rows of the batch.
func (r *arrowReader) window() error {
	var row int64
	for _, column := range r.file.Schema.Columns {
		row += column.Stride()
	}
	rows := min(r.batch.Rows-r.first, max(1, windowBytes/row), r.left)
	if err := r.read(r.all, rows); err != nil {
		return err
	}
	r.left -= rows
	return nil
}

// read reads some columns of the next rows of the batch.
func (r *arrowReader) read(columns []int, rows int64) error {
	r.row, r.rows = 0, 0
	for _, i := range columns {
		var err error
		if r.values[i], err = r.batch.Window(i, r.first, rows, r.room[i]); err != nil {
			return err
		}
		if !r.batch.Compressed() {
			r.room[i] = r.values[i]
		}
	}
	r.first, r.rows = r.first+rows, int(rows)
	return nil
}

func (r *arrowReader) number(column int) int64 {
	if r.file.Schema.Columns[column].Kind == ipc.Int32 {
		return int64(arrow.Int32Traits.CastFromBytes(r.values[column])[r.row])
	}
	return arrow.Int64Traits.CastFromBytes(r.values[column])[r.row]
}

// sequence is that of the window's next row.
func (r *arrowReader) sequence() int64 { return r.number(r.sequences) }

// step is that of the window's next row.
func (r *arrowReader) step() int64 { return r.number(r.steps) }

// ordered holds the window's next row to the order of the rows before it.
func (r *arrowReader) ordered() error {
	if err := r.order.Take(int(r.sequence()), int(r.step())); err != nil {
		return fmt.Errorf("batch %d, row %d: %w", r.next-1, r.first-int64(r.rows-r.row), err)
	}
	return nil
}

// frame gives the window's next row.
func (r *arrowReader) frame(f *Frame) {
	f.Cell, f.Sequence, f.Step = r.index, int(r.sequence()), int(r.step())
	f.resize(r.cell.Nodes)
	for i, node := range r.cell.Nodes {
		values := r.values[r.nodes[i]]
		begin, end := r.row*node.Width, (r.row+1)*node.Width
		if node.Float {
			f.Float[i] = arrow.Float32Traits.CastFromBytes(values)[begin:end:end]
		} else {
			f.Fixed[i] = arrow.Int16Traits.CastFromBytes(values)[begin:end:end]
		}
	}
	if r.saturations >= 0 {
		n := len(r.nodes)
		f.Saturations = arrow.Int32Traits.CastFromBytes(r.values[r.saturations])[r.row*n : (r.row+1)*n]
	}
	r.row++
}
