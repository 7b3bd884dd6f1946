package compile

import (
	"fmt"

	"rnnsim/internal/fixed"
	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// Lifted is what a compiled model computes, as the quantizer would have written it.
type Lifted struct {
	// Model is the cell graphs, ready to be written with xmodel.WriteFile and to be run.
	Model *xmodel.Model
	Cells []LiftedCell
	// View says which values of the compiled model's frames are x and h of the cells, and which are the result: all of them but for
	// layers of two directions, whose cells hand on what they read, and between whose parts there is padding.
	View *xmodel.View
}

// LiftedCell is a cell that was read out of its instructions, and what was proven of it.
type LiftedCell struct {
	// Spec is what the graph was built from. A parameter that cannot act on h, a row of a gate that is always zero for one, is
	// zero in it.
	Spec xmodel.CellSpec
	// Values are the parameters as the blob has them, by label, row-major; Offsets the bytes of the blob that each of them was
	// loaded from, -1 for values that the stream never reads because a whole block of them is zero.
	Values  map[string][]int16
	Offsets map[string][]int32
	Proof   Proof
}

// Proof counts what was shown of a cell. Everything in it holds for every input and every number of steps.
type Proof struct {
	Lanes int
	// Blocks is how many blocks of 16 values of h, of the state, and of the first step's h and state were shown to be the
	// expressions of the cell graph.
	Blocks int
	// Words is how many instruction words were followed.
	Words int
	// PaddedValues is how many values of each lane pad h to whole units; all of them were shown to stay zero.
	PaddedValues int
	// Scratch is the ranges of the weight blob that the program overwrites, in bytes.
	Scratch []Range
}

// Range is bytes From to To-1 of the weight blob.
type Range struct{ From, To int }

// InfoEntry is the format of a tensor as quant_info.json lists it, in section "param" or "output".
type InfoEntry struct {
	Graph, Label string
	Format       fixed.Format
}

// Info lists the formats of all parameters and all nodes, in the order of quant_info.json. The section "input" is empty: weights
// have 16 bits.
func (l *Lifted) Info() (param, output []InfoEntry) {
	for _, c := range l.Cells {
		for _, label := range xmodel.Parameters(c.Spec.Kind, true) {
			param = append(param, InfoEntry{c.Spec.Name, label, c.Spec.Formats[label]})
		}
		for _, n := range xmodel.Nodes(c.Spec.Kind) {
			output = append(output, InfoEntry{c.Spec.Name, n.Label, c.Spec.Formats[n.Label]})
		}
	}
	return param, output
}

// Lift recovers the cell graphs from a compiled model and proves that its streams compute them: what every step saves as h, and
// what it leaves as state, is block by block the graph's expression of x and of the state before; the first step is its
// specialisation to h = c = 0; padding stays zero. Errors name the segment, the word and the block where that does not hold.
func Lift(c *xmodel.Compiled) (*Lifted, error) {
	target, err := isa.TargetNamed(string(c.Target))
	if err != nil {
		return nil, fmt.Errorf("lift: %w", err)
	}
	l, err := liftFor(target, c)
	if err != nil {
		return nil, fmt.Errorf("lift: %w", err)
	}
	return l, nil
}

func liftFor(target *isa.Target, c *xmodel.Compiled) (*Lifted, error) {
	p, err := decode(target, c)
	if err != nil {
		return nil, err
	}
	followed, err := p.followAll()
	if err != nil {
		return nil, err
	}
	cells, err := p.sizes(followed)
	if err != nil {
		return nil, err
	}
	connected, result := connect(cells)
	l := &Lifted{View: &xmodel.View{Columns: result.columns}}
	var graphs []*xmodel.Graph
	position, backward := c.InputPosition, false
	for i, f := range followed {
		backward = backward != !c.Cells[i].LoadX.Forward
		reads := reading{frames: connected[i], layer: cells[i].layer, backward: backward, position: position}
		cell, graph, err := f.lift(p, i, reads)
		if err != nil {
			return nil, p.inCell(i, err)
		}
		l.Cells, graphs = append(l.Cells, *cell), append(graphs, graph)
		l.View.Cells = append(l.View.Cells, reads.view(&cell.Spec))
		second := i > 0 && cells[i-1].layer == cells[i].layer
		if second && f.savedPosition != followed[i-1].savedPosition {
			return nil, p.inCell(i, fmt.Errorf("it saves h at fix position %d beside the other direction's at %d", f.savedPosition, followed[i-1].savedPosition))
		}
		if i+1 == len(cells) || cells[i+1].layer != cells[i].layer {
			position = f.savedPosition
		}
	}
	if position != c.OutputPosition {
		return nil, fmt.Errorf("output_fix2float is %d, and the stream yields h at fix position %d", c.OutputPosition, position)
	}
	l.Model, err = xmodel.NewModel(graphs...)
	if err == nil {
		l.Model.Source = c.Source
	}
	return l, err
}
