package machine

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// WriteText writes the estimate for people: figures, what each unit does, and the longest waits.
func (e *Estimate) WriteText(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintf(table, "estimated, not measured\t%s, batch %d, %d MHz\n", e.Target, e.Batch, e.ClockMHz)
	fmt.Fprintf(table, "%d steps\t%d cycles\t%s\n", e.Steps, e.Cycles, e.duration(float64(e.Cycles)))
	fmt.Fprintf(table, "first step and end\t%d cycles\t%s\n", e.Once, e.duration(float64(e.Once)))
	fmt.Fprintf(table, "each further step\t%.6g cycles\t%s\t%.0f frames a second, all lanes\n", e.Frame, e.duration(e.Frame), e.FramesPerSecond())
	if !e.Settled {
		fmt.Fprintln(table, "\tthe units do not come into step; cycles are an average")
	}
	fmt.Fprintln(table, "\nunit\twords\tbusy\twaiting\toccupancy")
	for _, u := range e.Units {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%.1f %%\n", u.Unit, u.Words, u.Busy, u.Stalled, 100*u.Occupancy)
	}
	const most = 10
	fmt.Fprintln(table, "\nlongest waits in a step\ton\tcycles")
	for i, s := range e.Stalls {
		if i == most {
			fmt.Fprintf(table, "and %d more\n", len(e.Stalls)-most)
			break
		}
		fmt.Fprintf(table, "segment %s, word %d (%s)\t%s\t%d\n", s.Segment, s.Word, s.Unit, s.On, s.Cycles)
	}
	fmt.Fprintf(table, "\n%s\n", e.Note)
	return table.Flush()
}

func (e *Estimate) duration(cycles float64) string {
	switch us := cycles / float64(e.ClockMHz); {
	case us < 1000:
		return fmt.Sprintf("%.3g us", us)
	default:
		return fmt.Sprintf("%.4g ms", us/1000)
	}
}
