package dump

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"rnnsim/dump/internal/ipc"
)

// paramsRecord is the one row of a cell's parameters.
func paramsRecord(schema *arrow.Schema, params []Param) arrow.Record {
	var values []arrow.Array
	for i, p := range params {
		values = append(values, lists(schema.Field(i).Type, 1, arrow.Int16Traits.CastToBytes(p.Values)))
	}
	return array.NewRecord(schema, values, 1)
}

// readParams reads a file of parameters.
func readParams(path string) ([]Param, error) {
	file, closer, err := openIPC(path)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	if file.Batches() != 1 {
		return nil, fmt.Errorf("read the parameters %s: it has %d record batches, not 1", path, file.Batches())
	}
	batch, err := file.Batch(0)
	if err == nil && batch.Rows != 1 {
		err = fmt.Errorf("it has %d rows, not 1", batch.Rows)
	}
	if err != nil {
		return nil, fmt.Errorf("read the parameters %s: %w", path, err)
	}
	var params []Param
	for i, column := range file.Schema.Columns {
		p, err := readParam(batch, i, column)
		if err != nil {
			return nil, fmt.Errorf("read the parameters %s: column %q: %w", path, column.Name, err)
		}
		params = append(params, p)
	}
	return params, nil
}

func readParam(batch *ipc.Batch, index int, column ipc.Column) (Param, error) {
	if column.Kind != ipc.Int16 || column.List < 1 {
		return Param{}, fmt.Errorf("it is no list of int16")
	}
	bits, position, err := readFormat(column.Metadata)
	if err != nil {
		return Param{}, err
	}
	shape, err := parseShape(column.Metadata[keyShape], column.List)
	if err != nil {
		return Param{}, err
	}
	raw, err := batch.Window(index, 0, 1, nil)
	if err != nil {
		return Param{}, err
	}
	return Param{
		Name: column.Name, Label: orElse(column.Metadata[keyLabel], column.Name),
		Shape: shape, Bits: bits, Position: position, Values: arrow.Int16Traits.CastFromBytes(raw),
	}, nil
}

func formatShape(shape []int) string {
	var dims []string
	for _, d := range shape {
		dims = append(dims, strconv.Itoa(d))
	}
	return strings.Join(dims, ",")
}

func parseShape(text string, n int) ([]int, error) {
	var shape []int
	for _, dim := range strings.Split(text, ",") {
		d, err := strconv.Atoi(dim)
		if err != nil {
			return nil, fmt.Errorf("its %s is %q, no list of dimensions", keyShape, text)
		}
		shape = append(shape, d)
	}
	if elements(shape) != n {
		return nil, fmt.Errorf("its %s is %s, and it has %d values", keyShape, text, n)
	}
	return shape, nil
}

func orElse(value, other string) string {
	if value == "" {
		return other
	}
	return value
}
