package kernel

import (
	"fmt"

	"rnnsim/internal/fixed"
)

// LSTM is a prepared LSTM cell. It is immutable, and safe for concurrent use.
type LSTM struct {
	p      LSTMParams
	layout Layout
	fused  *fused // nil where the cell takes the general path
	reason string // why it does
}

// NewLSTM prepares a cell. It keeps the slices of p, which must not change afterwards. The error says what of p is illegal; it
// wraps ErrNotFused where p is legal but has to be run node by node.
func NewLSTM(p LSTMParams) (*LSTM, error) {
	if err := p.validate(); err != nil {
		return nil, fmt.Errorf("prepare an LSTM cell of %d inputs and %d units: %w", p.Inputs, p.Hidden, err)
	}
	l := &LSTM{p: p, layout: newLayout(lstmNodes, p.Hidden)}
	var err error
	l.fused, l.reason, err = p.Choice.fuse(func(r *routines) (*fused, string) { return newLSTMFused(&l.p, r) })
	return l, err
}

// Trace is the layout of the rows of Sequence.Trace.
func (l *LSTM) Trace() Layout { return l.layout }

// Run runs the sequences, each from its own state, on up to the given number of threads (at least one is used). Sequences may
// differ in length. On an error nothing was run.
func (l *LSTM) Run(sequences []Sequence, threads int) error {
	for n := range sequences {
		if _, err := sequences[n].steps(l.p.Inputs, l.p.Hidden, l.p.Hidden, l.layout.Row); err != nil {
			return fmt.Errorf("run sequence %d: %w", n, err)
		}
	}
	if l.fused != nil {
		l.fused.run(sequences, threads)
		return nil
	}
	each(len(sequences), threads, func(n int) { l.runGeneral(&sequences[n]) })
	return nil
}

// runGeneral is the general path: node by node, step by step.
func (l *LSTM) runGeneral(s *Sequence) {
	p := &l.p
	row := make([]int16, l.layout.Row)
	node := func(n int) []int16 { return row[n*l.layout.Stride:][:p.Hidden] }
	var inputs, states []*Linear
	var inputOut, stateOut [][]int16
	for g := range 4 {
		inputs, inputOut = append(inputs, &p.InputLinear[g]), append(inputOut, node(3*g))
		states, stateOut = append(states, &p.StateLinear[g]), append(stateOut, node(3*g+1))
	}
	scratch := make([]int16, max(p.Inputs, p.Hidden))
	for t := range len(s.X) / p.Inputs {
		applyAll(inputs, inputOut, s.X[t*p.Inputs:][:p.Inputs], p.Input0, p.CutInPlace, scratch)
		applyAll(states, stateOut, s.H, p.Input1, p.CutInPlace, scratch)
		for u := range p.Hidden {
			l.unit(u, node, s)
		}
		if s.Output != nil {
			copy(s.Output[t*p.Hidden:], node(lstmHNext))
		}
		if s.Trace != nil {
			copy(s.Trace[t*l.layout.Row:], row)
		}
	}
}

// unit computes the elementwise part of one unit from its sums, and replaces its state.
func (l *LSTM) unit(u int, node func(int) []int16, s *Sequence) {
	const table = fixed.TablePosition
	p := &l.p
	var gate [4]int16
	for g := range 4 {
		y := addAligned(node(3 * g)[u], p.InputLinear[g].Output, node(3*g + 1)[u], p.StateLinear[g].Output, p.Y[g])
		f := fixed.Sigmoid
		if g == GateG {
			f = fixed.Tanh
		}
		gate[g] = f.Lookup(int64(y), p.Y[g])
		node(3*g + 2)[u], node(lstmGates + g)[u] = y, gate[g]
	}
	itCct := mulAt(gate[GateI], table, gate[GateG], table, p.ItCct)
	ftC := mulAt(gate[GateF], table, s.C[u], p.Input2, p.FtC)
	cNext := addAligned(itCct, p.ItCct, ftC, p.FtC, p.CNext)
	cTemp := fixed.Tanh.Lookup(int64(cNext), p.CNext)
	hNext := mulAt(gate[GateO], table, cTemp, table, p.HNext)
	node(lstmItCct)[u], node(lstmFtC)[u], node(lstmCNext)[u] = itCct, ftC, cNext
	node(lstmCTemp)[u], node(lstmHNext)[u] = cTemp, hNext
	s.C[u] = requantize(cNext, p.CNext, p.Input2)
	s.H[u] = requantize(hNext, p.HNext, p.Input1)
}

// Plan says how the cell is run.
func (l *LSTM) Plan() Plan { return newPlan(l.fused, l.reason) }
