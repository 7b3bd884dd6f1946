package machine

import (
	"fmt"

	"rnnsim/sim/isa"
	"rnnsim/xmodel"
)

// granule is what every address in memory and in a bank is a multiple of, in bytes: the smaller of the targets' transfer units.
const granule = 32

func fieldError(field, format string, args ...any) error {
	return &isa.FieldError{Field: field, Err: fmt.Errorf(format, args...)}
}

// checkSegment validates every word, and what it addresses in memory.
func (p *program) checkSegment(s isa.Segment, c *cell) error {
	for n, word := range s.Words {
		err := isa.Validate(word, p.target, p.lanes())
		if err == nil {
			err = p.checkWord(word, c)
		}
		if err == nil && word.Unit() == isa.EndUnit && (s.Name != p.end.Name || n != len(s.Words)-1) {
			err = fieldError("opcode", "end is the last word of segment end, and no other")
		}
		if err != nil {
			return &isa.WordError{Segment: s.Name, Word: n, Err: err}
		}
	}
	return nil
}

func (p *program) checkWord(word isa.Instruction, c *cell) error {
	switch i := word.(type) {
	case *isa.Load:
		if i.Type == 0 {
			return p.checkBlob(i.Address, i.Length)
		}
		r, err := i.Register()
		if err != nil {
			return err
		}
		if err := p.checkRegister(r, i.Length, "load_src", c, c.LoadX); err != nil {
			return err
		}
		destination := int(c.destination(r) & 0xffff)
		if end := (destination + i.Length) * p.target.TransferUnit; end > p.target.VectorCapacity {
			return fieldError("len", "%d units of %d bytes from load_dst_reg_%d on end at byte %d of the vector bank, which has %d",
				i.Length, p.target.TransferUnit, r.Number, end, p.target.VectorCapacity)
		}
	case *isa.Save:
		if i.Type == 0 {
			return p.checkBlob(i.Address, i.Length)
		}
		r, err := i.Register()
		if err != nil {
			return err
		}
		if r.Number != isa.RegisterState {
			return fieldError("ddr_addr", "register save_dst_reg_%d has no register map; save_dst_reg_1 (h) has", r.Number)
		}
		return p.checkRegister(r, i.Length, "save_dst", c, c.SaveH)
	}
	return nil
}

// destination is where a register's LOAD puts what it reads.
func (c *cell) destination(r isa.Register) uint32 {
	if r.Number == isa.RegisterState {
		return c.HLanes[r.Lane]
	}
	return c.XLanes[r.Lane]
}

// checkRegister holds a word against the register map that it goes through; first is the map of register 0.
func (p *program) checkRegister(r isa.Register, length int, name string, c *cell, first xmodel.Transfer) error {
	m := first
	if r.Number == isa.RegisterState {
		m = c.SaveH
	}
	bytes := length * p.target.TransferUnit
	switch {
	case r.Step != m.Aligned:
		return fieldError("ddr_addr", "a step of %d bytes, and aligned_size of register map %s_reg_%d is %d", r.Step, name, r.Number, m.Aligned)
	case (r.Op == isa.StepUp) != m.Forward:
		return fieldError("ddr_addr", "op %d, and dir of register map %s_reg_%d says the other direction", r.Op, name, r.Number)
	case bytes < m.Original || bytes > m.Aligned:
		return fieldError("len", "%d units are %d bytes; register map %s_reg_%d has original_size %d and aligned_size %d", length, bytes, name, r.Number, m.Original, m.Aligned)
	}
	return nil
}

// checkBlob holds a direct address against the copies of the weight blob, which are all of the memory that programs address so.
func (p *program) checkBlob(address, units int) error {
	channel, offset := address/isa.ChannelSize, address%isa.ChannelSize
	end := offset + units*p.target.TransferUnit
	known := false
	for _, c := range p.core.Copies {
		known = known || c == channel
	}
	switch {
	case !known:
		return fieldError("ddr_addr", "%#x is in memory channel %d, and core %d of %s has the weight blob in channels %d",
			address, channel, p.core.Number, p.target.Name, p.core.Copies)
	case address%granule != 0:
		return fieldError("ddr_addr", "%#x is no multiple of %d bytes", address, granule)
	case end > len(p.blob):
		return fieldError("ddr_addr", "%#x: %d bytes from here on end at byte %d of the weight blob, which has %d: the address is outside, or the blob too short",
			address, end-offset, end, len(p.blob))
	}
	return nil
}

// transfers counts what a segment moves through registers, a lane.
type transfers struct{ x, h, out int }

func countTransfers(s isa.Segment, lanes int) []transfers {
	counts := make([]transfers, lanes)
	for _, word := range s.Words {
		switch i := word.(type) {
		case *isa.Load:
			if i.Type == 1 {
				if r, _ := i.Register(); r.Number == isa.RegisterFirst {
					counts[r.Lane].x++
				} else {
					counts[r.Lane].h++
				}
			}
		case *isa.Save:
			if i.Type == 1 {
				r, _ := i.Register()
				counts[r.Lane].out++
			}
		}
	}
	return counts
}

// checkTransfers sees to it that every step reads one x and saves one h of each lane, however many steps there are: registers step
// whenever they are used, so that one word too many would shift all that follows.
func (p *program) checkTransfers(c *cell, last bool) error {
	first, each := countTransfers(c.init, p.lanes()), countTransfers(c.loop, p.lanes())
	after := make([]transfers, p.lanes())
	if last {
		after = countTransfers(p.end, p.lanes())
	}
	for lane := range p.lanes() {
		f, e, a := first[lane], each[lane], after[lane]
		switch {
		case f.x != 1 || e.x != 1 || a.x != 0:
			return fmt.Errorf("segments %s, %s and end load x of lane %d %d, %d and %d times; once, once and never is wanted", c.init.Name, c.loop.Name, lane, f.x, e.x, a.x)
		case f.h != 0 || e.h > 1 || a.h != 0:
			return fmt.Errorf("segments %s, %s and end load h of lane %d %d, %d and %d times; once a loop at most, and nowhere else, is wanted",
				c.init.Name, c.loop.Name, lane, f.h, e.h, a.h)
		case e.out != 1 || f.out+a.out != 1:
			return fmt.Errorf("segments %s, %s and end save h of lane %d %d, %d and %d times; once a loop, and once in one of the other two, is wanted",
				c.init.Name, c.loop.Name, lane, f.out, e.out, a.out)
		}
	}
	return nil
}
