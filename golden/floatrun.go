package golden

import (
	"context"
	"fmt"
	"math"
	"slices"

	"rnnsim/dump"
)

// FloatSequence is one stimulus of the float reference.
type FloatSequence struct {
	// X holds the steps, row-major [steps, features]. A network with an embedding reads Tokens instead, one a step, unless X
	// holds what the embedding would give.
	X      []float64
	Tokens []int
	// Initial is the state of each cell before its first step, by index of the cell in execution order; nil is all zero.
	Initial []FloatState
}

// FloatState is h and c of a cell. C is nil for a GRU; a nil H or C is zero.
type FloatState struct{ H, C []float64 }

// FloatResult is what the network makes of one sequence.
type FloatResult struct {
	// Output is the last recurrent layer's h in the order of time, [steps, directions × hidden].
	Output []float64
	// Final is the state of each cell after its last step.
	Final []FloatState
	// Head is what the dense layers yield: one row a step, or one row alone where they read the last step only. It is nil for a
	// network without dense layers.
	Head [][]float64
}

// Run computes the sequences one after another and gives every frame to the sink, in the order of Exact.Run. It begins the
// sink and, when it is done, closes it, or aborts it on an error or when ctx is cancelled. It gives what Infer gives of each
// sequence.
func (f *Float) Run(ctx context.Context, sequences []FloatSequence, sink dump.Sink) ([]*FloatResult, error) {
	if err := sink.Begin(f.header); err != nil {
		return nil, abort(sink, fmt.Errorf("begin the float reference's trace: %w", err))
	}
	results, runs := make([]*FloatResult, len(sequences)), f.newRuns()
	for i := range sequences {
		var err error
		if results[i], err = f.sequence(ctx, &sequences[i], i, runs, sink.Write); err != nil {
			return nil, abort(sink, fmt.Errorf("run the float reference on sequence %d: %w", i, err))
		}
	}
	return results, sink.Close()
}

// Infer computes one sequence.
func (f *Float) Infer(ctx context.Context, s FloatSequence) (*FloatResult, error) {
	result, err := f.sequence(ctx, &s, 0, f.newRuns(), nil)
	if err != nil {
		return nil, fmt.Errorf("run the float reference: %w", err)
	}
	return result, nil
}

// sequence computes one sequence. write takes its frames; it is nil where nobody wants them.
func (f *Float) sequence(ctx context.Context, s *FloatSequence, number int, runs []*floatRun, write func(*dump.Frame) error) (*FloatResult, error) {
	x, err := f.input(s)
	if err != nil {
		return nil, err
	}
	if len(s.Initial) != 0 && len(s.Initial) != len(f.cells) {
		return nil, fmt.Errorf("it has %d initial states for %d cells", len(s.Initial), len(f.cells))
	}
	result := &FloatResult{}
	index, width := 0, f.net.Input()
	var last []float64 // the last executed step of each direction of the layer
	for _, layer := range f.net.Layers {
		steps := len(x) / width
		output, part := make([]float64, steps*layer.Output()), 0
		last = nil
		for _, cell := range layer.Cells() {
			run := runs[index]
			run.backward, run.x, run.steps = cell == layer.Backward, x, steps
			if err := run.start(s.Initial, index); err != nil {
				return nil, err
			}
			frame := dump.Frame{Cell: index, Sequence: number}
			if err := run.all(ctx, &frame, write, output[part:], layer.Output()); err != nil {
				return nil, err
			}
			result.Final = append(result.Final, FloatState{H: slices.Clone(run.state.H), C: slices.Clone(run.state.C)})
			last = append(last, run.state.H...)
			part += cell.Hidden
			index++
		}
		x, width = output, layer.Output()
	}
	result.Output = x
	result.Head = head(f.net, x, width, last)
	return result, nil
}

// input gives x of the first layer, by way of the embedding where there are tokens.
func (f *Float) input(s *FloatSequence) ([]float64, error) {
	x, e := s.X, f.net.Embedding
	if s.Tokens != nil {
		if e == nil || x != nil {
			return nil, fmt.Errorf("it has tokens; the network has no embedding, or x is given as well")
		}
		for i, token := range s.Tokens {
			if token < 0 || token >= e.Tokens {
				return nil, fmt.Errorf("token %d is %d, the embedding has %d", i, token, e.Tokens)
			}
			x = append(x, widen(e.Weight[token*e.Features:(token+1)*e.Features])...)
		}
	}
	if features := f.net.Input(); len(x) == 0 || len(x)%features != 0 {
		return nil, fmt.Errorf("its %d values are not one step of %d features or more", len(x), features)
	}
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("step %d, feature %d is %v", i/f.net.Input(), i%f.net.Input(), v)
		}
	}
	return x, nil
}

// floatRun is one cell on its way through one sequence after another.
type floatRun struct {
	cell     *floatCell
	backward bool
	x        []float64 // [steps, width of input_0]
	steps    int
	frame    [][]float64
	narrowed [][]float32 // the frame, as it is written
	state    FloatState
}

func (f *Float) newRuns() []*floatRun {
	var runs []*floatRun
	for _, c := range f.cells {
		r := &floatRun{cell: c, state: FloatState{H: make([]float64, c.hidden)}}
		if c.c >= 0 {
			r.state.C = make([]float64, c.hidden)
		}
		for _, n := range c.nodes {
			r.frame = append(r.frame, make([]float64, n.width))
			r.narrowed = append(r.narrowed, make([]float32, n.width))
		}
		runs = append(runs, r)
	}
	return runs
}

// start sets the state before the first step.
func (r *floatRun) start(initial []FloatState, index int) error {
	clear(r.state.H)
	clear(r.state.C)
	if len(initial) == 0 {
		return nil
	}
	for _, given := range []struct {
		name       string
		to, values []float64
	}{{"h", r.state.H, initial[index].H}, {"c", r.state.C, initial[index].C}} {
		if given.values == nil {
			continue
		}
		if len(given.values) != len(given.to) {
			return fmt.Errorf("the initial %s of cell %d has %d elements, %d wanted", given.name, index, len(given.values), len(given.to))
		}
		copy(given.to, given.values)
	}
	return nil
}

// all walks the sequence, a backward cell from its end, and puts h into rows of the output that are stride apart.
func (r *floatRun) all(ctx context.Context, frame *dump.Frame, write func(*dump.Frame) error, output []float64, stride int) error {
	c := r.cell
	width := c.nodes[c.x].width
	frame.Float = r.narrowed
	for step := range r.steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		time := step
		if r.backward {
			time = r.steps - 1 - step
		}
		copy(r.frame[c.x], r.x[time*width:(time+1)*width])
		copy(r.frame[c.h], r.state.H)
		if c.c >= 0 {
			copy(r.frame[c.c], r.state.C)
		}
		for i := range c.nodes {
			if c.nodes[i].Op != "data" {
				c.nodes[i].compute(r.frame, r.frame[i])
			}
		}
		copy(r.state.H, r.frame[c.nextH])
		if c.c >= 0 {
			copy(r.state.C, r.frame[c.nextC])
		}
		copy(output[time*stride:], r.state.H)
		if write == nil {
			continue
		}
		for i, values := range r.frame {
			narrow := r.narrowed[i][:len(values)]
			for k, v := range values {
				narrow[k] = float32(v)
			}
		}
		frame.Step = step
		if err := write(frame); err != nil {
			return fmt.Errorf("write step %d: %w", step, err)
		}
	}
	return nil
}
