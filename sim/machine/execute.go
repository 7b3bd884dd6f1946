package machine

import (
	"slices"

	"rnnsim/sim/isa"
)

// state is what a running program works on.
type state struct {
	*chip
	memory *memory
	regs   *registers
}

// operation is a word made ready to be executed: places are resolved to positions in the chip's slices.
type operation interface{ execute(s *state) }

// prepare resolves a word. It gives nil for END.
func (p *program) prepare(word isa.Instruction, c *cell, e extents) operation {
	at := func(bank, address int) int { return bank*e.elementwise + address*isa.ElementwiseWidth }
	values := func(units int) int { return units * isa.ElementwiseWidth }
	switch i := word.(type) {
	case *isa.Load:
		op := &load{address: i.Address}
		to := p.transferSpan(i.Bank, i.BankAddress, i.Length)
		if i.Type == 1 {
			r, _ := i.Register()
			d := c.destination(r)
			op.register, to = &r, p.transferSpan(int(d>>16), int(d&0xffff), i.Length)
		}
		op.place, op.from, op.to = to.space.place, to.from/2, to.to/2
		return op
	case *isa.Save:
		op := &save{address: i.Address}
		from := p.transferSpan(i.Bank, i.BankAddress, i.Length)
		if i.Type == 1 {
			r, _ := i.Register()
			op.register = &r
		}
		op.place, op.from, op.to = from.space.place, from.from/2, from.to/2
		return op
	case *isa.MatMul:
		columns := i.VectorLength * p.target.VectorUnit / 2
		op := &product{
			vector: i.VectorAddress * p.target.VectorUnit / 2, columns: columns,
			weights: i.WeightAddress * isa.WeightUnit / 2, shift: i.Shift, version: -1,
		}
		for k := range p.target.RowsPerBank {
			op.results = append(op.results, at(i.ResultBank+k, i.ResultAddress))
		}
		return op
	case *isa.Add:
		return &sum{
			a: at(i.ABank, i.AAddress), b: at(i.BBank, i.BAddress), result: at(i.ResultBank, i.ResultAddress),
			n: values(i.Length), shift: i.Shift, minus: i.Sign == 1,
		}
	case *isa.Activation:
		t := sigmoid
		if i.Kind == 1 {
			t = tanh
		}
		return &lookup{
			input: at(i.InputBank, i.InputAddress), result: at(i.ResultBank, i.ResultAddress), n: values(i.Length),
			table: t, shift: i.Shift - t.source.IndexPosition,
		}
	case *isa.Multiply:
		return &multiplication{
			a: at(i.ABank, i.AAddress), b: at(i.BBank, i.BAddress), result: at(i.ResultBank, i.ResultAddress),
			n: values(i.Length), shift: i.Shift,
		}
	}
	return nil
}

// load copies from memory into a bank.
type load struct {
	register *isa.Register // nil: the address is the word's
	address  int
	place    isa.Place
	from, to int
	buffer   []int16
}

func (l *load) execute(s *state) {
	address := l.address
	if l.register != nil {
		address = use(&s.regs.load[l.register.Number][l.register.Lane], *l.register)
	}
	bank := s.bank(l.place)[l.from:l.to]
	if l.place.Kind != isa.WeightBank {
		s.memory.readValues(bank, address)
		return
	}
	// Weights that are loaded again, as at the start of every run, are not taken for new ones.
	if len(l.buffer) != len(bank) {
		l.buffer = make([]int16, len(bank))
	}
	s.memory.readValues(l.buffer, address)
	if !slices.Equal(bank, l.buffer) {
		copy(bank, l.buffer)
		s.weightsChanged()
	}
}

// save copies from a bank into memory.
type save struct {
	register *isa.Register
	address  int
	place    isa.Place
	from, to int
}

func (o *save) execute(s *state) {
	address := o.address
	if o.register != nil {
		address = use(&s.regs.save[o.register.Lane], *o.register)
	}
	s.memory.writeValues(address, s.bank(o.place)[o.from:o.to])
}

// prepareSegment resolves the words of a segment. END, which is nothing to execute, is nil.
func (m *Machine) prepareSegment(s isa.Segment, c *cell) []operation {
	ops := make([]operation, len(s.Words))
	for n, word := range s.Words {
		ops[n] = m.program.prepare(word, c, m.extents)
	}
	return ops
}
