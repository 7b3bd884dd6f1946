package machine

import "rnnsim/sim/isa"

// span is a range of a bank or of the memory, in bytes from its begin.
type span struct {
	space    space
	from, to int
}

// space is a bank, or the memory.
type space struct {
	memory bool
	place  isa.Place
}

// String gives the bank's name, or "ddr".
func (s space) String() string {
	if s.memory {
		return "ddr"
	}
	return s.place.String()
}

// accesses are what an instruction reads and writes, all lanes together. What it reads of an idle operand is not counted.
type accesses struct{ reads, writes []span }

func (p *program) transferSpan(bank, address, length int) span {
	place, _ := p.target.Transfer(bank, p.lanes()) // checked when the program was decoded
	unit := p.target.TransferUnit
	return span{space{place: place}, address * unit, (address + length) * unit}
}

// registers are the address registers of all lanes.
type registers struct {
	load [2][]int // load_src_reg by number and lane
	save []int    // save_dst_reg_1 by lane
}

// resetRegisters gives the registers as the runtime sets them before a cell runs the given number of steps.
func (p *program) resetRegisters(c *cell, steps int) *registers {
	r := &registers{}
	for _, base := range p.core.LaneBases {
		r.load[isa.RegisterFirst] = append(r.load[isa.RegisterFirst], base+c.in+first(c.LoadX.Forward, c.LoadX.Aligned, steps))
		h := base + c.out + first(c.SaveH.Forward, c.SaveH.Aligned, steps)
		r.load[isa.RegisterState] = append(r.load[isa.RegisterState], h)
		r.save = append(r.save, h)
	}
	return r
}

func first(forward bool, aligned, steps int) int {
	if forward {
		return 0
	}
	return aligned * (steps - 1)
}

// use gives a register's address and steps it.
func use(register *int, r isa.Register) int {
	address := *register
	if r.Op == isa.StepUp {
		*register += r.Step
	} else {
		*register -= r.Step
	}
	return address
}

// accesses steps the registers that the word goes through.
func (p *program) accesses(word isa.Instruction, c *cell, regs *registers) accesses {
	var a accesses
	lanes := func(spans *[]span, kind isa.BankKind, bank, from, to int) {
		for lane := range p.lanes() {
			*spans = append(*spans, span{space{place: isa.Place{Kind: kind, Lane: lane, Index: bank}}, from, to})
		}
	}
	elementwise := func(spans *[]span, bank, address, length int) {
		lanes(spans, isa.ElementwiseBank, bank, address*isa.ElementwiseUnit, (address+length)*isa.ElementwiseUnit)
	}
	switch i := word.(type) {
	case *isa.Load:
		address, to := i.Address, span{}
		if i.Type == 1 {
			r, _ := i.Register()
			address = use(&regs.load[r.Number][r.Lane], r)
			d := c.destination(r)
			to = p.transferSpan(int(d>>16), int(d&0xffff), i.Length)
		} else {
			to = p.transferSpan(i.Bank, i.BankAddress, i.Length)
		}
		a.reads = []span{{space{memory: true}, address, address + i.Length*p.target.TransferUnit}}
		a.writes = []span{to}
	case *isa.Save:
		address := i.Address
		if i.Type == 1 {
			r, _ := i.Register()
			address = use(&regs.save[r.Lane], r)
		}
		a.reads = []span{p.transferSpan(i.Bank, i.BankAddress, i.Length)}
		a.writes = []span{{space{memory: true}, address, address + i.Length*p.target.TransferUnit}}
	case *isa.MatMul:
		for bank := range isa.WeightBanks {
			a.reads = append(a.reads, span{space{place: isa.Place{Index: bank}}, i.WeightAddress * isa.WeightUnit, (i.WeightAddress + i.WeightSize) * isa.WeightUnit})
		}
		lanes(&a.reads, isa.VectorBank, 0, i.VectorAddress*p.target.VectorUnit, (i.VectorAddress+i.VectorLength)*p.target.VectorUnit)
		for k := range p.target.RowsPerBank {
			elementwise(&a.writes, i.ResultBank+k, i.ResultAddress, 1)
		}
	case *isa.Add:
		elementwise(&a.reads, i.ABank, i.AAddress, i.Length)
		elementwise(&a.reads, i.BBank, i.BAddress, i.Length)
		elementwise(&a.writes, i.ResultBank, i.ResultAddress, i.Length)
	case *isa.Activation:
		elementwise(&a.reads, i.InputBank, i.InputAddress, i.Length)
		elementwise(&a.writes, i.ResultBank, i.ResultAddress, i.Length)
	case *isa.Multiply:
		elementwise(&a.reads, i.ABank, i.AAddress, i.Length)
		elementwise(&a.reads, i.BBank, i.BAddress, i.Length)
		elementwise(&a.writes, i.ResultBank, i.ResultAddress, i.Length)
	}
	return a
}

// extents are what the words of all segments can reach.
func (p *program) extents() extents {
	var e extents
	for n := range p.cells {
		c := &p.cells[n]
		segments := []isa.Segment{c.init, c.loop}
		if c == p.last() {
			segments = append(segments, p.end)
		}
		regs := p.resetRegisters(c, 1)
		for _, s := range segments {
			for _, word := range s.Words {
				a := p.accesses(word, c, regs)
				for _, spans := range [][]span{a.reads, a.writes} {
					for _, s := range spans {
						if !s.space.memory {
							e.cover(s.space.place.Kind, s.to/2)
						}
					}
				}
			}
		}
	}
	return e
}
