package coverage

import (
	"context"
	"fmt"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/xmodel"
)

// Measure runs the exact reference over sequences, from zero states, and gives what they hit.
func Measure(ctx context.Context, m *xmodel.Model, sequences []dump.Sequence) (*Report, error) {
	meter, err := NewMeter(m)
	if err != nil {
		return nil, err
	}
	if err := meter.Add(ctx, nil, sequences); err != nil {
		return nil, err
	}
	return meter.Report(), nil
}

// Meter measures the coverage of sequences that come little by little.
type Meter struct {
	exact     *golden.Exact
	collector collector
	sequences int
}

// NewMeter prepares to measure what sequences exercise of a model's datapath.
func NewMeter(m *xmodel.Model) (*Meter, error) {
	cells, exact, err := newCells(m)
	if err != nil {
		return nil, fmt.Errorf("measure coverage: %w", err)
	}
	meter := &Meter{exact: exact, collector: collector{cells: cells}}
	k := &meter.collector
	analyse(k.cells)
	for _, c := range k.cells {
		for _, n := range c.nodes {
			n.near = func(bin int, distance int64) {
				if distance == 0 {
					k.hit(&n.seen[bin])
				}
			}
		}
	}
	return meter, nil
}

// Add runs the exact reference over sequences, from zero states. numbers are theirs, by which the report names them; nil counts on from those
// that were added before.
func (m *Meter) Add(ctx context.Context, numbers []int, sequences []dump.Sequence) error {
	k := &m.collector
	k.numbers = numbers
	if numbers == nil {
		for i := range sequences {
			k.numbers = append(k.numbers, m.sequences+i)
		}
	}
	features, format := m.exact.Input()
	for i, s := range sequences {
		if s.Initial != nil {
			return fmt.Errorf("measure coverage: sequence %d has an initial state; the bins that no input can reach are those of sequences from zero", k.numbers[i])
		}
		k.sequence = k.numbers[i]
		k.takeInput(s, features, format.Position)
	}
	m.sequences += len(sequences)
	return m.exact.Run(ctx, sequences, k)
}

// Report is what the sequences have hit so far.
func (m *Meter) Report() *Report { return m.collector.report(m.sequences) }

// newCells gives a model's cells with their bins, and the exact reference that runs them.
func newCells(m *xmodel.Model) ([]*cell, *golden.Exact, error) {
	exact, err := golden.NewExact(m, xmodel.Sane)
	if err != nil {
		return nil, nil, err
	}
	var cells []*cell
	for i, described := range exact.Header().Cells {
		c, err := newCell(&m.Cells[i], i, exact, described)
		if err != nil {
			return nil, nil, err
		}
		cells = append(cells, c)
	}
	return cells, exact, nil
}

// collector is told the frames of the exact reference.
type collector struct {
	cells          []*cell
	numbers        []int // of the sequences that are run
	sequence, step int
	frames         int
}

func (k *collector) hit(bin *Bin) {
	if !bin.Hit || k.sequence < bin.Sequence {
		bin.Hit, bin.Sequence, bin.Step = true, k.sequence, k.step
	}
}

// takeInput marks what x does where the first layer's cells quantize it. Steps are those of a forward cell.
func (k *collector) takeInput(s dump.Sequence, features, position int) {
	for _, c := range k.cells {
		if c.layer != k.cells[0].layer {
			continue
		}
		for i, v := range s.Float {
			k.step = i / features
			c.x.entry.takeReal(v)
		}
		to := c.x.entry
		to.from = position
		for i, v := range s.Fixed {
			k.step = i / features
			to.take(interval{int64(v), int64(v)})
		}
	}
}

func (k *collector) Begin(dump.Header) error { return nil }

// Write marks what the nodes of a frame do, what its inputs do to the states of the step before, and what becomes of its h in the
// layer above, which is said of the step that h comes from.
func (k *collector) Write(f *dump.Frame) error {
	k.sequence, k.step = k.numbers[f.Sequence], f.Step
	k.frames++
	c := k.cells[f.Cell]
	frame := make([][]interval, len(f.Fixed))
	for i, values := range f.Fixed {
		frame[i] = make([]interval, len(values))
		for j, v := range values {
			frame[i][j] = interval{int64(v), int64(v)}
		}
	}
	for i, n := range c.nodes {
		if n.compute == nil {
			continue
		}
		for unit, v := range n.compute(frame) {
			if v != frame[i][unit] {
				return fmt.Errorf("measure coverage: graph %s, sequence %d, step %d, %s[%d]: the reference has %d, the bins are of %d",
					c.graph, k.sequence, f.Step, n.info.Name, unit, frame[i][unit].lo, v.lo)
			}
		}
	}
	for _, above := range k.cells {
		if above.layer == c.layer+1 {
			enter(above.x, c.h, frame[c.h.at])
		}
	}
	if f.Step > 0 {
		for _, s := range c.states {
			enter(s.input, s.from, c.before[s.from.at])
		}
	}
	c.before = frame
	return nil
}

func (k *collector) Close() error { return nil }
func (k *collector) Abort() error { return nil }
