package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"rnnsim/coverage"
	"rnnsim/dump"
	"rnnsim/fault"
)

// mostCovered is up to how many steps of a trace the coverage is measured: the exact reference runs over all of them.
const mostCovered = 1 << 16

// cover measures what of the model's datapath the traces' stimulus exercises: the one that is given, or else what the wanted trace, or the other
// one, has as x. That it cannot be measured is a note.
func (job *TracesJob) cover(ctx context.Context, report *Report) error {
	if job.Model == nil {
		return nil
	}
	measured, note, err := job.coverage(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		report.Notes = append(report.Notes, fmt.Sprintf("no coverage: %v", err))
		return nil
	}
	if note != "" {
		report.Notes = append(report.Notes, note)
	}
	report.cover(measured, job.Compat)
	return nil
}

func (job *TracesJob) coverage(ctx context.Context) (measured *coverage.Report, note string, err error) {
	if job.Stimulus != nil {
		measured, err = coverage.Measure(ctx, job.Model, job.Stimulus)
		return measured, "", err
	}
	base, err := fault.New(job.Model, job.Compat)
	if err != nil {
		return nil, "", err
	}
	var without []string
	for _, side := range []struct {
		name string
		open opener
	}{{job.WantName, job.Want}, {job.GotName, (&pursuit{got: job.Got, names: job.Options.Map}).openGot}} {
		meter, err := coverage.NewMeter(job.Model)
		if err != nil {
			return nil, "", err
		}
		t := &tracedStimulus{meter: meter, model: base.Header(), most: mostCovered}
		if err := t.read(ctx, side.open); err != nil {
			without = append(without, fmt.Sprintf("%s: %v", side.name, err))
			continue
		}
		note = fmt.Sprintf("coverage is that of x as %s has it, on the grid of input_0: what its quantization does with finer values is not to be seen", side.name)
		if t.more {
			note += fmt.Sprintf("; of the first %s only", plural(int64(t.sequences), "sequence"))
		}
		return meter.Report(), note, nil
	}
	return nil, "", fmt.Errorf("%s; --input can name what the device was given", strings.Join(without, "; "))
}

// tracedStimulus reads out of a trace what the model was given.
type tracedStimulus struct {
	meter  *coverage.Meter
	model  dump.Header
	cell   int   // of the trace, which reads x
	inputs []int // the nodes input_0, input_1 and input_2 in it, -1 without one
	back   bool
	width  int // of x

	numbers          []int // of the sequences that wait for the meter
	waiting          []dump.Sequence
	steps, sequences int
	most             int  // steps, after which no sequence is begun
	more             bool // than the meter was given
}

func (t *tracedStimulus) read(ctx context.Context, open opener) (err error) {
	source, err := open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	if err := t.find(source.Header()); err != nil {
		return err
	}
	var frame dump.Frame
	for !t.more {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := source.Next(&frame); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if frame.Cell == t.cell {
			if err := t.take(ctx, &frame); err != nil {
				return err
			}
		}
	}
	if err := t.flush(ctx); err != nil {
		return err
	}
	if t.sequences == 0 {
		return errors.New("it has no frames")
	}
	return nil
}

// find looks for a cell that reads x on the grid of the model's first cell, in which all of x is recorded.
func (t *tracedStimulus) find(trace dump.Header) error {
	first := t.model.Cells[0]
	pairs, _ := pair(trace, t.model, Options{})
	for _, p := range pairs.cells {
		if p.cell.Layer != first.Layer {
			continue
		}
		t.cell, t.back, t.inputs = p.got, p.cell.Backward, []int{-1, -1, -1}
		for _, n := range p.nodes {
			at := slices.Index([]string{"input_0", "input_1", "input_2"}, n.wantNode.Name)
			if at >= 0 && !n.gotNode.Float && n.shared == nil && n.gotNode.Width == n.wantNode.Width && n.gotNode.Position == n.wantNode.Position {
				t.inputs[at] = n.got
			}
		}
		x := slices.IndexFunc(first.Nodes, func(n dump.Node) bool { return n.Name == "input_0" })
		t.width = first.Nodes[max(x, 0)].Width
		if t.inputs[0] >= 0 && x >= 0 && trace.Cells[p.got].Nodes[t.inputs[0]].Position == first.Nodes[x].Position {
			return nil
		}
	}
	return errors.New("it does not have all of input_0 of a cell that reads x")
}

// take notes x of a step.
func (t *tracedStimulus) take(ctx context.Context, f *dump.Frame) error {
	last := len(t.waiting) - 1
	if last < 0 || t.numbers[last] != f.Sequence {
		if f.Step != 0 {
			return fmt.Errorf("sequence %d begins with step %d: what comes before is not known", f.Sequence, f.Step)
		}
		for _, state := range t.inputs[1:] {
			if state >= 0 && slices.ContainsFunc(f.Fixed[state], func(v int16) bool { return v != 0 }) {
				return fmt.Errorf("sequence %d does not begin from zero; the bins that no input can reach are those of sequences that do", f.Sequence)
			}
		}
		const together = 64
		if len(t.waiting) == together {
			if err := t.flush(ctx); err != nil {
				return err
			}
		}
		if t.more = t.steps >= t.most; t.more {
			return nil
		}
		t.numbers, t.waiting = append(t.numbers, f.Sequence), append(t.waiting, dump.Sequence{})
		last = len(t.waiting) - 1
	}
	s := &t.waiting[last]
	x := f.Fixed[t.inputs[0]]
	if f.Step*len(x) != len(s.Fixed) {
		return fmt.Errorf("sequence %d lacks the step before %d", f.Sequence, f.Step)
	}
	t.steps++
	s.Fixed = append(s.Fixed, x...)
	return nil
}

// flush gives the meter what waits. A backward cell has read the last timestep first.
func (t *tracedStimulus) flush(ctx context.Context) error {
	if len(t.waiting) == 0 {
		return nil
	}
	for i := range t.waiting {
		if values := t.waiting[i].Fixed; t.back {
			for a, b := 0, len(values)-t.width; a < b; a, b = a+t.width, b-t.width {
				for k := range t.width {
					values[a+k], values[b+k] = values[b+k], values[a+k]
				}
			}
		}
	}
	t.sequences += len(t.waiting)
	err := t.meter.Add(ctx, t.numbers, t.waiting)
	t.numbers, t.waiting = nil, nil
	return err
}
