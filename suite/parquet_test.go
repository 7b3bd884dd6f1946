package suite

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/stretchr/testify/require"
)

func someColumns() []parquetColumn {
	return []parquetColumn{
		{name: "text", kind: parquet.Types.ByteArray},
		{name: "maybe", kind: parquet.Types.Int32, optional: true},
		{name: "count", kind: parquet.Types.Int64},
		{name: "real", kind: parquet.Types.Double, optional: true},
		{name: "truth", kind: parquet.Types.Boolean},
	}
}

func someRow(i int) []any {
	row := []any{fmt.Sprintf("row %d", i%7), any(i), int64(i) << 33, float64(i) / 3, i%3 == 0}
	if i%5 == 0 {
		row[1] = nil
	}
	if i%4 == 0 {
		row[3] = nil
	}
	return row
}

// More rows than are held at once make several groups, and all come back in their order.
func TestRowsOfATableComeBack(t *testing.T) {
	const rows = 2*rowsAtOnce + 100
	var text bytes.Buffer
	table, err := newParquetTable(&text, someColumns())
	require.NoError(t, err)
	for i := range rows {
		require.NoError(t, table.add(someRow(i)...))
	}
	require.NoError(t, table.close())

	reader, err := file.NewParquetReader(bytes.NewReader(text.Bytes()))
	require.NoError(t, err)
	defer reader.Close()
	require.EqualValues(t, rows, reader.NumRows())
	require.Equal(t, 3, reader.NumRowGroups())
	var texts []parquet.ByteArray
	var maybes []int32
	var counts []int64
	var reals []float64
	var truths []bool
	for g := range reader.NumRowGroups() {
		group := reader.RowGroup(g)
		n := group.NumRows()
		texts = append(texts, readColumn[parquet.ByteArray](t, group, 0, n)...)
		maybes = append(maybes, readColumn[int32](t, group, 1, n)...)
		counts = append(counts, readColumn[int64](t, group, 2, n)...)
		reals = append(reals, readColumn[float64](t, group, 3, n)...)
		truths = append(truths, readColumn[bool](t, group, 4, n)...)
	}
	for i := range rows {
		row := someRow(i)
		require.Equal(t, row[0], string(texts[i]))
		require.Equal(t, []any{row[2], row[4]}, []any{counts[i], truths[i]})
		if row[1] != nil {
			require.EqualValues(t, row[1], maybes[0])
			maybes = maybes[1:]
		}
		if row[3] != nil {
			require.Equal(t, row[3], reals[0])
			reals = reals[1:]
		}
	}
	require.Empty(t, maybes)
	require.Empty(t, reals)
}

// readColumn gives the values of a column that are no nulls.
func readColumn[T any](t *testing.T, group *file.RowGroupReader, column int, rows int64) []T {
	t.Helper()
	reader, err := group.Column(column)
	require.NoError(t, err)
	typed, ok := reader.(interface {
		ReadBatch(batch int64, values []T, defined, repeated []int16) (total int64, read int, err error)
	})
	require.True(t, ok, "%T", reader)
	var values []T
	for got := int64(0); got < rows; {
		some, defined := make([]T, rows-got), make([]int16, rows-got)
		total, read, err := typed.ReadBatch(rows-got, some, defined, nil)
		require.NoError(t, err)
		require.Positive(t, total)
		values, got = append(values, some[:read]...), got+total
	}
	return values
}

// A full disk is an error, wherever it fills up, and never a panic.
func TestATableThatCannotBeWritten(t *testing.T) {
	var whole bytes.Buffer
	table, err := newParquetTable(&whole, someColumns())
	require.NoError(t, err)
	require.NoError(t, table.add(someRow(1)...))
	require.NoError(t, table.close())
	for _, room := range []int{0, 3, 4, 20, whole.Len() / 2, whole.Len() - 1} {
		table, err := newParquetTable(&fullDisk{room}, someColumns())
		if err == nil {
			err = errors.Join(table.add(someRow(1)...), table.close())
		}
		require.ErrorIs(t, err, errFullDisk, "room for %d bytes", room)
	}
}

var errFullDisk = errors.New("no space left")

type fullDisk struct{ room int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.room -= len(p); d.room < 0 {
		return 0, errFullDisk
	}
	return len(p), nil
}
