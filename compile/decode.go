package compile

import (
	"errors"
	"fmt"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// program is a compiled model, decoded.
type program struct {
	target   *isa.Target
	core     *isa.Core
	compiled *xmodel.Compiled
	cells    []cellProgram
	end      isa.Segment
}

type cellProgram struct{ first, loop isa.Segment }

// decode takes the streams apart and holds every word against the target. Errors name the segment, the word and the field.
func decode(target *isa.Target, c *xmodel.Compiled) (*program, error) {
	core, err := target.Core(c.Batch)
	if err != nil {
		return nil, err
	}
	p := &program{target: target, core: core, compiled: c}
	switch {
	case len(c.Cells) == 0:
		return nil, errors.New("the model has no cells")
	case len(c.Weights) > isa.BlobSize:
		return nil, fmt.Errorf("the weight blob has %d bytes; the memory map has %d for it", len(c.Weights), isa.BlobSize)
	case len(c.Weights)%blockBytes != 0:
		return nil, fmt.Errorf("the weight blob has %d bytes; it is made of blocks of %d", len(c.Weights), blockBytes)
	}
	for i := range c.Cells {
		suffix := ""
		if len(c.Cells) > 1 {
			suffix = fmt.Sprintf("[%d]", i)
		}
		first, err := p.segment("init"+suffix, c.Cells[i].Init, false)
		if err != nil {
			return nil, err
		}
		loop, err := p.segment("loop"+suffix, c.Cells[i].Loop, false)
		if err != nil {
			return nil, err
		}
		if err := p.checkLanes(&c.Cells[i]); err != nil {
			return nil, fmt.Errorf("subgraph %q (cell %d): %w", c.Cells[i].Name, i, err)
		}
		if i > 0 && c.Cells[i].LoadX.Aligned != c.Cells[i-1].SaveH.Aligned {
			return nil, fmt.Errorf("subgraph %q (cell %d): load_src_reg_0 steps by %d bytes, and the cell before it saves %d a step",
				c.Cells[i].Name, i, c.Cells[i].LoadX.Aligned, c.Cells[i-1].SaveH.Aligned)
		}
		p.cells = append(p.cells, cellProgram{first, loop})
	}
	p.end, err = p.segment("end", c.End, true)
	return p, err
}

func (p *program) checkLanes(c *xmodel.CompiledCell) error {
	for _, list := range [][]uint32{c.XLanes, c.HLanes} {
		if len(list) != p.core.Batch {
			return fmt.Errorf("%d lane addresses; there are %d lanes", len(list), p.core.Batch)
		}
	}
	for _, t := range []xmodel.Transfer{c.LoadX, c.LoadH, c.SaveH} {
		if t.Original < 2 || t.Original > t.Aligned || t.Aligned%blockBytes != 0 || t.Aligned > p.target.VectorCapacity {
			return fmt.Errorf("a register map has original_size %d and aligned_size %d; a multiple of %d bytes up to %d is wanted, and room in it",
				t.Original, t.Aligned, blockBytes, p.target.VectorCapacity)
		}
	}
	if c.LoadH != c.SaveH {
		return errors.New("load_src_reg_1 and save_dst_reg_1 differ; h must be read as it was written")
	}
	return nil
}

func (p *program) segment(name string, data []byte, ends bool) (isa.Segment, error) {
	s, err := isa.ParseSegment(name, data)
	if err == nil {
		err = s.Validate(p.target, p.core.Batch)
	}
	if err != nil {
		return s, err
	}
	for n, word := range s.Words {
		if isEnd := word.Unit() == isa.EndUnit; isEnd != (ends && n == len(s.Words)-1) {
			return s, &isa.WordError{Segment: name, Word: n, Err: fieldError("opcode", "end is the last word of segment end, and no other")}
		}
	}
	return s, nil
}

// machine prepares to follow a cell, whose on-chip memory nothing is known of. What earlier cells have overwritten of the blob is not
// known either.
func (p *program) machine(cell int, overwritten map[place]bool) *machine {
	return &machine{
		terms: newTerms(), target: p.target, core: p.core, blob: p.compiled.Weights, cell: &p.compiled.Cells[cell],
		overwritten: overwritten, numbers: map[place]int{},
	}
}
