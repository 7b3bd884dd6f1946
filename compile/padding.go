package compile

import (
	"fmt"
	"slices"
)

// lanesMask is a bit for each value of a block.
type lanesMask uint16

// zeroMask says which values of a term are zero whatever x is, if those of the state's classes are.
func (t *terms) zeroMask(id termID, classes []lanesMask, known map[termID]lanesMask) lanesMask {
	if m, ok := known[id]; ok {
		return m
	}
	var m lanesMask
	e := t.list[id]
	switch e.op {
	case opConstant:
		for i, v := range t.constants[e.index] {
			if v == 0 {
				m |= 1 << i
			}
		}
	case opState:
		m = classes[e.index]
	case opProduct:
		for i, row := range t.rows[e.index].values {
			if !slices.ContainsFunc(row, func(v int16) bool { return v != 0 }) {
				m |= 1 << i
			}
		}
	case opAdd, opSubtract:
		m = t.zeroMask(e.a, classes, known) & t.zeroMask(e.b, classes, known)
	case opMultiply:
		m = t.zeroMask(e.a, classes, known) | t.zeroMask(e.b, classes, known)
	case opRescale, opTanh: // tanh(0) is 0 in the table
		m = t.zeroMask(e.a, classes, known)
	}
	known[id] = m
	return m
}

// provePadding shows by induction that the values which pad h are zero at every step: they are after the first, and a step that
// finds them zero leaves them zero.
func (p *prover) provePadding() error {
	classes := make([]lanesMask, len(p.next))
	known := map[termID]lanesMask{}
	for i, id := range p.step.first {
		classes[i] = p.zeroMask(id, nil, known) // a first step reads no state
	}
	for changed := true; changed; {
		changed = false
		known = map[termID]lanesMask{}
		for i, id := range p.next {
			if m := classes[i] & p.zeroMask(id, classes, known); m != classes[i] {
				classes[i], changed = m, true
			}
		}
	}
	known = map[termID]lanesMask{}
	for lane, frame := range p.step.out {
		blocks := frame[p.firstBlock():][:p.ownBlocks()]
		for block, id := range blocks {
			padding := paddingOf(block, p.hidden)
			for _, out := range []termID{id, p.out0[lane][p.firstBlock()+block]} {
				if missing := padding &^ p.zeroMask(out, classes, known); missing != 0 {
					return fmt.Errorf("lane %d: values that pad h from %d to %d do not stay zero in block %d: %s", lane, p.hidden, len(blocks)*blockValues, block, p.describe(out))
				}
			}
		}
	}
	p.PaddedValues = p.ownBlocks()*blockValues - p.hidden
	return nil
}

// paddingOf marks the values of a block that lie behind the last value of h.
func paddingOf(block, hidden int) lanesMask {
	var m lanesMask
	for i := range blockValues {
		if block*blockValues+i >= hidden {
			m |= 1 << i
		}
	}
	return m
}

// findScratch lists what the program overwrites of the blob. It counts a range once, whatever channel's copy it is in.
func (p *prover) findScratch() {
	var blocks []int
	for at := range p.entry.places {
		if at.space == ddrSpace {
			blocks = append(blocks, at.block)
		}
	}
	slices.Sort(blocks)
	for _, b := range slices.Compact(blocks) {
		from := b * blockBytes
		if n := len(p.Scratch); n > 0 && p.Scratch[n-1].To == from {
			p.Scratch[n-1].To = from + blockBytes
			continue
		}
		p.Scratch = append(p.Scratch, Range{from, from + blockBytes})
	}
}
