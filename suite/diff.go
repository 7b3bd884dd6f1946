package suite

import (
	"fmt"
	"io"
	"strings"
)

// Difference is what became of the cases between two summaries.
type Difference struct {
	Broke  []Change `json:"broke"`  // were as expected, and are not
	Mended []Change `json:"mended"` // were not as expected, and are
	// Worse have an SQNR that is lower by more than the tolerance, Better one that is higher.
	Worse  []Change `json:"worse"`
	Better []Change `json:"better"`
	// Other have another outcome that is no better or worse.
	Other  []Change `json:"other"`
	Added  []string `json:"added"`
	Gone   []string `json:"gone"`
	Common int      `json:"common"` // cases that both have
}

// Change is a case before and after.
type Change struct {
	Name    string   `json:"name"`
	Old     Status   `json:"old"`
	New     Status   `json:"new"`
	First   string   `json:"first,omitempty"`
	OldSQNR *float64 `json:"old_sqnr_db,omitempty"`
	NewSQNR *float64 `json:"new_sqnr_db,omitempty"`
}

// Diff compares two summaries, case by case. An SQNR is worse or better where it differs by more than tolerance dB; one that is lost
// because there is no noise any more is neither.
func Diff(before, after *Summary, tolerance float64) *Difference {
	d := &Difference{}
	known := map[string]*CaseSummary{}
	for i := range before.Cases {
		known[before.Cases[i].Name] = &before.Cases[i]
	}
	for i := range after.Cases {
		now := &after.Cases[i]
		then := known[now.Name]
		if then == nil {
			d.Added = append(d.Added, now.Name)
			continue
		}
		delete(known, now.Name)
		d.Common++
		d.compare(then, now, tolerance)
	}
	for i := range before.Cases {
		if known[before.Cases[i].Name] != nil {
			d.Gone = append(d.Gone, before.Cases[i].Name)
		}
	}
	return d
}

func (d *Difference) compare(then, now *CaseSummary, tolerance float64) {
	change := Change{Name: now.Name, Old: then.Status, New: now.Status, First: now.First, OldSQNR: then.SQNR, NewSQNR: now.SQNR}
	switch {
	case then.Status.OK() && !now.Status.OK():
		d.Broke = append(d.Broke, change)
	case !then.Status.OK() && now.Status.OK():
		d.Mended = append(d.Mended, change)
	case then.Status != now.Status || then.Outcome != now.Outcome || then.First != now.First:
		d.Other = append(d.Other, change)
	}
	if then.SQNR == nil || now.SQNR == nil {
		return
	}
	switch delta := *now.SQNR - *then.SQNR; {
	case delta < -tolerance:
		d.Worse = append(d.Worse, change)
	case delta > tolerance:
		d.Better = append(d.Better, change)
	}
}

// ExitCode is 0 where nothing broke or got worse or went away, 1 where something did, 4 where there was nothing to compare.
func (d *Difference) ExitCode() int {
	switch {
	case d.Common == 0:
		return 4
	case len(d.Broke)+len(d.Worse)+len(d.Gone) > 0:
		return 1
	}
	return 0
}

// WriteText writes the difference for a person.
func (d *Difference) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, part := range []struct {
		title   string
		changes []Change
	}{{"BROKE", d.Broke}, {"MENDED", d.Mended}, {"OTHERWISE", d.Other}} {
		for _, c := range part.changes {
			fmt.Fprintf(&b, "%s: %s: %s, was %s\n", part.title, printable(c.Name), c.New, c.Old)
			if c.First != "" {
				fmt.Fprintf(&b, "  %s\n", printable(c.First))
			}
		}
	}
	for _, part := range []struct {
		title   string
		changes []Change
	}{{"WORSE", d.Worse}, {"BETTER", d.Better}} {
		for _, c := range part.changes {
			fmt.Fprintf(&b, "%s: %s: SQNR %.3f dB, was %.3f dB\n", part.title, printable(c.Name), *c.NewSQNR, *c.OldSQNR)
		}
	}
	for _, name := range d.Gone {
		fmt.Fprintf(&b, "GONE: %s\n", printable(name))
	}
	for _, name := range d.Added {
		fmt.Fprintf(&b, "NEW: %s\n", printable(name))
	}
	fmt.Fprintf(&b, "%d cases in both: %d broke, %d mended, %d got worse, %d better\n", d.Common, len(d.Broke), len(d.Mended), len(d.Worse), len(d.Better))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the difference: %w", err)
	}
	return nil
}
