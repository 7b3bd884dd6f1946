package differential

import (
	"context"
	"fmt"
	"math"

	"rnnsim/dump"
	"rnnsim/golden"
	"rnnsim/internal/fixed"
	"rnnsim/xmodel"
)

// wanted is what the exact reference makes of a case.
type wanted struct {
	trace  *recording
	output [][]int16      // as sim.Result.Output
	final  [][]dump.State // as sim.Result.Final
}

func reference(ctx context.Context, c *Case, m *xmodel.Model) (*wanted, error) {
	exact, err := golden.NewExact(m, c.Compat)
	if err != nil {
		return nil, fmt.Errorf("prepare the exact reference: %w", err)
	}
	w := &wanted{trace: &recording{}}
	if err := exact.Run(ctx, c.Sequences, w.trace); err != nil {
		return nil, fmt.Errorf("run the exact reference: %w", err)
	}
	cells := c.cells()
	w.output, w.final = make([][]int16, len(c.Sequences)), make([][]dump.State, len(c.Sequences))
	last := c.Layers[len(c.Layers)-1]
	width := 0
	for _, cell := range last {
		width += cell.Hidden
	}
	for i := range c.Sequences {
		w.output[i] = make([]int16, c.steps(i)*width)
		w.final[i] = make([]dump.State, len(cells))
	}
	for n, f := range w.trace.frames {
		cell, steps := cells[f.cell], c.steps(f.sequence)
		h := w.trace.node(n, "h_next")
		if f.step == steps-1 {
			final := &w.final[f.sequence][f.cell]
			final.H = carry(h, cell, "h_next", "input_1", c.Compat)
			if cell.Kind == xmodel.LSTM {
				final.C = carry(w.trace.node(n, "c_next"), cell, "c_next", "input_2", c.Compat)
			}
		}
		if nth := f.cell - (len(cells) - len(last)); nth >= 0 {
			time, column := f.step, 0
			if cell.Backward {
				time = steps - 1 - f.step
			}
			for _, before := range last[:nth] {
				column += before.Hidden
			}
			copy(w.output[f.sequence][time*width+column:], h)
		}
	}
	return w, nil
}

// carry gives what a next state is as the state of the following step.
func carry(values []int16, cell *xmodel.CellSpec, from, to string, compat xmodel.Compat) []int16 {
	return requantize(values, cell.Formats[from].Position, cell.Formats[to], compat)
}

// requantize floors values onto a grid and clamps them.
func requantize(values []int16, position int, grid fixed.Format, compat xmodel.Compat) []int16 {
	low, high := -math.Ldexp(1, grid.Bits-1), math.Ldexp(1, grid.Bits-1)-1
	out := make([]int16, len(values))
	for i, v := range values {
		scaled := math.Floor(math.Ldexp(float64(v), grid.Position-position))
		if compat == xmodel.VAI20 && scaled > math.MaxInt32 {
			scaled = low // a cast to int32 comes first, and yields its lowest number
		}
		out[i] = int16(math.Max(low, math.Min(high, scaled)))
	}
	return out
}

// compareOutput holds the untraced results of a run against the wanted ones.
func (w *wanted) compareOutput(engine string, output [][]int16, final [][]dump.State) error {
	for i, want := range w.output {
		if err := same(engine, fmt.Sprintf("output of sequence %d", i), output[i], want); err != nil {
			return err
		}
		for cell := range w.final[i] {
			got, want := final[i][cell], w.final[i][cell]
			if err := same(engine, fmt.Sprintf("final h of sequence %d, cell %d", i, cell), got.H, want.H); err != nil {
				return err
			}
			if err := same(engine, fmt.Sprintf("final c of sequence %d, cell %d", i, cell), got.C, want.C); err != nil {
				return err
			}
		}
	}
	return nil
}

func same(engine, what string, got, want []int16) error {
	if len(got) != len(want) {
		return &Difference{engine, what + ", number of values", int64(len(got)), int64(len(want))}
	}
	for i := range want {
		if got[i] != want[i] {
			return &Difference{engine, fmt.Sprintf("%s, value %d", what, i), int64(got[i]), int64(want[i])}
		}
	}
	return nil
}
