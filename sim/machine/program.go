package machine

import (
	"errors"
	"fmt"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// program is a compiled model, decoded and held against its target and its register maps.
type program struct {
	target *isa.Target
	core   *isa.Core
	blob   []byte
	cells  []cell
	end    isa.Segment
}

// cell is a layer in one direction: the words of its first step, and of each later one.
type cell struct {
	xmodel.CompiledCell
	init, loop isa.Segment
	// in and out are the areas of a lane's memory that x is read from and h is written to.
	in, out int
	// reversed says that the cell's steps run against time, outReversed that what it saves lies in memory so.
	reversed, outReversed bool
}

// decode reads the streams of a compiled model and checks all that can be known without running them. Errors name the segment, the
// word and the field.
func decode(c *xmodel.Compiled) (*program, error) {
	target, err := isa.TargetNamed(string(c.Target))
	if err != nil {
		return nil, err
	}
	core, err := target.Core(c.Batch)
	if err != nil {
		return nil, err
	}
	p := &program{target: target, core: core, blob: c.Weights}
	switch {
	case len(c.Cells) == 0:
		return nil, errors.New("the model has no cells")
	case len(c.Weights) > isa.BlobSize:
		return nil, fmt.Errorf("the weight blob has %d bytes; the memory map has %d for it", len(c.Weights), isa.BlobSize)
	}
	reversed := false
	for i := range c.Cells {
		read := cell{CompiledCell: c.Cells[i], in: isa.VectorArea, out: isa.ResultArea}
		if i%2 == 1 {
			read.in, read.out = read.out, read.in
		}
		read.reversed = reversed == read.LoadX.Forward
		read.outReversed = read.reversed == read.SaveH.Forward
		reversed = read.outReversed
		if read.init, err = isa.ParseSegment(segmentName("init", i, len(c.Cells)), read.Init); err != nil {
			return nil, err
		}
		if read.loop, err = isa.ParseSegment(segmentName("loop", i, len(c.Cells)), read.Loop); err != nil {
			return nil, err
		}
		p.cells = append(p.cells, read)
	}
	if p.end, err = isa.ParseSegment("end", c.End); err != nil {
		return nil, err
	}
	return p, p.check()
}

// mostWords is how many words there is room for in the memory map, 16 MiB for all segments together [S].
const mostWords = isa.AreaSize / isa.WordSize

// words is how many words all segments have.
func (p *program) words() int {
	n := len(p.end.Words)
	for i := range p.cells {
		n += len(p.cells[i].init.Words) + len(p.cells[i].loop.Words)
	}
	return n
}

// segmentName tells the segments of several cells apart.
func segmentName(name string, cell, cells int) string {
	if cells == 1 {
		return name
	}
	return fmt.Sprintf("%s[%d]", name, cell)
}

// lanes is how many sequences run at once.
func (p *program) lanes() int { return p.core.Batch }

// last is the cell whose segments the end segment completes.
func (p *program) last() *cell { return &p.cells[len(p.cells)-1] }

func (p *program) check() error {
	if n := p.words(); n > mostWords {
		return fmt.Errorf("%d words of instructions; the memory map has room for %d", n, mostWords)
	}
	for i := range p.cells {
		c := &p.cells[i]
		if err := p.checkMaps(c); err != nil {
			return fmt.Errorf("subgraph %q (cell %d): %w", c.Name, i, err)
		}
		if i > 0 && c.LoadX.Aligned != p.cells[i-1].SaveH.Aligned {
			return fmt.Errorf("subgraph %q (cell %d): load_src_reg_0 steps by %d bytes, and the cell before it saves %d a step",
				c.Name, i, c.LoadX.Aligned, p.cells[i-1].SaveH.Aligned)
		}
		for _, s := range []isa.Segment{c.init, c.loop} {
			if err := p.checkSegment(s, c); err != nil {
				return err
			}
		}
	}
	if err := p.checkSegment(p.end, p.last()); err != nil {
		return err
	}
	if n := len(p.end.Words); n == 0 || p.end.Words[n-1].Unit() != isa.EndUnit {
		return fmt.Errorf("segment end: %d words, the last of which must be end: the stream is truncated", n)
	}
	for i := range p.cells { // once every word is known to be sound
		if err := p.checkTransfers(&p.cells[i], i == len(p.cells)-1); err != nil {
			return err
		}
	}
	return nil
}

// checkMaps holds a cell's register maps against the target.
func (p *program) checkMaps(c *cell) error {
	for number, addresses := range [][]uint32{c.XLanes, c.HLanes} {
		if len(addresses) != p.lanes() {
			return fmt.Errorf("load_dst_reg_%d has %d addresses, and there are %d lanes", number, len(addresses), p.lanes())
		}
		for lane, a := range addresses {
			place, err := p.target.Transfer(int(a>>16), p.lanes())
			if err != nil || place != (isa.Place{Kind: isa.VectorBank, Lane: lane}) {
				return fmt.Errorf("load_dst_reg_%d: address %#x of lane %d; it must lie in the lane's vector bank, %#x and on",
					number, a, lane, p.target.TransferBank(isa.Place{Kind: isa.VectorBank, Lane: lane})<<16)
			}
		}
	}
	for _, m := range []struct {
		name string
		t    xmodel.Transfer
	}{{"load_src_reg_0", c.LoadX}, {"load_src_reg_1", c.LoadH}, {"save_dst_reg_1", c.SaveH}} {
		if m.t.Original < 2 || m.t.Original > m.t.Aligned || m.t.Aligned%granule != 0 || m.t.Aligned > isa.AreaSize {
			return fmt.Errorf("%s: original_size %d and aligned_size %d; an aligned size of a multiple of %d bytes is wanted, and room in it",
				m.name, m.t.Original, m.t.Aligned, granule)
		}
	}
	if c.LoadH != c.SaveH {
		return fmt.Errorf("load_src_reg_1 and save_dst_reg_1 differ; h must be read as it was written")
	}
	return nil
}
