package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/parquet"

	"rnnsim/verify"
)

// nodesColumns has a row for each node of each check of each case. Distances are in LSB of the node's format, errors real numbers.
func nodesColumns() []parquetColumn {
	return []parquetColumn{
		{name: "suite", kind: parquet.Types.ByteArray},
		{name: "case", kind: parquet.Types.ByteArray},
		{name: "tags", kind: parquet.Types.ByteArray}, // joined by commas
		{name: "status", kind: parquet.Types.ByteArray},
		{name: "key", kind: parquet.Types.ByteArray},
		{name: "semantics", kind: parquet.Types.ByteArray},
		{name: "check", kind: parquet.Types.ByteArray},
		{name: "against", kind: parquet.Types.ByteArray},
		{name: "verdict", kind: parquet.Types.ByteArray},
		{name: "graph", kind: parquet.Types.ByteArray},
		{name: "layer", kind: parquet.Types.Int32},
		{name: "direction", kind: parquet.Types.ByteArray},
		{name: "node", kind: parquet.Types.ByteArray},
		{name: "op", kind: parquet.Types.ByteArray},
		{name: "bits", kind: parquet.Types.Int32, optional: true}, // null for a float node
		{name: "position", kind: parquet.Types.Int32, optional: true},
		{name: "output", kind: parquet.Types.Boolean},
		{name: "compared", kind: parquet.Types.Int64},
		{name: "different", kind: parquet.Types.Int64},
		{name: "tolerated", kind: parquet.Types.Int64},
		{name: "explained", kind: parquet.Types.Int64},
		{name: "misreported", kind: parquet.Types.Int64},
		{name: "max_delta_lsb", kind: parquet.Types.Double},
		{name: "mean_delta_lsb", kind: parquet.Types.Double},
		{name: "max_error", kind: parquet.Types.Double},
		{name: "mean_error", kind: parquet.Types.Double},
		{name: "sqnr_db", kind: parquet.Types.Double, optional: true},   // null where there is no noise or no signal
		{name: "first_step", kind: parquet.Types.Int32, optional: true}, // null where nothing differs
		{name: "last_step", kind: parquet.Types.Int32, optional: true},
		{name: "grows", kind: parquet.Types.Boolean},
	}
}

// WriteNodes writes the statistics of every node of every check as Parquet, from the reports in a results folder. Cases without a
// report, like those that crashed, have no rows.
func (s *Summary) WriteNodes(ctx context.Context, w io.Writer, results string) error {
	rows, err := newParquetTable(w, nodesColumns())
	if err != nil {
		return fmt.Errorf("write the statistics of nodes: %w", err)
	}
	err = s.eachReport(ctx, results, func(row *CaseSummary, report *verify.Report) error {
		if report == nil {
			return nil
		}
		for i := range report.Checks {
			if err := s.addNodes(rows, row, report, &report.Checks[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, rows.close()); err != nil {
		return fmt.Errorf("write the statistics of nodes: %w", err)
	}
	return nil
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

func (s *Summary) addNodes(rows *parquetTable, row *CaseSummary, report *verify.Report, check *verify.Check) error {
	if check.Comparison == nil {
		return nil
	}
	for i := range check.Comparison.Nodes {
		node := &check.Comparison.Nodes[i]
		direction := "forward"
		if node.Backward {
			direction = "backward"
		}
		bits, position, isFixed := parseFormat(node.Format)
		err := rows.add(
			s.Suite, row.Name, strings.Join(row.Tags, ","), string(row.Status), row.Key, report.Compat, check.Name, check.Against, string(check.Verdict),
			node.Graph, node.Layer, direction, node.Node, node.Op, unless(!isFixed, bits), unless(!isFixed, position), node.Output,
			node.Compared, node.Different, node.Tolerated, node.Explained, node.Misreported,
			node.MaxDelta, node.MeanDelta, node.MaxError, node.MeanError, numberOrNil(node.SQNR),
			unless(node.FirstStep < 0, node.FirstStep), unless(node.LastStep < 0, node.LastStep), node.Grows,
		)
		if err != nil {
			return err
		}
	}
	return nil
}

// unless gives nil in the place of a number that is none.
func unless(absent bool, n int) any {
	if absent {
		return nil
	}
	return n
}

func numberOrNil(n *float64) any {
	if n == nil {
		return nil
	}
	return *n
}

// parseFormat reads a format like [16,12].
func parseFormat(text string) (bits, position int, ok bool) {
	inner, ok := strings.CutPrefix(text, "[")
	first, second, found := strings.Cut(strings.TrimSuffix(inner, "]"), ",")
	bits, err1 := strconv.Atoi(first)
	position, err2 := strconv.Atoi(second)
	return bits, position, ok && found && err1 == nil && err2 == nil
}
