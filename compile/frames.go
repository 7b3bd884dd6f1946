package compile

import (
	"fmt"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// layout is how the frames are laid out that a cell reads or saves: units of 32 values, of which the cell's own, its x or its h,
// begin at one.
type layout struct {
	units int // of a frame
	at    int // unit at which the own values begin
	// columns are the places of the own values, counted from there.
	columns []int
}

// step is the bytes from one frame to the next.
func (l layout) step() int { return l.units * isa.ElementwiseUnit }

// original is the bytes of a frame up to its last value that means something.
func (l layout) original() int {
	return 2 * (l.at*isa.ElementwiseWidth + l.columns[len(l.columns)-1] + 1)
}

// frames says how a cell hands on what others need. A cell reads what the one before it has saved, and nothing else: the forward cell
// of a layer with two directions saves its x behind its h for the backward cell, and that one saves its h behind the forward one's.
type frames struct {
	in, out layout
	// handedOn units of what the cell reads, from its begin on, are saved at unit handedTo.
	handedOn, handedTo int
}

// width is how many columns of x the cell multiplies: its features, and what lies between them.
func (f *frames) width() int { return f.in.columns[len(f.in.columns)-1] + 1 }

// savedOriginal is the bytes of a saved frame up to the last value that means something.
func (f *frames) savedOriginal() int {
	if f.handedTo == 0 {
		return f.out.original() // what is handed on lies before h, if anything is
	}
	return f.handedTo*isa.ElementwiseUnit + f.in.original()
}

// features maps the columns of x, counted from its begin, to its values; -1 is none.
func (f *frames) features() []int {
	list := make([]int, f.width())
	for i := range list {
		list[i] = -1
	}
	for i, column := range f.in.columns {
		list[column] = i
	}
	return list
}

func contiguous(n int) []int {
	columns := make([]int, n)
	for i := range columns {
		columns[i] = i
	}
	return columns
}

// connect lays out the frames of all cells, given how many values each reads and makes, and its layer. The last layout is that of the
// result.
func connect(cells []size) ([]frames, layout) {
	list := make([]frames, len(cells))
	next := layout{units: len32(cells[0].input, 1), columns: contiguous(cells[0].input)}
	for i, s := range cells {
		units, f := len32(s.hidden, 2), &list[i]
		h := layout{units: units, columns: contiguous(s.hidden)}
		switch {
		case i+1 < len(cells) && cells[i+1].layer == s.layer:
			f.in = next
			f.handedOn, f.handedTo = next.units, units
			h.units = units + next.units
			next = layout{units: h.units, at: units, columns: next.columns}
		case i > 0 && cells[i-1].layer == s.layer:
			f.in = next
			before := len32(cells[i-1].hidden, 2)
			f.handedOn = before
			h.units, h.at = before+units, before
			next = layout{units: h.units, columns: contiguous(cells[i-1].hidden)}
			for _, c := range h.columns {
				next.columns = append(next.columns, before*isa.ElementwiseWidth+c)
			}
		default:
			f.in = next
			next = h
		}
		f.out = h
	}
	return list, next
}

// size is what a cell's frames depend on.
type size struct{ layer, input, hidden int }

func sizes(m *xmodel.Model, sources []*source) []size {
	var list []size
	for i, s := range sources {
		list = append(list, size{m.Cells[i].Layer, s.input, s.hidden})
	}
	return list
}

// setSaved says at which position every cell saves its h: that at which the next layer reads it, or its own in the last layer.
func setSaved(m *xmodel.Model, plans []*plan) error {
	for i, p := range plans {
		layer := m.Cells[i].Layer
		p.saved = p.position("h_next")
		for j, other := range plans {
			read := other.position("input_0")
			switch {
			case m.Cells[j].Layer == layer && layer == m.Cells[len(plans)-1].Layer && other.position("h_next") != p.saved:
				return fmt.Errorf("graphs %q and %q yield h at fix positions %d and %d; the two directions of the last layer are saved together, at one position",
					p.name, other.name, p.saved, other.position("h_next"))
			case m.Cells[j].Layer == layer && read != p.position("input_0"):
				return fmt.Errorf("graphs %q and %q read x at fix positions %d and %d; the two directions of a layer read the same frames",
					p.name, other.name, p.position("input_0"), read)
			}
		}
		for j, other := range plans {
			if m.Cells[j].Layer == layer+1 {
				p.saved = other.position("input_0")
			}
		}
	}
	return nil
}

// handOn copies what others need of the frame that was read into the one that is saved. No instruction moves data from the vector
// banks to the elementwise banks: it goes through memory.
func (p *plan) handOn() {
	if p.handedOn == 0 {
		return
	}
	length, bytes := p.handedOn*isa.ElementwiseUnit/p.target.TransferUnit, p.handedOn*isa.ElementwiseUnit
	from := p.xFrame.part(0, length)
	to := p.outFrame.part(p.handedTo, p.handedOn)
	for n := range p.core.Batch {
		p.add(&action{unit: isa.SaveUnit, reads: []access{lane(from, n)}, writes: []access{lane(p.handed, n)}, word: func() isa.Instruction {
			i := &isa.Save{Length: length, Address: p.vectorAddress(p.handed.offset + n*bytes)}
			i.Bank, i.BankAddress = p.transferPlace(from, n)
			return i
		}}, bytes)
	}
	for n := range p.core.Batch {
		p.add(&action{unit: isa.LoadUnit, reads: []access{lane(p.handed, n)}, writes: []access{lane(to, n)}, word: func() isa.Instruction {
			i := &isa.Load{Length: length, Address: p.vectorAddress(p.handed.offset + n*bytes)}
			i.Bank, i.BankAddress = p.transferPlace(to, n)
			return i
		}}, bytes)
	}
}

// spread puts the columns of a matrix to where the values of x lie.
func (p *plan) spread(values []int16) []int16 {
	width := p.width()
	if width == p.input {
		return values
	}
	wide := make([]int16, p.hidden*width)
	for row := range p.hidden {
		for i, column := range p.in.columns {
			wide[row*width+column] = values[row*p.input+i]
		}
	}
	return wide
}
