package suite

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// parquetColumn is a column of a flat table, with the values that are not yet in the file.
type parquetColumn struct {
	name     string
	kind     parquet.Type // ByteArray is UTF-8
	optional bool         // values may be null
	texts    []parquet.ByteArray
	int32s   []int32
	int64s   []int64
	floats   []float64
	truths   []bool
	present  []int16 // of an optional column: 1 for a value, 0 for a null
}

func (c *parquetColumn) node() (schema.Node, error) {
	repetition := parquet.Repetitions.Required
	if c.optional {
		repetition = parquet.Repetitions.Optional
	}
	var logical schema.LogicalType
	if c.kind == parquet.Types.ByteArray {
		logical = schema.StringLogicalType{}
	}
	return schema.NewPrimitiveNodeLogical(c.name, repetition, logical, c.kind, -1, -1)
}

// add adds a value of the column's kind, or a null.
func (c *parquetColumn) add(value any) {
	if c.optional {
		if value == nil {
			c.present = append(c.present, 0)
			return
		}
		c.present = append(c.present, 1)
	}
	switch v := value.(type) {
	case string:
		c.texts = append(c.texts, parquet.ByteArray(strings.ToValidUTF8(v, "\uFFFD")))
	case int:
		c.int32s = append(c.int32s, int32(v))
	case int64:
		c.int64s = append(c.int64s, v)
	case float64:
		c.floats = append(c.floats, v)
	case bool:
		c.truths = append(c.truths, v)
	}
}

// write moves the values to a column of a row group.
func (c *parquetColumn) write(to file.ColumnChunkWriter) (err error) {
	switch w := to.(type) {
	case *file.ByteArrayColumnChunkWriter:
		_, err = w.WriteBatch(c.texts, c.present, nil)
	case *file.Int32ColumnChunkWriter:
		_, err = w.WriteBatch(c.int32s, c.present, nil)
	case *file.Int64ColumnChunkWriter:
		_, err = w.WriteBatch(c.int64s, c.present, nil)
	case *file.Float64ColumnChunkWriter:
		_, err = w.WriteBatch(c.floats, c.present, nil)
	case *file.BooleanColumnChunkWriter:
		_, err = w.WriteBatch(c.truths, c.present, nil)
	default:
		err = fmt.Errorf("column %s has a type that is not written", c.name)
	}
	c.texts, c.int32s, c.int64s, c.floats, c.truths, c.present = c.texts[:0], c.int32s[:0], c.int64s[:0], c.floats[:0], c.truths[:0], c.present[:0]
	return errors.Join(err, to.Close())
}

// parquetTable writes rows as Parquet, a row group at a time.
type parquetTable struct {
	columns []parquetColumn
	rows    int // that are held
	sink    *lastingWriter
	file    *file.Writer
}

// rowsAtOnce is how many rows are held before they are given to the file.
const rowsAtOnce = 16 << 10

// newParquetTable begins a file. The columns are empty.
func newParquetTable(w io.Writer, columns []parquetColumn) (*parquetTable, error) {
	t := &parquetTable{columns: columns, sink: &lastingWriter{to: w}}
	var nodes schema.FieldList
	for i := range columns {
		node, err := columns[i].node()
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, node)
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, nodes, -1)
	if err != nil {
		return nil, err
	}
	properties := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCreatedBy("rnnsim"))
	t.file = file.NewParquetWriter(t.sink, root, file.WithWriterProps(properties))
	return t, t.sink.err
}

// add adds a row: a value a column, nil for a null.
func (t *parquetTable) add(values ...any) error {
	for i, value := range values {
		t.columns[i].add(value)
	}
	if t.rows++; t.rows < rowsAtOnce {
		return nil
	}
	return t.flush()
}

func (t *parquetTable) flush() error {
	if t.rows == 0 {
		return nil
	}
	t.rows = 0
	group := t.file.AppendRowGroup()
	for i := range t.columns {
		column, err := group.NextColumn()
		if err == nil {
			err = t.columns[i].write(column)
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(group.Close(), t.sink.err)
}

// close writes what is held and ends the file; what it was written to stays open.
func (t *parquetTable) close() error {
	return errors.Join(t.flush(), t.file.Close(), t.sink.err)
}

// lastingWriter keeps the first error of a writer and takes everything after it: the Parquet library panics where a write fails.
type lastingWriter struct {
	to  io.Writer
	err error
}

func (w *lastingWriter) Write(p []byte) (int, error) {
	if w.err == nil {
		_, w.err = w.to.Write(p)
	}
	return len(p), nil
}
