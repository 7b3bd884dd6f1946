package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"

	"rnnsim/verify"
)

// nodesSchema has a row for each node of each check of each case. Distances are in LSB of the node's format, errors real numbers.
var nodesSchema = arrow.NewSchema([]arrow.Field{
	{Name: "suite", Type: arrow.BinaryTypes.String},
	{Name: "case", Type: arrow.BinaryTypes.String},
	{Name: "tags", Type: arrow.BinaryTypes.String}, // joined by commas
	{Name: "status", Type: arrow.BinaryTypes.String},
	{Name: "key", Type: arrow.BinaryTypes.String},
	{Name: "semantics", Type: arrow.BinaryTypes.String},
	{Name: "check", Type: arrow.BinaryTypes.String},
	{Name: "against", Type: arrow.BinaryTypes.String},
	{Name: "verdict", Type: arrow.BinaryTypes.String},
	{Name: "graph", Type: arrow.BinaryTypes.String},
	{Name: "layer", Type: arrow.PrimitiveTypes.Int32},
	{Name: "direction", Type: arrow.BinaryTypes.String},
	{Name: "node", Type: arrow.BinaryTypes.String},
	{Name: "op", Type: arrow.BinaryTypes.String},
	{Name: "bits", Type: arrow.PrimitiveTypes.Int32, Nullable: true}, // null for a float node
	{Name: "position", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
	{Name: "output", Type: arrow.FixedWidthTypes.Boolean},
	{Name: "compared", Type: arrow.PrimitiveTypes.Int64},
	{Name: "different", Type: arrow.PrimitiveTypes.Int64},
	{Name: "tolerated", Type: arrow.PrimitiveTypes.Int64},
	{Name: "explained", Type: arrow.PrimitiveTypes.Int64},
	{Name: "misreported", Type: arrow.PrimitiveTypes.Int64},
	{Name: "max_delta_lsb", Type: arrow.PrimitiveTypes.Float64},
	{Name: "mean_delta_lsb", Type: arrow.PrimitiveTypes.Float64},
	{Name: "max_error", Type: arrow.PrimitiveTypes.Float64},
	{Name: "mean_error", Type: arrow.PrimitiveTypes.Float64},
	{Name: "sqnr_db", Type: arrow.PrimitiveTypes.Float64, Nullable: true},  // null where there is no noise or no signal
	{Name: "first_step", Type: arrow.PrimitiveTypes.Int32, Nullable: true}, // null where nothing differs
	{Name: "last_step", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
	{Name: "grows", Type: arrow.FixedWidthTypes.Boolean},
}, nil)

// nodeRowsAtOnce is how many rows are held before they are given to the file.
const nodeRowsAtOnce = 16 << 10

// WriteNodes writes the statistics of every node of every check as Parquet, from the reports in a results folder. Cases without a
// report, like those that crashed, have no rows.
func (s *Summary) WriteNodes(ctx context.Context, w io.Writer, results string) (err error) {
	properties := parquet.NewWriterProperties(
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCreatedBy("rnnsim"), parquet.WithMaxRowGroupLength(1<<20))
	// The writer would close what it is given.
	file, err := pqarrow.NewFileWriter(nodesSchema, struct{ io.Writer }{w}, properties, pqarrow.DefaultWriterProps())
	if err != nil {
		return fmt.Errorf("write the statistics of nodes: %w", err)
	}
	rows := newNodeRows()
	defer rows.Release()
	flush := func() error {
		record := rows.NewRecord()
		defer record.Release()
		return file.WriteBuffered(record)
	}
	err = s.eachReport(ctx, results, func(row *CaseSummary, report *verify.Report) error {
		if report == nil {
			return nil
		}
		for i := range report.Checks {
			s.appendNodes(rows, row, report, &report.Checks[i])
		}
		if rows.Field(0).Len() < nodeRowsAtOnce {
			return nil
		}
		return flush()
	})
	if err := errors.Join(err, flush(), file.Close()); err != nil {
		return fmt.Errorf("write the statistics of nodes: %w", err)
	}
	return nil
}

func newNodeRows() *array.RecordBuilder {
	return array.NewRecordBuilder(memory.DefaultAllocator, nodesSchema)
}

// eachReport reads the reports of a results folder, one at a time, in the order of the cases.
func (s *Summary) eachReport(ctx context.Context, results string, use func(*CaseSummary, *verify.Report) error) error {
	for i := range s.Cases {
		row := &s.Cases[i]
		if row.Status == StatusNotRun {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		result, err := readResult(results, row.Key)
		if err != nil {
			return err
		}
		if result == nil {
			return fmt.Errorf("%s has no whole result of %s: run the suite again", results, row.Name)
		}
		report, err := result.Report()
		if err != nil {
			return err
		}
		if err := use(row, report); err != nil {
			return err
		}
	}
	return nil
}

func (s *Summary) appendNodes(rows *array.RecordBuilder, row *CaseSummary, report *verify.Report, check *verify.Check) {
	if check.Comparison == nil {
		return
	}
	for i := range check.Comparison.Nodes {
		node := &check.Comparison.Nodes[i]
		direction := "forward"
		if node.Backward {
			direction = "backward"
		}
		bits, position, isFixed := parseFormat(node.Format)
		values := []any{
			s.Suite, row.Name, strings.Join(row.Tags, ","), string(row.Status), row.Key, report.Compat, check.Name, check.Against, string(check.Verdict),
			node.Graph, node.Layer, direction, node.Node, node.Op, unless(!isFixed, bits), unless(!isFixed, position), node.Output,
			node.Compared, node.Different, node.Tolerated, node.Explained, node.Misreported,
			node.MaxDelta, node.MeanDelta, node.MaxError, node.MeanError, node.SQNR,
			unless(node.FirstStep < 0, node.FirstStep), unless(node.LastStep < 0, node.LastStep), node.Grows,
		}
		for column, value := range values {
			appendValue(rows.Field(column), value)
		}
	}
}

// unless gives nil in the place of a number that is none.
func unless(absent bool, n int) any {
	if absent {
		return nil
	}
	return n
}

func appendValue(column array.Builder, value any) {
	switch v := value.(type) {
	case nil:
		column.AppendNull()
	case string:
		column.(*array.StringBuilder).Append(strings.ToValidUTF8(v, "\uFFFD"))
	case int:
		column.(*array.Int32Builder).Append(int32(v))
	case int64:
		column.(*array.Int64Builder).Append(v)
	case float64:
		column.(*array.Float64Builder).Append(v)
	case bool:
		column.(*array.BooleanBuilder).Append(v)
	case *float64:
		if v == nil {
			column.AppendNull()
		} else {
			column.(*array.Float64Builder).Append(*v)
		}
	}
}

// parseFormat reads a format like [16,12].
func parseFormat(text string) (bits, position int, ok bool) {
	inner, ok := strings.CutPrefix(text, "[")
	first, second, found := strings.Cut(strings.TrimSuffix(inner, "]"), ",")
	bits, err1 := strconv.Atoi(first)
	position, err2 := strconv.Atoi(second)
	return bits, position, ok && found && err1 == nil && err2 == nil
}
