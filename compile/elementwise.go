package compile

import (
	"slices"

	"rnnsim/internal/fixed"
	"rnnsim/sim/isa"
)

// combine adds, subtracts or multiplies two vectors. Where one of them lies in turns in two banks, it takes a word for each unit.
func (p *plan) combine(op operation, name string, a, b *resource, shift int) *resource {
	result := p.vector(name)
	p.combineInto(op, result, a, b, shift)
	return result
}

func (p *plan) combineInto(op operation, result, a, b *resource, shift int) {
	a.root().partners, b.root().partners = append(a.root().partners, b.root()), append(b.root().partners, a.root())
	unit, bits := isa.AddUnit, 6
	if op == opMultiply {
		unit, bits = isa.MultiplyUnit, 8
	}
	p.checkShift(result.name, shift, bits)
	length := p.units
	if a.paired || b.paired {
		length = 1
	}
	for from := 0; from < p.units; from += length {
		p.add(&action{
			unit: unit, reads: []access{span(a, -1, from, from+length), span(b, -1, from, from+length)}, writes: []access{span(result, -1, from, from+length)},
			word: func() isa.Instruction { return p.combineWord(op, result, a, b, shift, from, length) },
		}, length)
	}
}

func (p *plan) combineWord(op operation, result, a, b *resource, shift, from, length int) isa.Instruction {
	aBank, aAddress := a.at(from)
	bBank, bAddress := b.at(from)
	resultBank, resultAddress := result.at(from)
	if op == opMultiply {
		return &isa.Multiply{
			Shift: shift, Length: length, ABank: aBank, AAddress: aAddress, BBank: bBank, BAddress: bAddress, ResultBank: resultBank, ResultAddress: resultAddress,
		}
	}
	i := &isa.Add{
		Addends: 2, Shift: shift, Length: length, ABank: aBank, AAddress: aAddress, BBank: bBank, BAddress: bAddress,
		CBank: p.idleBank(aBank, bBank), ResultBank: resultBank, ResultAddress: resultAddress,
	}
	if op == opSubtract {
		i.Sign = 1
	}
	return i
}

// idleBank is the bank that ADD names as its third operand: of the operands' group, and none of them.
func (p *plan) idleBank(a, b int) int {
	if p.target.Idle != 0 {
		return p.target.Idle
	}
	for _, group := range p.target.Groups {
		if slices.Contains(group, a) {
			for _, bank := range group {
				if bank != a && bank != b {
					return bank
				}
			}
		}
	}
	return 0
}

// activation looks a vector up in a table. What it gives is at position 15, and brought to that of the node.
func (p *plan) activation(op operation, label string, x *resource, position int) *resource {
	result := p.vector(label)
	kind := 0
	if op == opTanh {
		kind = 1
	}
	p.add(&action{
		unit: isa.ActivationUnit, reads: []access{whole(x)}, writes: []access{whole(result)},
		word: func() isa.Instruction {
			return &isa.Activation{
				Kind: kind, Length: p.units, InputBank: x.bank, InputAddress: x.address, ResultBank: result.bank, ResultAddress: result.address, Shift: position,
			}
		},
	}, p.units)
	return p.rescale(result, fixed.TablePosition-p.position(label))
}

// mostSplat is the largest power of two that 16 bits hold.
const mostSplat = 14

// rescale brings a vector to a fix position that is lower by shift, by a product with a power of two.
func (p *plan) rescale(x *resource, shift int) *resource {
	if shift == 0 {
		return x
	}
	result := p.vector(x.name + " rescaled")
	p.rescaleInto(result, x, shift)
	return result
}

func (p *plan) rescaleInto(result, x *resource, shift int) {
	exponent := max(0, -shift)
	if exponent > mostSplat {
		p.fail("%s would have to be shifted left by %d bits; a product with a constant shifts by %d at most: move the fix positions closer together", x.name, exponent, mostSplat)
		exponent = mostSplat
	}
	p.combineInto(opMultiply, result, x, p.splat(x.name, exponent), max(0, shift))
}

// splat gives a vector of a power of two. Every use has its own, by name: one for all would tie the banks of all its partners.
func (p *plan) splat(use string, exponent int) *resource {
	for _, s := range p.splats {
		if s.name == use && s.exponent == exponent {
			return s.resource
		}
	}
	s := splat{p.keptVector(use), exponent}
	p.splats = append(p.splats, s)
	return s.resource
}

// sum adds or subtracts vectors at fix positions of their own. The finer one is brought to the coarser one's position first: exact
// where the result is no finer than both, see alignedSum.
func (p *plan) sum(op operation, label string, a *resource, positionA int, b *resource, positionB int, names [2]string) *resource {
	result := p.vector(label)
	p.sumInto(op, result, label, a, positionA, b, positionB, names)
	return result
}

func (p *plan) sumInto(op operation, result *resource, label string, a *resource, positionA int, b *resource, positionB int, names [2]string) {
	position, coarse := p.position(label), min(positionA, positionB)
	if positionA != positionB && (coarse < position || op == opSubtract && positionB != coarse) {
		p.fail("%s at fix position %d adds up %s at %d and %s at %d: the coarser operand would have to be shifted left by %d bits, which ADD does not, and it may be no coarser than the result",
			label, position, names[0], positionA, names[1], positionB, max(positionA, positionB)-coarse)
		return
	}
	p.combineInto(op, result, p.rescale(a, positionA-coarse), p.rescale(b, positionB-coarse), coarse-position)
}
