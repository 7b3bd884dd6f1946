package compile

import (
	"fmt"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// followedCell is a cell whose streams were followed.
type followedCell struct {
	*machine
	*step
	// ahead says that each step saves what it read behind its h, as the first of two directions does; behind is how many blocks of
	// what it read it saves before its h, as the second does.
	ahead  bool
	behind int
	blocks int // of h, with its padding
}

// reading is what a cell is known to read before it is lifted.
type reading struct {
	frames
	layer    int
	backward bool
	position int // of x
}

// view says which values of the frames are the cell's own.
func (r *reading) view(spec *xmodel.CellSpec) xmodel.CellView {
	return xmodel.CellView{
		Graph: spec.Name, Layer: r.layer, Input: r.in.columns, First: r.out.at * isa.ElementwiseWidth, Units: len(r.out.columns), Formats: spec.Formats,
	}
}

// inCell places an error in a cell, if there are several.
func (p *program) inCell(i int, err error) error {
	if len(p.cells) == 1 {
		return err
	}
	return fmt.Errorf("subgraph %q (cell %d): %w", p.compiled.Cells[i].Name, i, err)
}

// followAll follows the streams of all cells.
func (p *program) followAll() ([]*followedCell, error) {
	var list []*followedCell
	overwritten := map[place]bool{}
	for i := range p.cells {
		m := p.machine(i, overwritten)
		var end *isa.Segment
		if i == len(p.cells)-1 {
			end = &p.end
		}
		s, err := m.follow(p.cells[i].first, p.cells[i].loop, end)
		if err != nil {
			return nil, p.inCell(i, err)
		}
		f := &followedCell{machine: m, step: s, blocks: len(s.out[0])}
		f.findHandedOn()
		list = append(list, f)
		for at := range m.places {
			overwritten[at] = overwritten[at] || at.space == ddrSpace
		}
	}
	return list, nil
}

// findHandedOn tells what the frame holds beside h: blocks of x as they were read.
func (f *followedCell) findHandedOn() {
	isInput := func(block int) bool { return f.list[f.out[0][block]].op == opInput }
	for f.behind < len(f.out[0]) && isInput(f.behind) {
		f.behind++
	}
	f.blocks -= f.behind
	for at := f.behind; at < len(f.out[0]); at++ {
		if isInput(at) {
			f.ahead, f.blocks = true, at-f.behind
			return
		}
	}
}

// sizes tells how many values each cell reads and makes. How many a first direction makes is known from the second, whose frame ends
// with its last value; both have the same number.
func (p *program) sizes(followed []*followedCell) ([]size, error) {
	list := make([]size, len(followed))
	layer := -1
	for i, f := range followed {
		second := i > 0 && followed[i-1].ahead
		if second != (f.behind > 0) || second && f.behind != followed[i-1].blocks || f.ahead && i == len(followed)-1 || f.ahead && f.behind > 0 {
			return nil, p.inCell(i, fmt.Errorf("it hands on what it reads (%d blocks before its h) as no second direction of a layer does", f.behind))
		}
		if !second {
			layer++
		}
		list[i].layer = layer
		list[i].hidden = f.cell.SaveH.Values() - f.behind*blockValues
	}
	for i, f := range followed {
		if f.ahead {
			list[i].hidden = list[i+1].hidden
		}
	}
	list[0].input = followed[0].cell.LoadX.Values()
	for i := range list {
		if list[i].hidden < 1 || len32(list[i].hidden, 1)*isa.ElementwiseWidth > followed[i].blocks*blockValues {
			return nil, p.inCell(i, fmt.Errorf("%d values of h do not go with the %d blocks that it saves", list[i].hidden, followed[i].blocks))
		}
	}
	connected, _ := connect(list)
	for i, f := range followed {
		list[i].input = len(connected[i].in.columns)
		c := &connected[i]
		if f.cell.LoadX.Original != c.in.original() || f.cell.SaveH.Original != c.savedOriginal() {
			return nil, p.inCell(i, fmt.Errorf("its register maps have original_size %d and %d; frames that follow the cell before it have %d and %d",
				f.cell.LoadX.Original, f.cell.SaveH.Original, c.in.original(), c.savedOriginal()))
		}
	}
	return list, nil
}
