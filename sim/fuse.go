package sim

import (
	"errors"
	"fmt"

	"rnnsim/internal/fixed"
	"rnnsim/sim/kernel"
)

// fusedCell is a standard cell that the kernels run as a whole.
type fusedCell struct {
	states int
	cell   interface {
		Run(sequences []kernel.Sequence, threads int) error
		Plan() kernel.Plan
		Trace() kernel.Layout
	}
}

func (f *fusedCell) run(stretches []stretch, threads int) error {
	sequences := make([]kernel.Sequence, len(stretches))
	for i, s := range stretches {
		sequences[i] = f.sequence(s)
	}
	return f.cell.Run(sequences, threads)
}

// trace is run for one stretch, with the nodes that the kernels compute, a row a step.
func (f *fusedCell) trace(s stretch, rows []int16) error {
	sequence := f.sequence(s)
	sequence.Trace = rows
	return f.cell.Run([]kernel.Sequence{sequence}, 1)
}

func (f *fusedCell) sequence(s stretch) kernel.Sequence {
	sequence := kernel.Sequence{X: s.x, H: s.state[0], Output: s.output}
	if f.states == 2 {
		sequence.C = s.state[1]
	}
	return sequence
}

// fuse hands a standard cell to the kernels. Where they cannot take it, unfused says why, and the cell runs node by node.
func (p *program) fuse(inPlace bool, choice kernel.Choice) error {
	if p.unfused = p.unlikeKernels(inPlace); p.unfused != "" {
		return nil
	}
	f := &fusedCell{states: len(p.cell.states)}
	var err error
	switch c := p.standard.(type) {
	case *lstm:
		params := c.params(inPlace)
		params.Choice = choice
		f.cell, err = kernel.NewLSTM(params)
	case *gru:
		params := c.params(inPlace)
		params.Choice = choice
		f.cell, err = kernel.NewGRU(params)
	}
	switch {
	case errors.Is(err, kernel.ErrNotFused):
		p.unfused = err.Error()
		return nil
	case err != nil:
		return fmt.Errorf("graph %q: %w", p.cell.graph, err)
	}
	p.fused = f
	return nil
}

// unlikeKernels says what about the cell is not as the kernels take for granted: 16 bits throughout, the tables' own position
// behind a table, and no value so large that the original's cast to int32 could show.
func (p *program) unlikeKernels(inPlace bool) string {
	switch {
	case p.standard == nil:
		return "the graph is no standard LSTM or GRU cell"
	case inPlace && !p.fitsInt32():
		return "a value may need more than 32 bits where the original casts it to int32"
	}
	for _, n := range p.cell.nodes {
		isTable := n.kind == kindSigmoid || n.kind == kindTanh
		switch {
		case n.kind == kindFix:
			continue
		case n.format.Bits != 16:
			return fmt.Sprintf("node %s has %d bits", n.name, n.format.Bits)
		case isTable && n.format.Position != fixed.TablePosition:
			return fmt.Sprintf("node %s is at position %d, and its table at %d", n.name, n.format.Position, fixed.TablePosition)
		}
	}
	return ""
}

// params describes a linear of the given input.
func (l linear) params(input *node) kernel.Linear {
	p := kernel.Linear{
		Weights: l.matmul.weight.values, WeightFormat: l.matmul.weight.format, Input: input.format, Output: l.matmul.format.Position,
	}
	if l.cut != nil {
		p.Input = l.cut.format
	}
	if b := l.matmul.bias; b != nil {
		p.Bias, p.BiasPosition = b.values, b.format.Position
	}
	return p
}

func (l *lstm) params(inPlace bool) kernel.LSTMParams {
	c := l.cell
	p := kernel.LSTMParams{
		Inputs: c.input.width, Hidden: l.h.width,
		Input0: c.input.format.Position, Input1: c.states[0].format.Position, Input2: c.states[1].format.Position,
		ItCct: l.added.format.Position, FtC: l.kept.format.Position, CNext: l.c.format.Position, HNext: l.h.format.Position,
		CutInPlace: inPlace,
	}
	for i, g := range l.gates {
		p.InputLinear[i], p.StateLinear[i] = g.x.params(c.input), g.h.params(c.states[0])
		p.Y[i] = g.sum.format.Position
	}
	return p
}

func (g *gru) params(inPlace bool) kernel.GRUParams {
	c := g.cell
	p := kernel.GRUParams{
		Inputs: c.input.width, Hidden: g.out.width,
		Input0: c.input.format.Position, Input1: c.states[0].format.Position,
		ItH: g.scaled.format.Position, FtCct: g.dropped.format.Position, CctSub: g.fresh.format.Position,
		FtH: g.kept.format.Position, HNext: g.out.format.Position,
		CutInPlace: inPlace,
	}
	for i, gate := range []gate{g.reset, g.update, {x: g.x, h: g.h, sum: g.sum}} {
		p.InputLinear[i], p.StateLinear[i] = gate.x.params(c.input), gate.h.params(c.states[0])
		p.Y[i] = gate.sum.format.Position
	}
	return p
}
