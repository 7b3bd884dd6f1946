package kernel

import (
	"fmt"

	"rnnsim/internal/fixed"
)

// GRU is a prepared GRU cell. It is immutable, and safe for concurrent use.
type GRU struct {
	p      GRUParams
	layout Layout
	fused  *fused // nil where the cell takes the general path
	reason string // why it does
}

// NewGRU prepares a cell, under the conditions of NewLSTM.
func NewGRU(p GRUParams) (*GRU, error) {
	if err := p.validate(); err != nil {
		return nil, fmt.Errorf("prepare a GRU cell of %d inputs and %d units: %w", p.Inputs, p.Hidden, err)
	}
	g := &GRU{p: p, layout: newLayout(gruNodes, p.Hidden)}
	var err error
	g.fused, g.reason, err = p.Choice.fuse(func(r *routines) (*fused, string) { return newGRUFused(&g.p, r) })
	return g, err
}

// Trace is the layout of the rows of Sequence.Trace.
func (g *GRU) Trace() Layout { return g.layout }

// Run runs the sequences as LSTM.Run does. Sequence.C must be empty.
func (g *GRU) Run(sequences []Sequence, threads int) error {
	for n := range sequences {
		if _, err := sequences[n].steps(g.p.Inputs, g.p.Hidden, 0, g.layout.Row); err != nil {
			return fmt.Errorf("run sequence %d: %w", n, err)
		}
	}
	if g.fused != nil {
		g.fused.run(sequences, threads)
		return nil
	}
	each(len(sequences), threads, func(n int) { g.runGeneral(&sequences[n]) })
	return nil
}

// Nodes of the products, by gate.
var (
	gruInputNode = [3]int{gruInputI, gruInputF, gruInputG}
	gruStateNode = [3]int{gruStateI, gruStateF, gruStateG}
)

// runGeneral is the general path: node by node, step by step.
func (g *GRU) runGeneral(s *Sequence) {
	p := &g.p
	row := make([]int16, g.layout.Row)
	node := func(n int) []int16 { return row[n*g.layout.Stride:][:p.Hidden] }
	var inputs, states []*Linear
	var inputOut, stateOut [][]int16
	for n := range 3 {
		inputs, inputOut = append(inputs, &p.InputLinear[n]), append(inputOut, node(gruInputNode[n]))
		states, stateOut = append(states, &p.StateLinear[n]), append(stateOut, node(gruStateNode[n]))
	}
	scratch := make([]int16, max(p.Inputs, p.Hidden))
	for t := range len(s.X) / p.Inputs {
		applyAll(inputs, inputOut, s.X[t*p.Inputs:][:p.Inputs], p.Input0, p.CutInPlace, scratch)
		state, position := applyAll(states, stateOut, s.H, p.Input1, p.CutInPlace, scratch)
		for u := range p.Hidden {
			g.unit(u, node, state[u], position)
			s.H[u] = requantize(node(gruHNext)[u], p.HNext, p.Input1)
		}
		if s.Output != nil {
			copy(s.Output[t*p.Hidden:], node(gruHNext))
		}
		if s.Trace != nil {
			copy(s.Trace[t*g.layout.Row:], row)
		}
	}
}

// unit computes the elementwise part of one unit from its sums and its state.
func (g *GRU) unit(u int, node func(int) []int16, state int16, statePosition int) {
	const table = fixed.TablePosition
	p := &g.p
	at := func(n int) *int16 { return &node(n)[u] }
	*at(gruYI) = addAligned(*at(gruInputI), p.InputLinear[GateI].Output, *at(gruStateI), p.StateLinear[GateI].Output, p.Y[GateI])
	*at(gruYF) = addAligned(*at(gruInputF), p.InputLinear[GateF].Output, *at(gruStateF), p.StateLinear[GateF].Output, p.Y[GateF])
	*at(gruIt) = fixed.Sigmoid.Lookup(int64(*at(gruYI)), p.Y[GateI])
	*at(gruFt) = fixed.Sigmoid.Lookup(int64(*at(gruYF)), p.Y[GateF])
	*at(gruItH) = mulAt(*at(gruIt), table, *at(gruStateG), p.StateLinear[GateG].Output, p.ItH)
	*at(gruYG) = addAligned(*at(gruInputG), p.InputLinear[GateG].Output, *at(gruItH), p.ItH, p.Y[GateG])
	*at(gruCct) = fixed.Tanh.Lookup(int64(*at(gruYG)), p.Y[GateG])
	*at(gruFtCct) = mulAt(*at(gruFt), table, *at(gruCct), table, p.FtCct)
	*at(gruCctSub) = subAligned(*at(gruCct), table, *at(gruFtCct), p.FtCct, p.CctSub)
	*at(gruFtH) = mulAt(*at(gruFt), table, state, statePosition, p.FtH)
	*at(gruHNext) = addAligned(*at(gruCctSub), p.CctSub, *at(gruFtH), p.FtH, p.HNext)
}

// Plan says how the cell is run.
func (g *GRU) Plan() Plan { return newPlan(g.fused, g.reason) }
