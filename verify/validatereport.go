package verify

import (
	"errors"
	"fmt"
	"math"

	"rnnsim/coverage"
)

// These hold a report that was read from a file to what a report can be.

func (c *Check) validate() error {
	switch c.Verdict {
	case Pass, Fail, Nothing:
	default:
		return fmt.Errorf("the verdict %q is none of %s, %s and %s", c.Verdict, Pass, Fail, Nothing)
	}
	if c.Diagnosis != nil {
		if err := c.Diagnosis.validate(); err != nil {
			return fmt.Errorf("diagnosis: %w", err)
		}
	}
	if c.Explanation != nil {
		if err := c.Explanation.validate(); err != nil {
			return fmt.Errorf("explanation: %w", err)
		}
	}
	if c.Comparison == nil {
		return nil
	}
	if c.Comparison.First == nil && len(c.Comparison.More) > 0 {
		return errors.New("comparison: more divergences without a first")
	}
	if d := c.Comparison.First; d != nil {
		if err := d.validate(); err != nil {
			return fmt.Errorf("comparison.first: %w", err)
		}
	}
	for i := range c.Comparison.More {
		if err := c.Comparison.More[i].validate(); err != nil {
			return fmt.Errorf("comparison.more[%d]: %w", i, err)
		}
	}
	for i := range c.Comparison.Nodes {
		if err := c.Comparison.Nodes[i].validate(); err != nil {
			return fmt.Errorf("comparison.nodes[%d]: %w", i, err)
		}
	}
	return nil
}

var errNoAddress = errors.New("it has no address")

func (d *Divergence) validate() error {
	if d.Address.Node == "" {
		return errNoAddress
	}
	if n := d.Neighbours; n.First < 0 || n.First > math.MaxInt32 {
		return fmt.Errorf("neighbours begin at %d", n.First)
	}
	if c := d.Course; c != nil && (c.FirstStep < 0 || c.FirstStep > math.MaxInt32 || len(c.Want) > 0 && len(c.Want) != len(c.Got)) {
		return fmt.Errorf("the course begins at step %d and has %d and %d values", c.FirstStep, len(c.Got), len(c.Want))
	}
	return nil
}

func (s *NodeStats) validate() error {
	for i := range s.Steps {
		if step := &s.Steps[i]; step.Step < 0 || step.Step > math.MaxInt32 || step.Count < 1 || step.Count > math.MaxInt32 {
			return fmt.Errorf("steps[%d]: step %d, count %d", i, step.Step, step.Count)
		}
	}
	if s.Heat != nil {
		if err := s.Heat.validate(); err != nil {
			return fmt.Errorf("heat: %w", err)
		}
	}
	for _, values := range []*Distribution{s.GotValues, s.WantValues} {
		if values == nil {
			continue
		}
		if err := values.validate(); err != nil {
			return fmt.Errorf("the values of a side: %w", err)
		}
	}
	if s.GotValues == nil && s.WantValues != nil {
		return errors.New("it has the values of the wanted side only")
	}
	if s.Lookups != nil {
		if err := s.Lookups.validate(); err != nil {
			return fmt.Errorf("lookups: %w", err)
		}
	}
	return nil
}

func (h *Heat) validate() error {
	if h.StepsAField < 1 || h.StepsAField > math.MaxInt32 || h.UnitsAField < 1 || h.UnitsAField > math.MaxInt32 {
		return fmt.Errorf("%d steps and %d units a field", h.StepsAField, h.UnitsAField)
	}
	if len(h.Rows) > maxHeatRows {
		return fmt.Errorf("it has %d rows, %d are possible", len(h.Rows), maxHeatRows)
	}
	for i, row := range h.Rows {
		if len(row) == 0 || len(row) > maxHeatColumns || len(row) != len(h.Rows[0]) {
			return fmt.Errorf("rows[%d] has %d fields; all rows have the same, and 1 to %d", i, len(row), maxHeatColumns)
		}
		for j, v := range row {
			if v < 0 {
				return fmt.Errorf("rows[%d][%d] is %g, which is no distance", i, j, v)
			}
		}
	}
	return nil
}

func (d *Distribution) validate() error {
	const mostBits = 32
	if len(d.Parts) == 0 || len(d.Parts) > maxParts || len(d.Bits) == 0 || len(d.Bits) > mostBits {
		return fmt.Errorf("%d parts and %d widths; 1 to %d and 1 to %d are possible", len(d.Parts), len(d.Bits), maxParts, mostBits)
	}
	if err := wantCounts(d.Parts); err != nil {
		return err
	}
	return wantCounts(append([]int64{d.Values, d.AtLow, d.AtHigh, d.Outside}, d.Bits...))
}

func (l *Lookups) validate() error {
	if newLookups(l.Table) == nil {
		return fmt.Errorf("there is no table %q", l.Table)
	}
	if l.EntriesAField != lookupEntries || len(l.Counts) != len(newLookups(l.Table).Counts) {
		return fmt.Errorf("%d counts of %d entries each are not those of a table", len(l.Counts), l.EntriesAField)
	}
	return wantCounts(append([]int64{l.Left, l.Right}, l.Counts...))
}

func wantCounts(counts []int64) error {
	for _, n := range counts {
		if n < 0 {
			return fmt.Errorf("%d is no count", n)
		}
	}
	return nil
}

func (x *Explanation) validate() error {
	if x.Address.Node == "" {
		return errNoAddress
	}
	for i := range x.Terms {
		if t := &x.Terms[i]; (t.B == nil) != (t.Product == nil) {
			return fmt.Errorf("terms[%d] has a factor without a product, or a product without a factor", i)
		}
	}
	return nil
}

func (d *Diagnosis) validate() error {
	switch d.Outcome {
	case NothingWrong, NotExplained, NothingJudged:
	case Explained:
		if d.Cause == nil {
			return fmt.Errorf("the outcome is %q without a cause", d.Outcome)
		}
	default:
		return fmt.Errorf("there is no outcome %q", d.Outcome)
	}
	causes := append([]Cause{}, d.Same...)
	causes = append(causes, d.Partial...)
	if d.Cause != nil {
		causes = append(causes, *d.Cause)
	}
	for i := range causes {
		if len(causes[i].Faults) == 0 {
			return errors.New("a cause has no fault")
		}
	}
	if len(d.Nodes) > 0 && d.First == nil {
		return errors.New("wrong nodes without a first wrong value")
	}
	return nil
}

func validateCoverage(r *coverage.Report) error {
	if r == nil {
		return nil
	}
	hit, unreachable, bins := 0, 0, 0
	for i := range r.Nodes {
		for _, bin := range r.Nodes[i].Bins {
			bins++
			switch {
			case bin.Hit:
				hit++
			case bin.Unreachable:
				unreachable++
			}
		}
	}
	if r.Bins != bins || r.Hit != hit || r.Unreachable != unreachable || r.Missed != bins-hit-unreachable {
		return fmt.Errorf("coverage: its counts are not those of its %d bins", bins)
	}
	return nil
}
