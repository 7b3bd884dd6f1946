package compile

import (
	"fmt"
	"slices"

	"rnnsim/xmodel"
)

// lift reads a cell and proves what it reads.
func (f *followedCell) lift(p *program, cell int, reads reading) (*LiftedCell, *xmodel.Graph, error) {
	r, err := f.recover(f.step, reads, len(reads.out.columns))
	if err != nil {
		return nil, nil, err
	}
	spec := r.spec(graphName(r.kind, reads.layer, reads.backward), reads.backward, reads.position)
	g, err := xmodel.Build(spec)
	if err != nil {
		return nil, nil, fmt.Errorf("the shifts of the stream make no cell: %w", err)
	}
	f.savedPosition = spec.Formats["h_next"].Position - r.shift("output rescaled")
	proof := &prover{recovery: r, graph: g}
	proof.Words = len(p.cells[cell].first.Words) + len(p.cells[cell].loop.Words)
	if cell == len(p.cells)-1 {
		proof.Words += len(p.end.Words)
	}
	if err := proof.prove(); err != nil {
		return nil, nil, err
	}
	return &LiftedCell{Spec: spec, Values: r.values, Offsets: r.places, Proof: proof.Proof}, g, nil
}

// prover compares what the stream computes with the cell graph.
type prover struct {
	*recovery
	Proof
	graph *xmodel.Graph
	zero  bool // compare the first step, which reads h = c = 0
}

func (p *prover) prove() error {
	p.Lanes = p.core.Batch
	for lane := range p.Lanes {
		state, err := p.laneState(lane)
		if err != nil {
			return err
		}
		if err := p.compareStep(lane, state, p.step.out[lane], p.next); err != nil {
			return fmt.Errorf("a step after the first: %w", err)
		}
		p.zero = true
		if err := p.compareStep(lane, state, p.out0[lane], p.step.first); err != nil {
			return fmt.Errorf("the first step: %w", err)
		}
		p.zero = false
	}
	p.findScratch()
	return p.provePadding()
}

func zeros(n int) []termID { return make([]termID, n) }

// laneState gives the symbols of a lane's x, h and c. Those of h and c are lane 0's, moved: the places that correspond to one
// another in two lanes are found through what they hold.
func (p *prover) laneState(lane int) (cellState, error) {
	var s cellState
	s.columns = p.reading.in.columns
	for block := range (p.width() + blockValues - 1) / blockValues {
		s.x = append(s.x, p.machine.input(lane, p.firstInput()+block))
	}
	other := p.recovery
	if lane > 0 {
		// The same reading, of the other lane's expressions: it gives that lane's state, and nothing else is taken from it.
		read, err := p.machine.recover(&step{out: p.step.out[lane:], next: p.next}, p.reading, p.hidden)
		if err != nil {
			return s, fmt.Errorf("lane %d: %w", lane, err)
		}
		other = read
	}
	s.h, s.c = slices.Clone(other.h), slices.Clone(other.c)
	for _, list := range [][]termID{s.h, s.c} {
		for i, id := range list {
			if id < 0 {
				list[i] = zeroTerm // nothing depends on it
			}
		}
	}
	return s, nil
}

// compareStep holds h, as the step yields it, and the state that it leaves against the graph. After says what the places of each
// class hold behind the step.
func (p *prover) compareStep(lane int, state cellState, out, after []termID) error {
	reads := state
	if p.zero {
		reads.h, reads.c = zeros(len(state.h)), zeros(len(state.c))
	}
	nodes, err := p.evaluateGraph(p.graph, reads)
	if err != nil {
		return err
	}
	p.nodeOf = map[termID]string{}
	for _, n := range xmodel.Nodes(p.kind) {
		for _, id := range nodes[xmodel.OpName(p.graph.Name, xmodel.Sanitize(n.Label))+"_fix"].blocks {
			p.nodeOf[id] = n.Label
		}
	}
	fix := func(node string) quantity { return nodes[xmodel.OpName(p.graph.Name, node)+"_fix"] }
	h := fix("h_next")
	for block, id := range out {
		want := zeroTerm
		switch own := block - p.firstBlock(); {
		case p.handedOn > 0 && (own < 0 || block >= p.handedTo*unitBlocks && p.handedTo > 0):
			want = p.machine.input(lane, block-p.handedTo*unitBlocks)
		case own < len(h.blocks):
			want = p.rescale(h.blocks[own], p.shift("output rescaled"))
		}
		if err := p.same(lane, "h", block, id, want); err != nil {
			return err
		}
	}
	if err := p.compareState(lane, "h", state.h, after, h, fix("input_1").position); err != nil {
		return err
	}
	if p.kind == xmodel.GRU {
		return nil
	}
	return p.compareState(lane, "c", state.c, after, fix("c_next"), fix("input_2").position)
}

func (p *prover) compareState(lane int, name string, state, after []termID, next quantity, position int) error {
	for block, id := range state {
		e := p.list[id]
		if e.op != opState {
			continue
		}
		want := p.rescale(next.blocks[block], next.position-position)
		if err := p.same(lane, "the "+name+" that the next step reads", block, after[e.index], want); err != nil {
			return err
		}
	}
	return nil
}

func (p *prover) same(lane int, what string, block int, got, want termID) error {
	if got != want {
		return fmt.Errorf("lane %d, values %d to %d of %s: %s", lane, block*blockValues, (block+1)*blockValues-1, what, p.explain(got, want))
	}
	p.Blocks++
	return nil
}
