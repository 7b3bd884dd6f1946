package compile

import (
	"rnnsim/sim/isa"
)

// assemble makes words of the scheduled actions and ties the segments together: init, loop, and the end that follows on the last
// cell. Between segments everything passes through one unit. The last cell's steps begin with a SAVE of h, which waits for the
// instruction that made it, and that one for all others; those of other cells begin with a LOAD of x, which waits for the SAVE of h.
func (p *plan) assemble(initial, loop []*action) ([3]isa.Segment, error) {
	first, each := p.segment("init", initial), p.segment("loop", loop)
	end := isa.Segment{Name: "end"}
	if !p.last {
		for _, s := range []words{first, each} {
			s.last(isa.SaveUnit).By |= isa.LoadUnit.Bit()
		}
		each.first(isa.LoadUnit).On |= isa.SaveUnit.Bit()
	}
	if !p.first {
		first.first(isa.LoadUnit).On |= isa.SaveUnit.Bit()
	}
	if !p.last {
		return [3]isa.Segment{first.Segment, each.Segment, end}, nil
	}
	for _, a := range loop {
		if len(a.writes) != 1 || a.writes[0].resource != p.frame {
			continue
		}
		word := a.word()
		*word.Dependencies() = isa.Depends{}
		end.Words = append(end.Words, word)
	}
	end.Words[len(end.Words)-1].Dependencies().By = isa.EndUnit.Bit()
	end.Words = append(end.Words, &isa.End{Depends: isa.Depends{On: isa.SaveUnit.Bit()}})
	if unit, wanted := p.handsOver(initial, loop); wanted {
		first.last(unit).By |= isa.SaveUnit.Bit()
		each.last(unit).By |= isa.SaveUnit.Bit()
		each.first(isa.SaveUnit).On |= unit.Bit()
		end.Words[0].Dependencies().On |= unit.Bit()
	}
	return [3]isa.Segment{first.Segment, each.Segment, end}, nil
}

// segment makes the words of a segment, with their tokens.
func (p *plan) segment(name string, list []*action) words {
	s := words{isa.Segment{Name: name}}
	for i, d := range synchronize(list) {
		word := list[i].word()
		*word.Dependencies() = d
		s.Words = append(s.Words, word)
	}
	return s
}

// handsOver names the unit whose last instruction the SAVE of h has to wait for. It has to wait for none where another SAVE before
// it has waited already.
func (p *plan) handsOver(segments ...[]*action) (isa.Unit, bool) {
	var unit isa.Unit
	wanted := false
	for _, list := range segments {
		for i, a := range list {
			if !a.last {
				continue
			}
			unit = a.unit
			waited := false
			for _, b := range list[i:] {
				waited = waited || b.unit == isa.SaveUnit && conflict(a, b, access.meets)
			}
			wanted = wanted || !waited
		}
	}
	return unit, wanted
}

// words is a segment that is being put together.
type words struct{ isa.Segment }

// first and last give the masks of a unit's first and last word.
func (w words) first(u isa.Unit) *isa.Depends {
	for _, i := range w.Words {
		if i.Unit() == u {
			return i.Dependencies()
		}
	}
	return nil
}

func (w words) last(u isa.Unit) *isa.Depends {
	var d *isa.Depends
	for _, i := range w.Words {
		if i.Unit() == u {
			d = i.Dependencies()
		}
	}
	return d
}
