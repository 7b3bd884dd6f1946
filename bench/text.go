package bench

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// WriteText writes results as a table.
func WriteText(w io.Writer, results []Result) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "cell\tinputs,units,timesteps,batch\tweights\tthreads\tsteps/s\tmedian\tGMAC/s\tof roofline\tkernel\tchecksum")
	for _, r := range results {
		roofline := "-"
		if r.RooflineFraction > 0 {
			roofline = fmt.Sprintf("%.2f", r.RooflineFraction)
		}
		fmt.Fprintf(table, "%s\t%s\t%d bit\t%d\t%.0f\t%.0f\t%.2f\t%s\t%s\t%.16s\n",
			r.Cell, r.Shape, r.WeightBits, r.Threads, r.StepsPerSecond, r.MedianStepsPerSecond, r.GMACs, roofline, r.Kernel, r.Checksum)
	}
	return table.Flush()
}
