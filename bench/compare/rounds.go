package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// command is what stands in front of every program.
func (o options) command() []string { return strings.Fields(o.prefix) }

// rounds gives every contender its turn, round after round.
func (m *measured) rounds(o options) error {
	for round := range o.rounds {
		fmt.Fprintf(os.Stderr, "%s: round %d of %d\n", m.name, round+1, o.rounds)
		for _, c := range m.contenders {
			rate, err := c.worker.rate(o.seconds)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			c.rates = append(c.rates, rate)
		}
		time.Sleep(time.Duration(o.pause * float64(time.Second)))
	}
	return nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// ratio is the median over the rounds of one column's rate by another's.
func ratio(a, b []float64) string {
	if a == nil || b == nil {
		return "-"
	}
	var ratios []float64
	for i := range a {
		ratios = append(ratios, a[i]/b[i])
	}
	return fmt.Sprintf("%.2f", median(ratios))
}

func rate(a []float64) string {
	if a == nil {
		return "-"
	}
	return fmt.Sprintf("%.4g", median(a)/1000)
}

// row is a line of the table: a label, and what stands in it for a shape.
type row struct {
	label string
	cell  func(*measured) string
}

func rates(label, name string, threads int) row {
	return row{label, func(m *measured) string { return rate(m.column(name, threads)) }}
}

func ratios(label, a string, threadsA int, b string, threadsB int) row {
	return row{label, func(m *measured) string { return ratio(m.column(a, threadsA), m.column(b, threadsB)) }}
}

func rows() []row {
	list := []row{rates("limit, 8 bit", limit8, 0), rates("limit, 16 bit", limit16, 0)}
	for _, threads := range []int{1, 2} {
		for _, name := range []string{rnnsim8, rnnsim16, ortFloat, ortInt8, torchName} {
			list = append(list, rates(fmt.Sprintf("%s, %d", name, threads), name, threads))
		}
	}
	list = append(list,
		rates(avx2of8+", 1", avx2of8, 1), rates(avx2of16+", 1", avx2of16, 1),
		ratios("rnnsim 8 / limit", rnnsim8, 1, limit8, 0), ratios("rnnsim 16 / limit", rnnsim16, 1, limit16, 0),
		ratios("rnnsim 8 AVX2 / limit", avx2of8, 1, limit8, 0), ratios("rnnsim 16 AVX2 / limit", avx2of16, 1, limit16, 0),
		ratios("rnnsim 8 / ORT float", rnnsim8, 1, ortFloat, 1), ratios("rnnsim 16 / ORT float", rnnsim16, 1, ortFloat, 1),
		ratios("rnnsim 8 AVX2 / ORT float", avx2of8, 1, ortFloat, 1), ratios("rnnsim 16 AVX2 / ORT float", avx2of16, 1, ortFloat, 1),
		ratios("rnnsim 8 / ORT int8", rnnsim8, 1, ortInt8, 1), ratios("rnnsim 16 / ORT int8", rnnsim16, 1, ortInt8, 1),
		ratios("rnnsim 8 / PyTorch", rnnsim8, 1, torchName, 1), ratios("rnnsim 16 / PyTorch", rnnsim16, 1, torchName, 1))
	for _, name := range []string{rnnsim8, rnnsim16, ortFloat, ortInt8, torchName} {
		list = append(list, ratios(name+", 2 / 1", name, 2, name, 1))
	}
	return list
}

// write prints the table, a column a shape: thousands of timesteps times sequences a second with the number of threads, then
// medians of the ratios within a round, then what was found of the results.
func write(w io.Writer, shapes []measured) {
	table := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprint(table, "| |")
	for _, m := range shapes {
		fmt.Fprintf(table, "\t %s |", m.name)
	}
	fmt.Fprint(table, "\n|---|"+strings.Repeat("\t---|", len(shapes))+"\n")
	for _, r := range rows() {
		fmt.Fprintf(table, "| %s |", r.label)
		for _, m := range shapes {
			fmt.Fprintf(table, "\t %s |", r.cell(&m))
		}
		fmt.Fprintln(table)
	}
	_ = table.Flush() // to standard output
	for _, m := range shapes {
		fmt.Fprintf(w, "\n%s\n", m.name)
		for _, note := range m.notes {
			fmt.Fprintf(w, "- %s\n", note)
		}
	}
}
